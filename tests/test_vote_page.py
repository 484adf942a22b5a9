"""The page at the short address: who may vote there, what is refused, and what it never shows."""

import asyncio
from urllib.parse import urlencode

import pytest
from classes import learner_id
from starlette.applications import Starlette

from lab.course.vote import Question, Vote
from lab.course.voters import MAX_CASTS, Voters
from lab.course.votes import Votes
from lab.errors import LabError
from lab.settings import CLASS_CODE
from lab.store import Store
from lab.ui.cookie import COOKIE
from lab.ui.parts import parts
from lab.ui.server import MIDDLEWARE
from lab.ui.vote import page

CODE, HERE = "streams-27", "203.0.113.9"
ADA, GRACE = learner_id(0xA), learner_id(0xB)
MARKUP = '<script>alert(1)</script> & "quoted" \''
APP = Starlette(routes=page.ROUTES, middleware=MIDDLEWARE)


@pytest.fixture
def votes(tmp_path, monkeypatch):
    """The votes of a class with a code, in a temporary store."""
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    monkeypatch.setenv(CLASS_CODE, CODE)
    votes = Votes(lambda: store, lambda: CODE)
    monkeypatch.setattr(parts(), "votes", votes)
    monkeypatch.setattr(parts(), "voters", Voters(lambda: store, lambda: parts().classroom.entrance))
    monkeypatch.setattr("lab.course.entrance.WRONG_CODES", 10**6)
    yield votes
    store.close()


@pytest.fixture
def vote(votes):
    return votes.open(Question("q", "What will Spark do?", ("sort", MARKUP, "refuse"), 2))


def ask(who="", fields=None, body=None, method=None, origin="http://lab.example.org", path=f"/{page.NAME}"):
    """Return status, headers and text of the server's answer to a browser."""
    sent = []
    body = urlencode(fields).encode() if fields is not None else (body or b"")
    incoming = [{"type": "http.request", "body": body}]

    async def receive():
        return incoming.pop(0) if incoming else {"type": "http.disconnect"}

    async def send(message):
        sent.append(message)

    headers = {"host": "lab.example.org"} | ({"cookie": f"{COOKIE}={who}"} if who else {})
    if method := method or ("POST" if body else "GET"):
        headers |= {"origin": origin} if method == "POST" and origin else {}
    scope = {"type": "http", "method": method, "path": path, "query_string": b"", "scheme": "http"}
    scope |= {"root_path": "", "server": ("x", 80), "client": (HERE, 1)}
    scope |= {"headers": [(name.encode(), value.encode()) for name, value in headers.items()]}
    asyncio.run(APP(scope, receive, send))
    found = [(name.decode(), value.decode()) for name, value in sent[0]["headers"]]
    return sent[0]["status"], found, b"".join(each.get("body", b"") for each in sent[1:]).decode()


def cast(who, choice, number=1, question="q", **more):
    return ask(who, {"question": question, "round": number, "choice": choice} | more)


def test_a_browser_gets_a_cookie_and_joins_with_the_code(votes):
    status, headers, said = ask()
    [cookie] = [value for name, value in headers if name == "set-cookie"]
    assert (status, "HttpOnly" in cookie, "SameSite=Lax" in cookie) == (200, True, True)
    assert "No question is open now." in said
    assert 'name="code"' in said
    status, headers, _ = ask(ADA, {"code": CODE})
    assert (status, dict(headers)["location"]) == (303, page.NAME)
    assert "You are in" in ask(ADA)[2]


def test_nothing_of_it_is_kept_framed_or_run(votes, vote):
    for answer in (ask(ADA), cast(ADA, 0, code=CODE), cast(ADA, 7), ask(ADA, body=b"x" * 5000)):
        headers = dict(answer[1])
        assert headers["cache-control"] == "no-store"
        assert "frame-ancestors 'none'" in headers["content-security-policy"]
        assert "default-src 'none'" in headers["content-security-policy"]
    said = ask(ADA)[2]
    assert MARKUP not in said
    assert "&lt;script&gt;alert(1)&lt;/script&gt; &amp;" in said


def test_one_vote_a_person_which_may_be_changed_until_it_is_closed(votes, vote):
    assert cast(ADA, 0, code=CODE)[0] == 303
    assert "You voted for A. sort." in ask(ADA)[2]
    # A person who has entered the code is not asked again.
    assert 'name="code"' not in ask(ADA)[2]
    assert cast(ADA, 2)[0] == 303
    assert votes.tally(vote).rounds == ((0, 0, 1),)
    assert 'value="2" required checked' in ask(ADA)[2]
    assert cast(GRACE, 1, code=CODE)[0] == 303
    assert votes.tally(vote).voted(1) == 2


def test_without_the_code_nothing_counts_and_the_choice_stays(votes, vote):
    for wrong in ({}, {"code": "another"}, {"code": MARKUP}):
        status, _, said = cast(ADA, 1, **wrong)
        assert status == 403
        assert "That is not the code of this class." in said
        assert 'value="1" required checked' in said
        assert MARKUP not in said
    assert votes.tally(vote).voted(1) == 0


