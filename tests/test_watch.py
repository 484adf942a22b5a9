"""The board follows the store: what another lab has written, what was forgotten; only changed documents are read."""
# ruff: noqa: F811 - a fixture is requested by its name

import shutil
import time
from datetime import timedelta

import pytest
from classes import RIGHT, WRONG, Now, attempt, come, fill, learner_id
from sqlalchemy import update
from test_store import can_lose_its_file, own_postgresql, postgresql, url  # noqa: F401 - fixtures

from lab.course import watch as watch_module
from lab.course.watch import CLASS_SECONDS, COMPARE_SECONDS, FRESH_SECONDS, Watch
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.lesson.steps import EXERCISES
from lab.store import Store, Survey
from lab.store.tables import DOCUMENTS, hashed

FIRST = EXERCISES[0]


@pytest.fixture
def clock():
    return Now()


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def watch(store, clock):
    return Watch(lambda: store.survey, lambda: "", clock)


def look(watch, clock, seconds=FRESH_SECONDS):
    clock.wait(seconds)
    return watch.look()


def names(found):
    return [row.learner.name for row in found.board.rows]


def test_nobody_is_there_yet(watch, clock):
    found = look(watch, clock)
    assert (found.board.rows, found.rows, found.error) == ((), 0, None)


def test_two_labs_on_one_store_show_each_others_learners(url, store, watch, clock):
    other = Store(url)
    there = Watch(lambda: other.survey, lambda: "", clock)
    ada, grace = come(store, 1, clock, "Ada"), come(other, 2, clock, "Grace")
    for each in (watch, there):
        assert sorted(names(look(each, clock))) == ["Ada", "Grace"]
    for _ in range(3):
        attempt(grace, FIRST, WRONG)
    ada.ask_for_help("Schema")
    for each in (watch, there):
        found = look(each, clock).board
        assert [row.learner.name for row in found.queue] == ["Ada"]
        assert [row.learner.name for row in found.rows] == ["Ada", "Grace"]
        assert found.rows[1].learner.progress[0].state == "stuck"
        [met] = found.mistakes
        assert (met.trouble.mistake, met.count, met.example) == (WRONG.mistake, 1, hashed(learner_id(2)))
        answer = each.answer(met.example, FIRST.id)
        assert (answer.text, answer.feedback) == ("logSchema = 3", WRONG)
    ada.need_no_help()
    attempt(grace, FIRST, RIGHT)
    for each in (watch, there):
        found = look(each, clock).board
        assert (found.queue, found.mistakes) == ((), ())
        assert found.columns[0].counts["solved"] == 1
    other.close()


def test_a_second_press_takes_the_first_back_and_asking_twice_changes_nothing(store, clock):
    ada = come(store, 1, clock)
    ada.ask_for_help("Schema")
    began = ada.asked.at
    clock.wait(60)
    ada.ask_for_help("Results")
    assert (ada.asked.at, ada.asked.page) == (began, "Schema")
    ada.need_no_help()
    ada.need_no_help()
    assert ada.asked is None


def test_who_is_forgotten_leaves_the_board_within_a_minute(store, watch, clock):
    ada = come(store, 1, clock, "Ada")
    come(store, 2, clock, "Grace")
    assert len(names(look(watch, clock))) == 2
    ada.forget()
    assert watch.answer(hashed(learner_id(1)), FIRST.id) is None
    assert names(look(watch, clock, COMPARE_SECONDS)) == ["Grace"]


def test_a_class_sees_its_own_learners_alone(store, clock):
    come(store, 1, clock, "Ada", "cs-101")
    come(store, 2, clock, "Grace", "cs-102")
    come(store, 3, clock, "Edsger")
    watch = Watch(lambda: store.survey, lambda: "CS-101", clock)
    assert names(look(watch, clock)) == ["Ada"]
    assert watch.answer(hashed(learner_id(2)), FIRST.id) is None


def test_who_did_nothing_for_hours_is_not_of_this_class(store, watch, clock):
    ada = come(store, 1, clock, "Ada")
    attempt(ada, FIRST, RIGHT)
    assert names(look(watch, clock)) == ["Ada"]
    clock.wait(CLASS_SECONDS)
    assert names(look(watch, clock)) == []
    assert names(look(Watch(lambda: store.survey, lambda: "", clock), clock)) == []
    clock.now = time.time()
    # A learner who comes back still has their earlier steps.
    ada.write(EXERCISES[1], "x = 1")
    found = look(watch, clock, 1)
    assert [each.state for each in found.board.rows[0].learner.progress[:2]] == ["solved", "trying"]


def test_a_board_has_room_for_so_many_and_shows_those_who_did_something_last(store, watch, clock, monkeypatch):
    monkeypatch.setattr(watch_module, "MAX_LEARNERS", 3)
    for number in range(5):
        come(store, number, clock, f"Name {number}")
    assert sorted(names(look(watch, clock))) == ["Name 2", "Name 3", "Name 4"]
    come(store, 5, clock, "Name 5")
    assert sorted(names(look(watch, clock))) == ["Name 3", "Name 4", "Name 5"]


