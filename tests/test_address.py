"""The lab's host names, a path prefix before its addresses, and framing by pages of other sites."""

from functools import partial
from types import SimpleNamespace

import pytest
from apptest import AppTest
from asking import ask, body, cookies, header
from starlette.applications import Starlette
from starlette.datastructures import Headers
from starlette.middleware import Middleware
from starlette.responses import HTMLResponse, PlainTextResponse
from starlette.routing import Mount, Route, WebSocketRoute
from starlette.staticfiles import StaticFiles
from streamlit import config, runtime
from streamlit.web.server.starlette.starlette_websocket import StarletteSessionClient

from lab.course.key import TeachersKey
from lab.settings import FRAME_ANCESTORS
from lab.ui import follow, texts
from lab.ui.address import OwnRedirects, base_path, below_base
from lab.ui.cookie import COOKIE, HEADER, cookie_name
from lab.ui.door import Door
from lab.ui.framing import Framing
from lab.ui.parts import parts
from lab.ui.server import AT_THE_DOOR, MIDDLEWARE
from lab.ui.teacher import access
from lab.ui.uploads import OwnUploads

ME, OTHER = "1" * 32, "2" * 32
TLS = {"x-forwarded-proto": "https"}
LMS = "https://moodle.example.edu"
IN_LMS = {"sec-fetch-dest": "iframe", "sec-fetch-site": "cross-site", "referer": f"{LMS}/course", **TLS}


async def page(_):
    response = HTMLResponse("<html>the lab</html>")
    response.set_cookie("_streamlit_xsrf", "x")
    return response


async def plain(_):
    response = PlainTextResponse("ok")
    response.set_cookie("_streamlit_xsrf", "x")
    return response


async def stream(socket):
    await socket.accept()
    await socket.close()


def app(middleware=(*AT_THE_DOOR, *MIDDLEWARE), base=""):
    core = [Route(f"{base}/_stcore/{{path:path}}", plain, methods=["GET", "PUT", "DELETE"])]
    core += [WebSocketRoute(f"{base}/_stcore/stream", stream)]
    pages = [Route("/{path:path}", page)]
    return Starlette(
        routes=[*below_base(access.ROUTES), *core, Mount(base, routes=pages) if base else pages[0]],
        middleware=middleware,
    )


@pytest.fixture
def option(monkeypatch):
    """Return a function that sets Streamlit's options."""
    given, before = {"server.allowedHosts": ["lab.example.org"]}, config.get_option
    monkeypatch.setattr(config, "get_option", lambda name: given[name] if name in given else before(name))
    return given.__setitem__


# --- the names of the lab


@pytest.mark.parametrize(
    "host", ["evil.example.org", "lab.example.org.evil.org", "lab.example.org@evil.org", "127.0.0.1", ""]
)
def test_under_a_name_that_is_not_the_labs_there_is_no_page_no_cookie_and_no_websocket(option, host):
    sent = ask(app(), host=host)
    assert (sent[0]["status"], cookies(sent)) == (421, [])
    assert "server.allowedHosts" in body(sent)
    assert "the lab</html>" not in body(sent)
    assert ask(app(), "websocket", path="/_stcore/stream", host=host) == [{"type": "websocket.close", "code": 1008}]


def test_a_container_may_ask_itself_whether_it_is_well_and_gets_no_cookie(option):
    sent = ask(app(), path="/_stcore/health", host="127.0.0.1:8501")
    assert (sent[0]["status"], body(sent), cookies(sent)) == (200, "ok", [])
    sent = ask(app(), path="/_stcore/health", host="lab.example.org:8501")
    assert (sent[0]["status"], len(cookies(sent))) == (200, 1)


@pytest.mark.parametrize("base", ["", "/lab"])
def test_of_streamlits_own_addresses_only_those_that_pages_need_are_there(option, base):
    option("server.baseUrlPath", base)
    for name in ("health", "host-config", "bidi-components/x/y.js"):
        assert ask(app(base=base), path=f"{base}/_stcore/{name}")[0]["status"] == 200
    for name in ("metrics", "metrics/", "agent/mcp", "script-health-check", "", "healthy"):
        assert ask(app(base=base), path=f"{base}/_stcore/{name}")[0]["status"] == 404
    assert ask(app(base=base), "websocket", path=f"{base}/_stcore/stream")[0]["type"] == "websocket.accept"
    assert ask(app(base=base), "websocket", path=f"{base}/_stcore/other")[0]["type"] == "websocket.close"


