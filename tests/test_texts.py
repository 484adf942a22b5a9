"""The texts that learners type: none is lost, in whatever order requests arrive, and earlier texts come back."""

import asyncio
import json
import threading
import time
from types import SimpleNamespace

import pytest
import requests
import uvicorn
from starlette.applications import Starlette

from lab.cells.bounds import MAX_SOURCE
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.learner.retrospective import PARTS
from lab.learner.texts import MUCH, PAUSE_SECONDS, OtherTextError, Texts, TooLongError
from lab.lesson.steps import STEPS
from lab.store import Store
from lab.ui import texts as routes
from lab.ui.channels import channel_of

ME = "1" * 32
STARTER = STEPS["schema"].starter
FIELDS = (
    "code-schema",
    "code-scratch",
    "answer-log-first",
    *(f"retrospective-{part}" for part in PARTS),
    "identity-name",
)


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    yield store
    store.close()


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def texts(store, clock):
    return Texts(Progress(store, ME), clock)


def typed(texts, text, name="code-schema", **options):
    """Write a text as somebody does who has seen the stored one."""
    return texts.write(name, text, [texts.read(name).text], **options)


def earlier(texts, name="code-schema"):
    return [version.text for version in texts.versions(name)]


@pytest.mark.parametrize("name", FIELDS)
def test_every_field_keeps_what_is_typed_and_has_it_after_a_restart(texts, store, name):
    assert texts.read(name).text == (STARTER if name == "code-schema" else "")
    typed(texts, "mine", name)
    assert texts.read(name).text == "mine"
    assert Texts(Progress(store, ME)).read(name).text == "mine"


@pytest.mark.parametrize(
    "name", ["", "code-", "code-nothing", "code-schema-right", "answer-x", "retrospective-x", "x-schema"]
)
def test_there_is_no_other_field(texts, name):
    with pytest.raises(LabError, match="There is no field"):
        texts.read(name)


def test_of_two_that_type_at_once_nobody_loses_a_letter(texts):
    typed(texts, "both know this")
    texts.write("code-schema", "from one tab", ["both know this"])
    with pytest.raises(OtherTextError) as raised:
        texts.write("code-schema", "from another tab", ["both know this"])
    assert raised.value.kept == texts.read("code-schema")
    assert texts.read("code-schema").text == "from one tab"
    assert earlier(texts)[0] == "from another tab"
    # A person who has seen the other text may still keep their own; the other one becomes an earlier version.
    texts.write("code-schema", "from another tab", ["from one tab"], keep=True)
    assert texts.read("code-schema").text == "from another tab"
    assert earlier(texts)[0] == "from one tab"


def test_a_text_that_arrived_without_an_answer_is_no_other_text(texts):
    typed(texts, "a")
    texts.write("code-schema", "ab", ["a"])
    # The answer was lost, so the next message is based on either text.
    texts.write("code-schema", "abc", ["a", "ab"])
    # The same message twice.
    assert texts.write("code-schema", "abc", ["a"]).text == "abc"


def test_an_empty_text_that_nobody_typed_is_not_taken(texts):
    typed(texts, "an hour of work")
    # As from a field that was drawn before the text existed.
    with pytest.raises(OtherTextError):
        texts.write("code-schema", "", [STARTER])
    assert texts.read("code-schema").text == "an hour of work"
    assert earlier(texts) == []


def test_each_state_is_newer_than_the_one_before(texts, store):
    states = [texts.read("code-schema")]
    states += [typed(texts, text) for text in ("a", "b", "a")]
    life = {kept.at.split(":")[0] for kept in states}
    assert [kept.at for kept in states] == [f"{life.copy().pop()}:{number}" for number in range(4)]
    assert texts.read("code-schema") == states[-1]
    # A button, another tab or a check may change the text, too.
    texts.progress.replace(STEPS["schema"], "solution")
    assert texts.read("code-schema").at.endswith(":4")
    assert not Texts(Progress(store, ME)).read("code-schema").at.startswith(life.pop())


def test_what_stood_there_before_a_pause_is_an_earlier_version(texts, clock):
    for text in ("l", "lo", "logs"):
        typed(texts, text)
    assert earlier(texts) == []
    clock.now += PAUSE_SECONDS
    typed(texts, "logs = 1")
    typed(texts, "logs = 12")
    assert earlier(texts) == ["logs"]


@pytest.mark.parametrize("step", [1, 7, MUCH])
def test_what_is_deleted_bit_by_bit_is_an_earlier_version(texts, step):
    whole = "".join(f"line {number}\n" for number in range(20))
    typed(texts, whole)
    for end in range(len(whole) - step, 0, -step):
        typed(texts, whole[:end])
    assert whole in earlier(texts)