def test_a_browser_without_cookies_is_told_so(votes, vote):
    status, _, said = cast("", 0, code=CODE)
    assert (status, "keeps no cookies" in said) == (403, True)
    # A malformed id is no id.
    assert cast("../x", 0, code=CODE)[0] == 403
    assert votes.tally(vote).voted(1) == 0


def test_what_is_sent_again_counts_in_its_own_round_alone(votes, vote):
    cast(ADA, 0, code=CODE)
    vote = votes.change(vote, Vote.close)
    status, _, said = cast(ADA, 1)
    assert (status, "This vote is closed." in said) == (409, True)
    vote = votes.change(votes.change(vote, Vote.reveal), Vote.vote_again)
    assert cast(ADA, 1, number=1)[0] == 409
    assert cast(ADA, 2, number=2)[0] == 303
    assert votes.tally(vote).rounds == ((1, 0, 0), (0, 0, 1))
    votes.end(vote)
    assert cast(ADA, 1, number=2)[0] == 409
    votes.open(Question("other", "Why?", ("a", "b")))
    assert cast(ADA, 1, question="q")[0] == 409


@pytest.mark.parametrize("choice", ["3", "-1", "", "x", "0x1", "٣", "00", "9" * 400])
def test_what_is_no_choice_is_a_sentence(votes, vote, choice):
    status, _, said = cast(ADA, choice, code=CODE)
    assert (status, "none of the choices" in said) == (403, True)
    assert votes.tally(vote).voted(1) == 0


@pytest.mark.parametrize("number", ["", "0", "2", "x", "1 "])
def test_what_is_no_round_is_over(votes, vote, number):
    assert cast(ADA, 0, number=number, code=CODE)[0] == 409


@pytest.mark.parametrize("body", [b"x" * 100_000, b"code=" + b"%41" * 1000])
def test_a_form_that_is_too_long_is_not_read(votes, vote, body):
    assert ask(ADA, body=body)[0] == 413


@pytest.mark.parametrize("body", [b"&".join([b"a=1"] * 50), b"\xff\xfe=\x00", b"%%%", b"choice=0"])
def test_what_is_no_form_of_the_labs_counts_nothing(votes, vote, body):
    assert ask(ADA, body=body)[0] in {403, 422}
    assert votes.tally(vote).voted(1) == 0


def test_a_form_of_another_site_is_refused(votes, vote):
    fields = {"question": "q", "round": 1, "choice": 0, "code": CODE}
    assert ask(ADA, fields, origin="http://example.com")[0] == 403
    assert votes.tally(vote).voted(1) == 0
    assert ask(ADA, fields)[0] == 303


def test_nobody_sees_the_votes_before_they_are_revealed_nor_what_is_right_before_it_is_told(votes, vote):
    cast(ADA, 0, code=CODE)
    hidden = [ask(who)[2] for who in (ADA, GRACE)]
    vote = votes.change(vote, Vote.close)
    hidden.append(ask(ADA)[2])
    assert not any("1 vote," in said or 'class="bar"' in said for said in hidden)
    vote = votes.change(vote, Vote.reveal)
    said = ask(GRACE)[2]
    assert "1 vote, 100 %" in said
    assert "✓ right" not in said
    votes.change(vote, Vote.tell)
    assert "refuse ✓ right" in ask(GRACE)[2]


def test_both_rounds_stand_beside_each_other(votes, vote):
    cast(ADA, 0, code=CODE)
    vote = votes.change(votes.change(votes.change(vote, Vote.close), Vote.reveal), Vote.vote_again)
    said = ask(ADA)[2]
    assert "You have discussed it." in said
    assert "%" not in said.partition("<main>")[2]
    cast(ADA, 2, number=2)
    votes.change(votes.change(vote, Vote.close), Vote.reveal)
    said = ask(ADA)[2]
    assert "First vote: 1 vote, 100 %" in said
    assert "Second vote: 0 votes, 0 %" in said
    assert "Second vote: 1 vote, 100 %" in said


def test_a_robot_that_votes_without_end_is_stopped(votes, vote):
    cast(ADA, 0, code=CODE)
    answers = [cast(ADA, 1)[0] for _ in range(MAX_CASTS)]
    assert answers == [303] * (MAX_CASTS - 1) + [403]


def test_without_a_class_code_none_is_asked_for(votes, vote, monkeypatch):
    monkeypatch.delenv(CLASS_CODE)
    assert 'name="code"' not in ask(ADA)[2]
    assert cast(ADA, 0)[0] == 303
    assert votes.tally(vote).voted(1) == 1


def test_a_store_that_cannot_be_asked_is_a_sentence(votes, vote, monkeypatch):
    def fail(*_):
        raise LabError("What you write cannot be kept <here>.", "See to that database.")

    monkeypatch.setattr("lab.store.survey.Survey.values", fail)
    status, _, said = ask(ADA)
    assert (status, "cannot be kept &lt;here&gt;." in said) == (503, True)
    status, _, said = cast(ADA, 0)
    assert status == 503
    assert "See to that database." in said


def test_below_a_path_the_page_is_there_too(monkeypatch):
    monkeypatch.setattr(page.config, "get_option", {"server.baseUrlPath": "/course/lab/"}.get)
    assert [route.path for route in page._routes()] == ["/v", "/course/lab/v"]
