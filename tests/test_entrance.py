"""Who gets a place on a server for many; a learner on their own machine notices nothing of this."""

import asyncio
import re
from contextlib import suppress
from pathlib import Path

import pytest
from clocks import Clock
from streamlit import config
from streamlit.web.server.starlette.starlette_server import _get_uvicorn_config_kwargs
from uvicorn.middleware.proxy_headers import ProxyHeadersMiddleware

from lab.course.classroom import SHORT_GRACE_SECONDS, Classroom
from lab.course.entrance import WINDOW_SECONDS, WRONG_CODES, StrangerError, network_of
from lab.course.waiting import WaitError
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.settings import CLASS_CODE, MAX_LEARNERS, PER_ADDRESS, STORE, read_settings
from lab.ui.server import is_public

COMPOSE = Path(__file__).resolve().parent.parent / "compose.yaml"
ATTACKER, HOME = "203.0.113.9", "198.51.100.7"


def cookie(number):
    return f"{number:032x}"


@pytest.fixture
def room_with(tmp_path, monkeypatch):
    """Return a function that makes classrooms of 26 places on a server for many; their Spark is never started."""
    monkeypatch.setenv(STORE, f"sqlite:///{tmp_path}/lab.sqlite")
    rooms = []

    def room(clock=None, *, public=True, **environment):
        rooms.append(
            Classroom(Engine(), clock or Clock(), settings=lambda: read_settings({MAX_LEARNERS: "26", **environment}))
        )
        rooms[-1].entrance.is_public = public
        return rooms[-1]

    yield room
    for room in rooms:
        room.close()


def come(room, number, address, name="Ada"):
    room.admit(cookie(number), Identity(name), address)
    return room.enter(cookie(number), address)


def test_cookies_alone_take_nobodys_place(room_with):
    room = room_with()
    for number in range(100):
        with pytest.raises(StrangerError):
            room.enter(cookie(number), ATTACKER)
    assert room._taken() == 0
    assert not any(room.knows(cookie(number)) for number in range(100))
    assert come(room, 200, HOME)


def test_who_makes_up_names_leaves_half_of_the_places_to_others_for_as_long_as_they_like(room_with):
    clock = Clock()
    room = room_with(clock)
    theirs = []
    for number in range(100):
        clock.now += WINDOW_SECONDS / 10
        for learner in theirs:
            room.seen(learner)
        with suppress(LabError):
            theirs.append(come(room, number, ATTACKER, f"Name {number}"))
    assert len(theirs) == 13
    others = [come(room, 200 + number, f"198.51.100.{number}") for number in range(13)]
    # The attacker's waiting learners do not block others in the line.
    with pytest.raises(WaitError, match=r"26 places of this lab are taken\. You are the first in line"):
        come(room, 300, HOME)
    # Learners whose pages are closed give up their places.
    clock.now += SHORT_GRACE_SECONDS + 1
    for learner in others:
        room.seen(learner)
    assert room.enter(cookie(300), HOME)


def test_so_many_new_learners_come_from_one_address_in_ten_minutes_and_no_more_are_kept(room_with):
    clock = Clock()
    room = room_with(clock)
    for number in range(13):
        room.admit(cookie(number), Identity(f"Name {number}"), ATTACKER)
    with pytest.raises(LabError, match="13 new learners have come from your network in the last ten minutes"):
        room.admit(cookie(99), Identity("One more"), ATTACKER)
    assert not room.knows(cookie(99))
    room.admit(cookie(100), Identity("Ada"), HOME)
    # Known learners may come back at any time.
    assert room.enter(cookie(3), ATTACKER)
    clock.now += WINDOW_SECONDS + 1
    room.admit(cookie(99), Identity("One more"), ATTACKER)


def test_while_somebody_must_wait_nobody_new_comes_in_from_their_network(room_with):
    room = room_with(Clock())
    theirs, neighbour = come(room, 1, ATTACKER), come(room, 2, ATTACKER)
    theirs.workspace.cooldown.begin("What you ran did not end.")
    # Not even after they have left.
    theirs.close()
    with pytest.raises(WaitError, match="Somebody on your network has run something that made the lab end Spark"):
        come(room, 3, ATTACKER, "Another")
    assert room.enter(cookie(2), ATTACKER) is neighbour
    assert come(room, 4, HOME)
    # Their own wait is of the work, not of the page, which says why.
    assert room.enter(cookie(1), ATTACKER).workspace.cooldown is theirs.workspace.cooldown
    theirs.workspace.cooldown.begin("", 0)
    assert room.enter(cookie(3), ATTACKER)


