"""The checks of a request: whose cookie it has, and which page has sent it."""

from functools import partial

import asking
import pytest
from asking import body, cookies
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route, WebSocketRoute

from lab.ui.cookie import COOKIE, HEADER
from lab.ui.server import MIDDLEWARE

SECURE_COOKIE = f"__Host-{COOKIE}"
ME, OTHER = "1" * 32, "2" * 32
TLS = {"x-forwarded-proto": "https"}


async def page(request):
    response = HTMLResponse(f"<html>{request.headers.get(HEADER)}</html>")
    response.set_cookie("_streamlit_xsrf", "x")
    return response


async def stream(socket):
    await socket.accept()
    await socket.send_text(str(socket.headers.get(HEADER)))
    await socket.close()


APP = Starlette(
    routes=[Route("/{path:path}", page, methods=["GET", "PUT", "POST"]), WebSocketRoute("/stream", stream)],
    middleware=MIDDLEWARE,
)


ask = partial(asking.ask, APP)


# --- the cookie


@pytest.mark.parametrize(
    ("scheme", "headers"), [("http", TLS), ("https", {}), ("http", {"x-forwarded-proto": "HTTPS, http"})]
)
def test_behind_tls_the_cookie_is_for_tls_and_this_host_alone(scheme, headers):
    xsrf, own = cookies(ask(scheme=scheme, **headers))
    assert own.startswith(f"{SECURE_COOKIE}=")
    # The prefix of the name requires these attributes: otherwise a browser rejects the cookie.
    assert "Secure" in own.split("; ")
    assert "Path=/" in own.split("; ")
    assert "Domain" not in own
    assert "HttpOnly" in own.split("; ")
    assert xsrf.startswith("_streamlit_xsrf=")
    assert "Secure" in xsrf.split("; ")


def test_on_this_machine_without_tls_it_works_as_it_is():
    xsrf, own = cookies(ask())
    assert own.startswith(f"{COOKIE}=")
    assert "Secure" not in own + xsrf
    assert "lab_learner" not in " ".join(cookies(ask(cookie=f"{COOKIE}={ME}")))


def test_behind_tls_a_cookie_that_a_neighbour_in_the_domain_has_set_counts_for_nothing():
    sent = ask(cookie=f"{COOKIE}={ME}", **TLS)
    assert ME not in body(sent)
    assert any(cookie.startswith(SECURE_COOKIE) for cookie in cookies(sent))
    sent = ask(cookie=f"{COOKIE}={ME}; {SECURE_COOKIE}={OTHER}", **TLS)
    assert OTHER in body(sent)
    assert "lab_learner" not in " ".join(cookies(sent))


@pytest.mark.parametrize("kind", ["http", "websocket"])
def test_nobody_says_by_a_header_of_their_own_who_they_are(kind):
    said = ask(kind, **{HEADER: ME, "cookie": f"{COOKIE}={OTHER}"})
    assert (body(said) if kind == "http" else said[1]["text"]).count(OTHER) == 1
    said = ask(kind, **{HEADER: ME})
    assert ME not in (body(said) if kind == "http" else said[1]["text"])


# --- the origin


OWN = [
    {"origin": "http://lab.example.org"},
    {"origin": "http://lab.example.org:80"},
    {"origin": "http://LAB.example.org"},
    {"origin": "https://lab.example.org", **TLS},
    {"origin": "https://lab.example.org", "host": "lab.example.org:443", **TLS},
    # A TLS proxy that does not set the header.
    {"origin": "https://lab.example.org"},
    {"origin": "http://localhost:8501", "host": "localhost:8501"},
    {"origin": "http://[::1]:8501", "host": "[::1]:8501"},
    # No origin, so no browser: a program has no other person's cookie.
    {},
]
FOREIGN = [
    {"origin": "http://lab.example.org:8080"},
    {"origin": "https://lab.example.org:8443", **TLS},
    {"origin": "http://lab.example.org", **TLS},
    {"origin": "http://localhost:3000", "host": "localhost:8501"},
    {"origin": "http://127.0.0.1:8501", "host": "localhost:8501"},
    {"origin": "http://localhost", "host": "lab.example.org"},
    {"origin": "https://evil.example.org", **TLS},
    {"origin": "http://lab.example.org.evil.org"},
    {"origin": "http://lab.example.org:x"},
    {"origin": "null"},
    {"origin": ""},
    {"origin": "file://lab.example.org"},
]


@pytest.mark.parametrize("headers", OWN)
def test_the_labs_own_pages_are_answered(headers):
    assert ask("websocket", **headers)[0]["type"] == "websocket.accept"
    assert ask(method="PUT", **headers)[0]["status"] == 200


@pytest.mark.parametrize("headers", FOREIGN)
def test_pages_of_another_origin_open_no_websocket_and_send_nothing(headers):
    assert ask("websocket", **headers) == [{"type": "websocket.close", "code": 1008}]
    assert ask(method="PUT", **headers)[0]["status"] == 403
    assert ask(method="POST", **headers)[0]["status"] == 403
    # Following a link from there is allowed.
    assert ask(**headers)[0]["status"] == 200


def test_an_origin_that_the_deployment_names_is_answered(monkeypatch):
    named = {"server.corsAllowedOrigins": ["https://portal.example.org"]}
    monkeypatch.setattr("streamlit.config.get_option", named.get)
    assert ask("websocket", origin="https://portal.example.org")[0]["type"] == "websocket.accept"