def test_what_another_text_is_pasted_over_is_an_earlier_version(texts):
    typed(texts, "a" * MUCH)
    typed(texts, "b" * MUCH)
    assert earlier(texts) == ["a" * MUCH]


def test_what_is_emptied_is_an_earlier_version(texts):
    typed(texts, "s1 1", "answer-log-first")
    typed(texts, "s1 1.2", "answer-log-first")
    typed(texts, "", "answer-log-first")
    assert earlier(texts, "answer-log-first") == ["s1 1.2"]


def test_what_was_run_or_replaced_by_a_button_is_an_earlier_version(texts):
    typed(texts, "was run")
    texts.mark("code-schema")
    typed(texts, "was run!")
    assert earlier(texts) == ["was run"]
    texts.progress.replace(STEPS["schema"], STARTER)
    assert earlier(texts) == ["was run!", "was run"]
    # The starter text needs no version: there is a button for it.
    texts.progress.replace(STEPS["schema"], "solution")
    assert earlier(texts) == ["was run!", "was run"]


def test_the_last_ten_versions_are_kept_also_through_a_restart(texts, store, clock):
    for number in range(14):
        typed(texts, f"{number}")
        clock.now += PAUSE_SECONDS
    expected = [f"{number}" for number in range(12, 2, -1)]
    assert earlier(texts) == expected
    assert earlier(Texts(Progress(store, ME))) == expected
    assert earlier(texts, "code-read-stream") == []
    texts.progress.forget()
    assert earlier(texts) == earlier(Texts(Progress(store, ME))) == []


def test_who_goes_back_through_the_versions_loses_none_of_them(texts, clock):
    written = [f"{number}" * MUCH for number in range(10)]
    for text in written:
        typed(texts, text)
        clock.now += PAUSE_SECONDS
    for text in reversed(written[:-1]):
        typed(texts, text, keep=True)
    assert texts.read("code-schema").text == written[0]
    assert set(earlier(texts)) == set(written)


def test_what_is_too_long_is_refused_in_a_sentence_and_changes_nothing(texts):
    typed(texts, "x" * MAX_SOURCE)
    with pytest.raises(TooLongError, match=r"has 10,001 characters, and may have 10,000\. It is not kept"):
        typed(texts, "x" * (MAX_SOURCE + 1))
    assert texts.read("code-schema").text == "x" * MAX_SOURCE


def test_what_cannot_be_kept_changes_nothing(texts, monkeypatch):
    def refuse(*_):
        raise LabError("The disk is full.", "Free some space.")

    typed(texts, "a")
    with monkeypatch.context() as patch:
        patch.setattr(texts.progress, "_save", refuse)
        with pytest.raises(LabError, match="The disk is full"):
            typed(texts, "ab")
    assert texts.read("code-schema").text == "a"
    assert typed(texts, "ab").text == "ab"


def test_tabs_that_write_in_the_same_moment_do_so_one_after_the_other(texts):
    taken, lost = [], []

    def tab(number):
        known = ""
        for count in range(20):
            text = f"{number}.{count}"
            try:
                known = texts.write("code-scratch", text, [known]).text
                taken.append(text)
            except OtherTextError as other:
                known = other.kept.text
                lost.append(text)

    tabs = [threading.Thread(target=tab, args=(number,)) for number in range(4)]
    for each in tabs:
        each.start()
    for each in tabs:
        each.join()
    assert len(taken) + len(lost) == 80
    assert texts.read("code-scratch").text == taken[-1]
    assert set(earlier(texts, "code-scratch")) & set(lost) or not lost


def test_of_two_servers_none_writes_over_what_it_has_not_seen(texts, store):
    elsewhere = Texts(Progress(store, ME))
    typed(texts, "an hour of work")
    with pytest.raises(OtherTextError) as raised:
        typed(elsewhere, "a word")
    assert raised.value.kept.text == elsewhere.read("code-schema").text == "an hour of work"
    assert earlier(elsewhere)[0] == "a word"
    assert elsewhere.progress.notice == ""
    # Another part of the document has changed, not the text.
    texts.progress.open_hint(STEPS["schema"])
    typed(elsewhere, "an hour of work!")
    assert elsewhere.progress.answer(STEPS["schema"]).hints == 1
    # The parts of the retrospective are one document, but separate fields.
    typed(texts, "mine", "retrospective-takeaways")
    typed(elsewhere, "Ada", "retrospective-name")
    assert elsewhere.read("retrospective-takeaways").text == "mine"