def test_a_class_behind_one_address_comes_in_if_the_teacher_says_so(room_with):
    room = room_with(**{PER_ADDRESS: "26"})
    for number in range(26):
        assert come(room, number, HOME, f"Name {number}")


@pytest.mark.parametrize("text", ["0", "-1", "all", "²"])
def test_a_share_that_is_no_number_is_refused_with_its_name(room_with, text):
    with pytest.raises(LabError, match=f"{PER_ADDRESS} is '{text}'"):
        come(room_with(**{PER_ADDRESS: text}), 1, HOME)


def test_a_class_asks_for_its_code_and_nobody_can_try_many(room_with):
    clock = Clock()
    room = room_with(clock, public=False, **{CLASS_CODE: "cs-101"})
    for number in range(WRONG_CODES):
        with pytest.raises(LabError, match="That is not the code of this class"):
            room.admit(cookie(1), Identity("Ada", f"cs-{number + 200}"), ATTACKER)
    with pytest.raises(LabError, match="Too many wrong class codes"):
        room.admit(cookie(1), Identity("Ada", "cs-101"), ATTACKER)
    room.admit(cookie(2), Identity("Ada", "CS-101"), HOME)
    assert room.enter(cookie(2)).progress.identity == Identity("Ada", "cs-101")
    clock.now += WINDOW_SECONDS + 1
    room.admit(cookie(1), Identity("Ada", "cs-101"), ATTACKER)


def test_who_is_alone_at_their_machine_is_asked_nothing(room_with):
    room = room_with(public=False)
    for number in range(26):
        assert room.enter(cookie(number))


def test_a_network_of_ipv6_is_one_address():
    assert network_of("2001:db8:1:2::1") == network_of("2001:db8:1:2:ffff::9") != network_of("2001:db8:1:3::1")
    assert network_of("::ffff:203.0.113.9") == network_of("203.0.113.9") != network_of("203.0.113.10")
    assert network_of("testclient") == "testclient"
    assert network_of("") == ""


@pytest.mark.parametrize(
    ("address", "hosts", "public"),
    [
        ("127.0.0.1", ["localhost", "127.0.0.1"], False),
        ("localhost", ["localhost"], False),
        ("::1", ["[::1]"], False),
        ("0.0.0.0", ["localhost"], True),  # noqa: S104
        (None, ["localhost"], True),
        ("192.168.1.7", ["localhost"], True),
        ("127.0.0.1", ["lab.example.org"], True),
        ("127.0.0.1", [], False),
    ],
)
def test_a_server_is_for_many_if_others_can_reach_it(monkeypatch, address, hosts, public):
    options = {"server.address": address, "server.allowedHosts": hosts}
    monkeypatch.setattr(config, "get_option", options.__getitem__)
    assert is_public() is public


def test_as_it_comes_the_lab_is_for_one():
    assert not is_public()


# --- where a browser is


def seen_by_the_lab(peer, said, trusted):
    """Return the client's address that the lab sees, behind Streamlit's server."""
    seen = []

    async def app(scope, receive, send):
        seen.append(scope["client"][0])

    headers = [(b"x-forwarded-for", said.encode())]
    scope = {"type": "websocket", "client": (peer, 1), "headers": headers, "scheme": "ws"}
    asyncio.run(ProxyHeadersMiddleware(app, trusted)(scope, None, None))
    return seen[0]


# The trusted proxies of compose.yaml.
[PROXIES] = re.findall(r'FORWARDED_ALLOW_IPS: "(.+)"', COMPOSE.read_text())


@pytest.mark.parametrize(
    ("peer", "said", "trusted", "address"),
    [
        # No proxy is trusted, so the header is ignored.
        (ATTACKER, HOME, "127.0.0.1", ATTACKER),
        ("172.18.0.2", HOME, PROXIES, HOME),
        ("127.0.0.1", HOME, "127.0.0.1", HOME),
        # An address that the browser itself sent comes before the proxy's.
        ("172.18.0.2", f"{HOME}, {ATTACKER}", PROXIES, ATTACKER),
        (ATTACKER, HOME, PROXIES, ATTACKER),
    ],
)
def test_what_a_browser_says_of_where_it_is_counts_for_nothing(peer, said, trusted, address):
    assert seen_by_the_lab(peer, said, trusted) == address


def test_streamlit_leaves_it_to_its_server_which_proxy_is_trusted():
    assert not {"proxy_headers", "forwarded_allow_ips"} & set(_get_uvicorn_config_kwargs())