def test_two_pages_that_show_the_board_ask_once(store, watch, clock):
    come(store, 1, clock)
    first = look(watch, clock)
    clock.wait(FRESH_SECONDS / 2)
    assert watch.look() is first


# --- when the store is away


def test_a_store_that_is_away_is_said_and_what_was_known_stays(store, clock):
    fails = []

    def survey():
        if fails:
            raise LabError("What you write cannot be kept in it (gone).", "See to that database.")
        return store.survey

    watch = Watch(survey, lambda: "", clock)
    come(store, 1, clock, "Ada")
    before = look(watch, clock)
    fails.append(True)
    away = look(watch, clock, 60)
    assert (away.board, away.at, str(away.error)[:30]) == (before.board, before.at, "What you write cannot be kept ")
    come(store, 2, clock, "Grace")
    fails.clear()
    assert sorted(names(look(watch, clock))) == ["Ada", "Grace"]
    nothing = Watch(lambda: fails.append(True) or survey(), lambda: "", clock)
    assert look(nothing, clock).error
    assert look(nothing, clock).board.rows == ()


def test_what_fails_in_the_middle_of_a_look_is_read_with_the_next(store, watch, clock, monkeypatch):
    ada = come(store, 1, clock, "Ada")
    look(watch, clock)
    attempt(ada, FIRST, RIGHT)

    def fail(*_):
        raise LabError("It is away.", "")

    with monkeypatch.context() as patch:
        patch.setattr("lab.store.survey.Survey.values", fail)
        assert look(watch, clock).error
    clock.wait(COMPARE_SECONDS / 2)
    assert look(watch, clock).board.rows[0].learner.progress[0].state == "solved"


@can_lose_its_file
def test_a_file_that_was_deleted_is_no_end(tmp_path, clock):
    (tmp_path / "share").mkdir()
    store = Store(f"sqlite:///{tmp_path}/share/lab.sqlite")
    watch = Watch(lambda: store.survey, lambda: "", clock)
    come(store, 1, clock, "Ada")
    look(watch, clock)
    shutil.rmtree(tmp_path / "share")
    assert "cannot be kept" in str(look(watch, clock).error)
    (tmp_path / "share").mkdir()
    come(store, 2, clock, "Grace")
    assert "Grace" in names(look(watch, clock))
    store.close()


# --- what a look costs


def test_a_look_reads_what_has_changed_and_no_more(store, watch, clock, monkeypatch):
    monkeypatch.setattr(watch_module, "OVERLAP", watch_module.OVERLAP * 0)
    class_ = fill(store, clock)
    clock.now = time.time()
    everything = look(watch, clock)
    assert len(everything.board.rows) == 30
    assert everything.rows > 300
    # Nothing has changed.
    assert look(watch, clock).rows == 0
    # An attempt changes a text, an answer and a history; only the history is read.
    attempt(class_[3], EXERCISES[5], Feedback("wrong", "No."))
    assert 0 < look(watch, clock).rows <= 4
    # Thirty learners type, but no text is read.
    for each in class_:
        each.write(EXERCISES[6], "x = 1")
    assert look(watch, clock).rows <= 2 * 30


def test_a_text_is_read_once_until_it_changes(store, watch, clock, monkeypatch):
    asked, values = [], Survey.values
    monkeypatch.setattr(Survey, "values", lambda self, ids: asked.extend(ids) or values(self, ids))
    ada = come(store, 1, clock, "Ada")
    texts = []
    for text in ("x = 1", "x = 2"):
        ada.write(FIRST, text)
        look(watch, clock)
        texts += [watch.answer(hashed(learner_id(1)), FIRST.id).text for _ in range(3)]
    assert texts == ["x = 1"] * 3 + ["x = 2"] * 3
    assert [document_id[1] for document_id in asked].count("answer") == 2
    monkeypatch.setattr(watch_module, "MAX_ANSWERS", 2)
    for step in EXERCISES[1:5]:
        ada.write(step, "x = 3")
    look(watch, clock)
    assert {watch.answer(hashed(learner_id(1)), step.id).text for step in EXERCISES[1:5]} == {"x = 3"}
    assert len(watch._answers) == 2
    # For a text that does not exist, the store is not asked.
    assert watch.answer("0" * 64, FIRST.id) is None
    assert watch.answer(hashed(learner_id(1)), EXERCISES[6].id) is None


def test_what_came_late_is_seen_with_the_next_look(store, watch, clock):
    """A transaction that began earlier may be visible later."""
    ada, grace = come(store, 1, clock, "Ada"), come(store, 2, clock, "Grace")
    attempt(grace, FIRST, RIGHT)
    look(watch, clock)
    attempt(ada, FIRST, RIGHT)
    before = watch._newest - timedelta(seconds=6)
    late = update(DOCUMENTS).where(DOCUMENTS.c.learner == hashed(learner_id(1))).values(changed_at=before)
    store._database.ask(lambda connection: connection.execute(late))
    assert look(watch, clock).board.columns[0].counts["solved"] == 2