def test_what_is_written_of_who_one_is_is_a_draft_until_it_is_said(texts, store):
    typed(texts, "Ada", "identity-name")
    typed(texts, "cs-101", "identity-class_code")
    assert Progress(store, ME).identity == Identity()
    texts.progress.introduce(Identity("Ada", "cs-101"))
    typed(texts, "", "identity-class_code")
    for known in (texts, Texts(Progress(store, ME))):
        assert (known.read("identity-name").text, known.read("identity-class_code").text) == ("Ada", "")
        assert known.progress.identity == Identity("Ada", "cs-101")


# --- requests of a browser


@pytest.fixture(scope="module")
def server():
    running = uvicorn.Server(uvicorn.Config(Starlette(routes=routes.ROUTES), port=0, log_level="error"))
    thread = threading.Thread(target=asyncio.run, args=(running.serve(),))
    thread.start()
    while not running.started:
        time.sleep(0.01)
    yield f"http://127.0.0.1:{running.servers[0].sockets[0].getsockname()[1]}"
    running.should_exit = True
    thread.join(20)


@pytest.fixture
def learner(texts):
    """A stand-in for a learner, with what the routes use."""
    return SimpleLearner(id=ME, texts=texts, closed=False)


class SimpleLearner(SimpleNamespace):
    __hash__ = object.__hash__


@pytest.fixture
def asked(server, learner):
    """Return a function that sends a request as the learner's page does, and returns its status and answer."""

    def ask(name="code-schema", message=None, *, channel="", body=None):
        url, headers = f"{server}/lab/texts/{name}", {routes.HEADER: channel or channel_of(learner)}
        with requests.Session() as session:
            session.trust_env = False
            if message is None and body is None:
                answer = session.get(url, headers=headers, timeout=20)
            else:
                answer = session.post(
                    url, data=body if body is not None else json.dumps(message), headers=headers, timeout=20
                )
        assert answer.headers["Cache-Control"] == "no-store"
        return answer.status_code, answer.json()

    return ask


def test_a_browser_writes_and_asks_for_the_earlier_versions(asked, texts):
    status, said = asked(message={"text": "mine", "known": [STARTER], "keep": False})
    assert (status, said) == (200, {"text": "mine", "at": texts.read("code-schema").at})
    assert asked(message={"text": "mine, too", "known": ["mine"], "keep": True})[0] == 200
    status, said = asked()
    assert status == 200
    assert [version["text"] for version in said["versions"]] == ["mine"]
    assert said["versions"][0]["at"].endswith("+00:00")


def test_a_browser_that_has_not_seen_the_newest_text_is_given_it(asked, texts):
    typed(texts, "newer")
    status, said = asked(message={"text": "mine", "known": [STARTER], "keep": False})
    assert (status, said["text"]) == (409, "newer")
    assert earlier(texts)[0] == "mine"


def test_who_does_not_know_the_channel_neither_reads_nor_writes(asked, learner, texts):
    for channel in ("x", "0" * 32, ME):
        assert asked(channel=channel)[0] == 404
        assert asked(channel=channel, message={"text": "theirs", "known": [STARTER], "keep": False})[0] == 404
    learner.closed = True
    assert asked(message={"text": "late", "known": [STARTER], "keep": False})[0] == 404
    assert texts.read("code-schema").text == STARTER


@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"no JSON",
        b"[]",
        b"[" * 100_000,
        b'"text"',
        b'{"text": 1, "known": [], "keep": false}',
        b'{"text": "x", "known": "x", "keep": false}',
        b'{"text": "x", "known": ["", "", "", "", ""], "keep": false}',
        b'{"text": "\\ud800", "known": [""], "keep": false}',
        b'{"text": "' + b"x" * 600_000 + b'", "known": [], "keep": false}',
        json.dumps({"text": "x" * (MAX_SOURCE + 1), "known": [STARTER], "keep": False}).encode(),
        b"\xff\xfe",
    ],
    ids=lambda body: body[:45].decode(errors="replace"),
)
def test_what_is_no_text_is_refused_in_a_sentence(asked, texts, body):
    status, said = asked(body=body)
    assert status == 422
    assert said["error"].endswith(".")
    assert texts.read("code-schema").text == STARTER


def test_a_store_that_is_away_and_a_field_that_is_not_there_are_said(asked, texts, monkeypatch):
    def refuse(*_):
        raise LabError("The disk is full.", "Free some space.")

    monkeypatch.setattr(texts.progress, "_save", refuse)
    message = {"text": "mine", "known": [STARTER], "keep": False}
    assert asked(message=message) == (503, {"error": "The disk is full. Free some space."})
    status, said = asked("code-nothing", message)
    assert status == 503
    assert "There is no field 'code-nothing'" in said["error"]
