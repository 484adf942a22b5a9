"""Switching to another id: a ticket is valid once, for a while, in the browser that it was issued to."""

import asyncio
from urllib.parse import urljoin, urlsplit

import pytest
from clocks import Clock
from starlette.applications import Starlette
from starlette.responses import HTMLResponse
from starlette.routing import Route

from lab.ui.cookie import COOKIE
from lab.ui.id_tickets import PARAMETER, TICKET_SECONDS, IdTickets
from lab.ui.parts import parts
from lab.ui.server import MIDDLEWARE

ME, OTHER, THIRD = "1" * 32, "2" * 32, "3" * 32


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def tickets(clock):
    return IdTickets(clock)


def test_a_ticket_is_good_once(tickets):
    ticket = tickets.issue(ME, OTHER)
    assert tickets.redeem(ticket, ME) == OTHER
    assert tickets.redeem(ticket, ME) is None


@pytest.mark.parametrize("learner_id", [OTHER, THIRD, None, ""])
def test_a_ticket_is_of_no_use_in_another_browser(tickets, learner_id):
    ticket = tickets.issue(ME, OTHER)
    assert tickets.redeem(ticket, learner_id) is None
    # The attempt also uses up the ticket.
    assert tickets.redeem(ticket, ME) is None


def test_a_ticket_does_not_last(tickets, clock):
    ticket = tickets.issue(ME, OTHER)
    clock.now += TICKET_SECONDS + 1
    assert tickets.redeem(ticket, ME) is None
    tickets.issue(ME, OTHER)
    assert len(tickets._tickets) == 1


APP = Starlette(routes=[Route("/{path:path}", lambda _: HTMLResponse("<html></html>"))], middleware=MIDDLEWARE)


def get(path, query="", learner_id=None):
    """Return status and headers of the answer to a browser, with or without a cookie."""
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    headers = [(b"host", b"localhost"), *([(b"cookie", f"{COOKIE}={learner_id}".encode())] if learner_id else [])]
    scope = {"type": "http", "method": "GET", "path": path, "query_string": query.encode(), "headers": headers}
    scope |= {"scheme": "http", "server": ("localhost", 80), "root_path": "", "http_version": "1.1"}
    asyncio.run(APP(scope, receive, send))
    return sent[0]["status"], {name.decode(): value.decode() for name, value in sent[0]["headers"]}


def test_a_browser_becomes_another_learner_and_the_ticket_leaves_its_address():
    status, headers = get("/schema", f"{PARAMETER}={parts().id_tickets.issue(ME, OTHER)}", ME)
    assert (status, headers["location"]) == (303, "./schema")
    assert headers["set-cookie"].startswith(f"{COOKIE}={OTHER}; ")
    assert "HttpOnly" in headers["set-cookie"]


def test_a_link_of_somebody_else_changes_nothing():
    status, headers = get("/", f"{PARAMETER}={parts().id_tickets.issue(ME, OTHER)}", THIRD)
    assert status == 303
    assert "set-cookie" not in headers
    assert "set-cookie" not in get("/", f"{PARAMETER}=nonsense", THIRD)[1]


def test_a_ticket_leads_to_no_other_site():
    for path in ("//example.org/", "/\\example.org", "//example.org/schema"):
        there = urljoin(f"http://lab{path}", get(path, f"{PARAMETER}=nonsense")[1]["location"].replace("\\", "/"))
        assert urlsplit(there).netloc == "lab"


def test_a_new_browser_gets_an_id_of_its_own():
    ids = {get("/")[1]["set-cookie"].partition(";")[0] for _ in range(2)}
    assert len(ids) == 2
    assert "set-cookie" not in get("/", learner_id=ME)[1]