# --- below a path


@pytest.mark.parametrize(("given", "path"), [("", ""), ("lab", "/lab"), ("/lab/", "/lab"), ("a/b", "/a/b"), (None, "")])
def test_the_path_before_each_address(option, given, path):
    option("server.baseUrlPath", given)
    assert base_path() == path
    found = below_base([*follow.ROUTES, *texts.ROUTES, *access.ROUTES])
    assert [route.path for route in found] == [
        f"{path}/lab/{name}" for name in ("changes/{channel}", "texts/{name}", "teacher", "teacher/leave")
    ]
    assert found[1].methods >= {"GET", "POST"}


def test_two_labs_on_one_host_have_cookies_of_their_own(option):
    option("server.baseUrlPath", "lab")
    [own] = [each for each in cookies(ask(app(base="/lab"), path="/lab/", **TLS)) if COOKIE in each]
    assert own.startswith(f"__Secure-{COOKIE}=")
    assert {"Path=/lab", "Secure", "HttpOnly", "SameSite=Lax"} <= set(own.split("; "))
    [own] = [each for each in cookies(ask(app(base="/lab"), path="/lab/")) if COOKIE in each]
    assert own.startswith(f"{COOKIE}=")
    assert "Path=/lab" in own.split("; ")
    [known] = cookies(ask(app(base="/lab"), path="/lab/", cookie=f"__Secure-{COOKIE}={ME}", **TLS))
    assert known.startswith("_streamlit_xsrf")


def test_a_page_without_its_last_slash_leads_on_by_the_scheme_and_name_that_the_browser_has():
    slashes = Starlette(routes=[Mount("/lab", routes=[Route("/", page)])], middleware=[Middleware(OwnRedirects)])
    sent = ask(slashes, path="/lab", query="a=b", host="lab.example.org:8443")
    assert (sent[0]["status"], header(sent, "location")) == (307, ["/lab/?a=b"])


@pytest.mark.parametrize(
    ("there", "told"),
    [
        ("https://elsewhere.org/x", "https://elsewhere.org/x"),
        ("../x", "../x"),
        ("http://lab.example.org//evil.org", "/evil.org"),
        ("http://lab.example.org", "/"),
    ],
)
def test_other_ways_on_stay_as_they_are(there, told):
    async def leads(scope, receive, send):
        await PlainTextResponse("", 303, headers={"location": there})(scope, receive, send)

    assert header(ask(OwnRedirects(leads)), "location") == [told]


@pytest.mark.parametrize(
    ("path", "told"), [("/", "./"), ("/schema", "./schema"), ("/lab/schema", "./schema"), ("//evil.org", "./evil.org")]
)
def test_who_goes_on_under_another_id_stays_on_the_page_below_any_path(path, told):
    sent = ask(
        app(MIDDLEWARE), path=path, query=f"go-on={parts().id_tickets.issue(ME, OTHER)}", cookie=f"{COOKIE}={ME}"
    )
    assert (sent[0]["status"], header(sent, "location")) == (303, [told])
    assert f"{COOKIE}={OTHER}" in cookies(sent)[-1]


def test_the_ways_of_the_teacher_are_seen_from_where_they_stand(monkeypatch, option):
    monkeypatch.setattr(parts(), "key", TeachersKey())
    made = parts().key.tell()
    option("server.baseUrlPath", "lab")
    said = body(ask(app(base="/lab"), path="/lab/lab/teacher"))
    assert 'action="teacher"' in said
    assert 'href="../"' in said
    sent = ask(app(base="/lab"), path="/lab/lab/teacher", query=f"key={made}", **TLS)
    assert header(sent, "location") == ["../class-board"]
    [given] = [each for each in cookies(sent) if "teacher" in each]
    assert given.startswith("__Secure-lab_teacher=")
    assert {"Path=/lab", "SameSite=Strict"} <= set(given.split("; "))
    sent = ask(app(base="/lab"), path="/lab/lab/teacher/leave", cookie=given.partition(";")[0], **TLS)
    assert header(sent, "location") == ["../../"]
    [taken] = [each for each in cookies(sent) if "teacher" in each]
    assert {"Path=/lab", "Max-Age=0"} <= set(taken.split("; "))


