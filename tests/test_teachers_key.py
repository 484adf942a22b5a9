"""The teacher's key: it opens the pages; a wrong one is refused, slowly, a few times; it is never kept in clear."""

import asyncio
import hmac
import re

import pytest
from clocks import Clock
from hypothesis import given
from hypothesis import strategies as st
from starlette.applications import Starlette

from lab.course import key as key_module
from lab.course.entrance import WINDOW_SECONDS
from lab.course.key import (
    COOKIE_SECONDS,
    WRONG_IN_ALL,
    WRONG_PER_ADDRESS,
    TeachersKey,
    TooManyKeysError,
    WrongKeyError,
)
from lab.settings import CLASS_CODE, TEACHER_KEY, Settings
from lab.ui.parts import parts
from lab.ui.server import MIDDLEWARE
from lab.ui.teacher import access

RIGHT, HERE, ELSEWHERE = "the-key-of-the-teacher", "203.0.113.9", "198.51.100.7"


def keys(clock=None, key=RIGHT):
    return TeachersKey(lambda: Settings(teacher_key=key), clock or Clock())


def test_the_key_gives_a_pass_that_is_good_for_a_day_of_teaching_and_no_longer():
    clock = Clock()
    key = keys(clock)
    given = key.issue_pass(RIGHT, HERE)
    assert RIGHT not in given
    assert key.knows(given)
    clock.wait(COOKIE_SECONDS - 1)
    assert key.knows(given)
    clock.wait(1)
    assert not key.knows(given)


def test_another_server_with_the_same_key_takes_the_pass_and_one_with_another_key_does_not():
    given = keys().issue_pass(RIGHT, HERE)
    assert keys().knows(given)
    assert not keys(key="the-key-of-another-one").knows(given)
    # A server without a set key makes one at its start.
    assert not keys(key="").knows(given)


@given(st.text())
def test_whatever_is_not_a_pass_is_none(text):
    assert not keys().knows(text)


@given(st.integers(0), st.sampled_from("0123456789abcdef.x"))
def test_a_pass_that_was_changed_is_none(place, other):
    key = keys()
    given = key.issue_pass(RIGHT, HERE)
    place %= len(given)
    changed = given[:place] + other + given[place + 1 :]
    # A pass is different each time, so the replaced character may be the same by chance.
    assert key.knows(changed) is (changed == given)


def test_a_pass_that_was_given_back_is_good_no_more_and_others_are():
    key = keys()
    one, other = key.issue_pass(RIGHT, HERE), key.issue_pass(RIGHT, HERE)
    key.revoke_pass(one)
    key.revoke_pass("nonsense")
    assert not key.knows(one)
    assert key.knows(other)


@given(st.text().filter(lambda text: text != RIGHT))
def test_every_other_key_is_refused(text):
    with pytest.raises(WrongKeyError, match="That is not the teacher's key"):
        keys().issue_pass(text, HERE)


def test_an_address_tries_a_few_keys_and_then_none_for_a_while_not_even_the_right_one():
    clock = Clock()
    key = keys(clock)
    for _ in range(WRONG_PER_ADDRESS):
        with pytest.raises(WrongKeyError):
            key.issue_pass("wrong", HERE)
    with pytest.raises(TooManyKeysError, match="Try again in ten minutes"):
        key.issue_pass(RIGHT, HERE)
    assert key.issue_pass(RIGHT, ELSEWHERE)
    clock.wait(WINDOW_SECONDS)
    assert key.issue_pass(RIGHT, HERE)


def test_many_addresses_together_try_no_more_than_so_many():
    key = keys()
    for number in range(WRONG_IN_ALL):
        with pytest.raises(WrongKeyError):
            key.issue_pass("wrong", f"203.0.113.{number}")
    with pytest.raises(TooManyKeysError):
        key.issue_pass(RIGHT, ELSEWHERE)


def test_a_key_is_compared_in_a_time_that_tells_nothing(monkeypatch):
    """With Python's own function for that, on hashes of equal length."""
    compared, compares = [], hmac.compare_digest

    def compare(one, other):
        compared.append((one, other))
        return compares(one, other)

    monkeypatch.setattr(key_module.hmac, "compare_digest", compare)
    key = keys()
    key.issue_pass(RIGHT, HERE)
    with pytest.raises(WrongKeyError):
        key.issue_pass("x", HERE)
    assert {(len(one), len(other)) for one, other in compared} == {(32, 32)}
    assert not any(RIGHT.encode() in text for pair in compared for text in pair)


def test_a_key_is_made_where_none_is_set_and_told_once():
    key = keys(key="")
    made = key.tell()
    assert re.fullmatch(r"[\w-]{32}", made)
    assert key.knows(key.issue_pass(made, HERE))
    assert key.tell() == ""
    assert made not in str(vars(key))
    assert keys(key="").tell() != made
    # Whoever has set the key knows it, so the console does not show it.
    assert keys().tell() == ""


# --- by the server


@pytest.fixture
def waits(monkeypatch):
    """The seconds that requests wait, recorded without waiting."""
    waited = []

    async def sleep(seconds):
        waited.append(seconds)

    monkeypatch.setattr(access.asyncio, "sleep", sleep)
    return waited


@pytest.fixture
def key(monkeypatch):
    monkeypatch.setattr(parts(), "key", keys())


APP = Starlette(routes=access.ROUTES, middleware=MIDDLEWARE)