# --- in a page of another site


def test_without_the_setting_a_page_of_another_site_shows_a_sentence_and_a_link_and_no_cookie_is_given():
    for dest in ("iframe", "frame", "embed", "object"):
        sent = ask(app(MIDDLEWARE_IN_PLACE), **IN_LMS | {"sec-fetch-dest": dest})
        assert (sent[0]["status"], cookies(sent)) == (200, [])
        assert '<a href="" target="_blank">' in body(sent)
        assert "the lab</html>" not in body(sent)


# The check of host names is left out here.
MIDDLEWARE_IN_PLACE = [Middleware(Framing), *MIDDLEWARE]
in_place = partial(ask, app(MIDDLEWARE_IN_PLACE))


@pytest.mark.parametrize(
    "headers",
    [
        {},
        TLS,
        {"sec-fetch-dest": "document", "sec-fetch-site": "cross-site", "referer": f"{LMS}/"},
        {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-site", "referer": "https://portal.example.org/"},
        {"sec-fetch-dest": "iframe", "sec-fetch-site": "same-origin"},
        {"sec-fetch-dest": "iframe"},
    ],
)
def test_elsewhere_the_lab_is_shown_as_ever(headers):
    sent = in_place(**headers)
    assert "the lab</html>" in body(sent)
    assert header(sent, "content-security-policy") == []
    assert "SameSite=Lax" in cookies(sent)[-1]


def test_with_the_setting_the_lab_is_shown_there_with_cookies_for_there(monkeypatch):
    monkeypatch.setenv(FRAME_ANCESTORS, LMS)
    sent = in_place(**IN_LMS)
    assert "the lab</html>" in body(sent)
    assert header(sent, "content-security-policy") == [f"frame-ancestors 'self' {LMS}"]
    xsrf, own = cookies(sent)
    for cookie in (xsrf, own):
        parts = cookie.split("; ")
        assert {"SameSite=None", "Secure", "Partitioned", "Path=/"} <= set(parts)
        assert len([part for part in parts if part.lower().startswith(("samesite", "secure", "partitioned"))]) == 3
    assert own.startswith(f"__Host-{COOKIE}=")
    assert "HttpOnly" in own
    # Without TLS, browsers reject such cookies.
    assert "SameSite=Lax" in cookies(in_place())[-1]


def test_with_the_setting_pages_of_other_origins_still_send_nothing(monkeypatch):
    monkeypatch.setenv(FRAME_ANCESTORS, LMS)
    assert in_place(method="PUT", origin=LMS, **TLS)[0]["status"] == 403
    assert in_place("websocket", path="/_stcore/stream", origin=LMS, **TLS)[0]["type"] == "websocket.close"


@pytest.mark.parametrize("site", ["cross-site", "same-site"])
def test_with_the_setting_a_site_that_is_not_listed_shows_the_sentence(monkeypatch, site):
    monkeypatch.setenv(FRAME_ANCESTORS, LMS)
    for referer in (
        "https://evil.org/",
        f"{LMS}.evil.org/",
        "https://moodle.example.edu:8443/",
        f"https://u@{LMS[8:]}/",
    ):
        assert "tab of its own" in body(in_place(**IN_LMS | {"referer": referer, "sec-fetch-site": site}))
    # If the request does not say which page frames it, the browser enforces frame-ancestors.
    unsaid = in_place(**IN_LMS | {"referer": "", "sec-fetch-site": site})
    assert header(unsaid, "content-security-policy") == [f"frame-ancestors 'self' {LMS}"]
    # Links within the lab work.
    assert "the lab</html>" in body(in_place(**IN_LMS | {"referer": "https://x.org/", "sec-fetch-site": "same-origin"}))


def test_the_teachers_door_is_shown_in_no_page(monkeypatch):
    monkeypatch.setenv(FRAME_ANCESTORS, LMS)
    [policy] = header(in_place(path="/lab/teacher", **TLS), "content-security-policy")
    assert "frame-ancestors 'none'" in policy
    assert LMS not in policy


@pytest.mark.parametrize("ancestors", ["", LMS])
def test_a_cookie_from_before_the_setting_or_after_it_gives_way(monkeypatch, ancestors):
    monkeypatch.setenv(FRAME_ANCESTORS, ancestors)
    name = cookie_name(COOKIE, secure=True)
    ticket = parts().id_tickets.issue(ME, OTHER)
    gone, given = cookies(in_place(query=f"go-on={ticket}", cookie=f"{name}={ME}", path="/schema", **TLS))
    assert gone.startswith(f"{name}=; ")
    assert "Max-Age=0" in gone
    assert ("Partitioned" in gone, "Partitioned" in given) == (not ancestors, bool(ancestors))
    assert given.startswith(f"{name}={OTHER}")


def test_a_page_that_the_browser_has_already_brings_the_policy_and_the_cookie_too(monkeypatch, tmp_path):
    monkeypatch.setenv(FRAME_ANCESTORS, LMS)
    (tmp_path / "index.html").write_text("<html>the lab</html>", encoding="utf-8")
    files = Starlette(routes=[Mount("/", StaticFiles(directory=tmp_path, html=True))], middleware=MIDDLEWARE_IN_PLACE)
    [tag] = header(ask(files, path="/"), "etag")
    asked = {"path": "/", "if-none-match": tag}
    known = ask(files, **asked, cookie=f"{COOKIE}={ME}")
    assert (known[0]["status"], cookies(known)) == (304, [])
    assert header(known, "content-security-policy") == [f"frame-ancestors 'self' {LMS}"]
    # A browser that has lost the cookie but still has the page cached gets a new cookie.
    lost = ask(files, **asked)
    assert (lost[0]["status"], len(cookies(lost))) == (200, 1)


def draws_forgetful():
    from lab.ui.notice import forgetful  # noqa: PLC0415 - it is run by itself

    forgetful()


@pytest.mark.parametrize(
    ("headers", "warned"), [({"Host": "lab.example.org"}, 1), ({"Host": "x", HEADER: ME}, 0), ({}, 0)]
)
def test_whose_browser_keeps_no_cookie_is_told_before_working_in_vain(monkeypatch, headers, warned):
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.headers", property(lambda _: Headers(headers)))
    page = AppTest.from_function(draws_forgetful, default_timeout=60).run()
    assert len(page.warning) == warned
    assert all("your work is gone" in each.value for each in page.warning)
    assert not page.exception


# --- uploads


@pytest.fixture
def session(monkeypatch):
    """A connected session of a page of ME's."""
    client = object.__new__(StarletteSessionClient)
    client._client_context = SimpleNamespace(headers=[("Host", "x"), (HEADER, ME)])
    connected = {"s1": client, "s2": None}
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(
        runtime, "get_instance", lambda: SimpleNamespace(get_client=connected.get, uploaded_file_mgr=None)
    )


@pytest.mark.parametrize("method", ["PUT", "DELETE"])
@pytest.mark.parametrize("base", ["", "/lab"])
def test_into_a_session_only_its_own_learner_puts_a_file(session, option, method, base):
    option("server.baseUrlPath", base)

    def status(name, who):
        headers = {"content-length": "1"} | ({"cookie": f"{COOKIE}={who}"} if who else {})
        return ask(app(base=base), method=method, path=f"{base}/_stcore/upload_file/{name}/f", **headers)[0]["status"]

    assert status("s1", ME) == 200
    assert [status("s1", OTHER), status("s1", ""), status("s2", ME), status("nobody", ME)] == [403] * 4


def test_a_file_for_a_session_without_a_learner_is_nobodys(session, monkeypatch):
    client = object.__new__(StarletteSessionClient)
    client._client_context = SimpleNamespace(headers=[])
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(get_client=lambda _: client))
    found = ask(OwnUploads(PlainTextResponse("taken")), method="PUT", path="/_stcore/upload_file/s1/f")
    assert found[0]["status"] == 403
    assert "Reload it" in body(found)


def test_what_is_no_request_passes():
    seen = []

    async def inner(scope, *_):
        seen.append(scope["type"])

    for around in (Door, OwnRedirects, Framing, OwnUploads):
        ask(around(inner), "lifespan")
    assert seen == ["lifespan"] * 4