def ask(path, body=b"", method="GET", query="", **headers):
    """Return status, headers and text of the server's answer."""
    sent, incoming = [], [{"type": "http.request", "body": body}]

    async def receive():
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = {"host": "lab.example.org"} | {name.replace("_", "-"): value for name, value in headers.items()}
    scope = {"type": "http", "method": method, "path": path, "query_string": query.encode(), "scheme": "http"}
    scope |= {"root_path": "", "server": ("x", 80), "client": (HERE, 1)}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(APP(scope, receive, send))
    start = sent[0]
    found = [(name.decode(), value.decode()) for name, value in start["headers"]]
    return start["status"], found, b"".join(each.get("body", b"") for each in sent[1:]).decode()


def cookies(headers):
    return [value for name, value in headers if name == "set-cookie" and "teacher" in value]


@pytest.mark.parametrize("way", ["link", "form"])
def test_the_key_brings_a_cookie_and_an_address_without_the_key(key, waits, way):
    if way == "link":
        status, headers, said = ask(access.PATH, query=f"key={RIGHT}")
    else:
        status, headers, said = ask(access.PATH, f"key={RIGHT}".encode(), "POST", origin="http://lab.example.org")
    [cookie] = cookies(headers)
    assert (status, dict(headers)["location"], waits) == (303, "../class-board", [])
    assert {"HttpOnly", "SameSite=Strict", "Path=/"} <= set(cookie.split("; "))
    assert parts().key.knows(cookie.partition("=")[2].partition(";")[0])
    assert dict(headers)["cache-control"] == "no-store"
    assert RIGHT not in str(headers) + said


def test_behind_tls_the_cookie_is_for_tls_and_this_host_alone(key):
    [cookie] = cookies(ask(access.PATH, query=f"key={RIGHT}", x_forwarded_proto="https")[1])
    assert cookie.startswith("__Host-lab_teacher=")
    assert "Secure" in cookie.split("; ")


def test_a_wrong_key_is_refused_late_and_too_many_at_once(key, waits):
    for _ in range(WRONG_PER_ADDRESS):
        status, headers, said = ask(access.PATH, query="key=<b>wrong</b>")
        assert (status, cookies(headers)) == (403, [])
        assert "That is not the teacher's key" in said
        assert "wrong</b>" not in said
    assert waits == [access.WRONG_SECONDS] * WRONG_PER_ADDRESS
    # Further attempts need no delay: the key is not even checked.
    status, headers, said = ask(access.PATH, query=f"key={RIGHT}")
    assert (status, cookies(headers), len(waits)) == (429, [], WRONG_PER_ADDRESS)
    assert "Too many wrong keys" in said


def test_without_a_key_it_is_asked_for_in_a_form_that_keeps_it_out_of_the_address(key, waits):
    status, _, said = ask(access.PATH)
    assert (status, waits) == (200, [])
    assert 'method="post"' in said
    assert 'type="password"' in said


def test_a_form_that_is_too_long_is_not_read(key, waits):
    status, headers, _ = ask(access.PATH, b"key=" + b"x" * 10_000, "POST")
    assert (status, cookies(headers)) == (403, [])


def test_a_form_of_many_fields_is_no_form_of_the_labs(key, waits):
    status, headers, _ = ask(access.PATH, b"&".join([b"a=1"] * 20), "POST")
    assert (status, cookies(headers)) == (403, [])


def test_a_form_of_another_site_is_refused(key):
    status, headers, _ = ask(access.PATH, f"key={RIGHT}".encode(), "POST", origin="http://example.com")
    assert (status, cookies(headers)) == (403, [])


def test_who_leaves_has_no_cookie_and_nobody_can_use_it_again(key):
    given = parts().key.issue_pass(RIGHT, HERE)
    status, headers, _ = ask(access.LEAVE, cookie=f"{access.COOKIE}={given}")
    [cookie] = cookies(headers)
    assert (status, cookie.partition(";")[0], "Max-Age=0" in cookie) == (303, f"{access.COOKIE}=", True)
    assert not parts().key.knows(given)
    # From another site, a browser does not send the cookie, so nothing happens.
    assert cookies(ask(access.LEAVE)[1]) == []


# --- on the console


def test_a_class_server_shows_a_link_with_the_key_that_it_has_made_once(monkeypatch):
    monkeypatch.setenv(CLASS_CODE, "cs-101")
    monkeypatch.setattr(parts(), "key", keys(key=""))
    said = access.link_in_words()
    made = re.search(r"http://127\.0\.0\.1:\d+/lab/teacher\?key=([\w-]{32})$", said).group(1)
    assert parts().key.issue_pass(made, HERE)
    assert made not in access.link_in_words()


def test_a_key_that_the_teacher_has_set_is_not_shown(monkeypatch, key):
    monkeypatch.setenv(CLASS_CODE, "cs-101")
    monkeypatch.setenv(TEACHER_KEY, RIGHT)
    said = access.link_in_words()
    assert said.endswith("/lab/teacher")
    assert RIGHT not in said


def test_behind_a_proxy_the_link_has_its_name(monkeypatch, key):
    monkeypatch.setattr(parts().classroom.entrance, "is_public", True)
    monkeypatch.setattr(access.config, "get_option", {"server.allowedHosts": ["localhost", "lab.example.org"]}.get)
    assert access.link_in_words().endswith(" https://lab.example.org/lab/teacher")


def test_who_is_alone_is_told_nothing():
    assert access.link_in_words() == ""
