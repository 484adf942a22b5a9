"""What a teacher shows: a value with limits, kept in the store for labs that share it; also the rows of a result."""
# ruff: noqa: F811 - a fixture is requested by its name

import json
from dataclasses import replace
from datetime import UTC, datetime
from decimal import Decimal

import pytest
from clocks import Clock
from hypothesis import given
from hypothesis import strategies as st
from test_store import can_lose_its_file, own_postgresql, postgresql, url  # noqa: F401 - fixtures

from lab.cells.bounds import MAX_SOURCE
from lab.course.own_id import own_id
from lab.course.showing import (
    BEAT_SECONDS,
    FRESH_SECONDS,
    LAST_SECONDS,
    OFF_SECONDS,
    SAVE_SECONDS,
    SILENT_SECONDS,
    Showing,
)
from lab.course.shown import MAX_PICTURE, MAX_PRINTED, MAX_VERDICT, Shown, bounded, document_of, read_shown
from lab.engine.observe import Batch, Table
from lab.engine.snapshots import OutputSeen
from lab.errors import LabError
from lab.lesson.steps import STEPS
from lab.stage.moment import NOW, Moment
from lab.stage.result_rows import MAX_LETTERS, MAX_ROWS, ResultRows, result_rows
from lab.store import Conflict, Store
from lab.ui.cookie import valid_learner_id

ROWS = ResultRows("The report after batch 1", ("serverID", "avgVolume"), (("s1", "0.9"), ("s2", "null")), 3)
ONE = Shown("volume-query", "x = 1", verdict="Right.", outcome="passed", picture='{"at": 0}', result=ROWS)
OTHER = replace(ONE, code="x = 2")
AT = datetime(2026, 11, 28, tzinfo=UTC)

texts = st.text(st.characters(codec="utf-8"), max_size=60)
long_texts = texts | st.builds(lambda text, times: text * times, texts, st.integers(0, 2000))
cells = st.lists(st.text(max_size=MAX_LETTERS), max_size=6).map(tuple)
results = st.builds(ResultRows, texts, cells, st.lists(cells, max_size=MAX_ROWS).map(tuple), st.integers(0, 10**9))
pictures = st.just("") | st.dictionaries(texts, texts, max_size=3).map(json.dumps)
shown = st.builds(
    Shown,
    st.sampled_from(sorted(STEPS)),
    long_texts,
    st.booleans(),
    long_texts,
    long_texts,
    long_texts,
    st.sampled_from(["", "passed", "wrong", "error", "refused", "not performed", "not attempted"]),
    pictures,
    results,
)


# --- the value


@given(shown)
def test_whatever_is_shown_comes_back_from_the_store_as_it_was_cut(value):
    kept = json.loads(json.dumps(document_of(value)))
    assert read_shown(kept) == bounded(value)
    assert bounded(bounded(value)) == bounded(value)
    assert len(json.dumps(kept, ensure_ascii=False)) < 40_000
    if len(value.code) <= MAX_SOURCE:
        assert bounded(value).code == value.code


def test_what_is_cut_says_so_and_a_picture_that_is_too_large_is_left_out():
    cut = bounded(replace(ONE, printed="x" * 50_000, verdict="y" * 50_000, picture='"' + "z" * MAX_PICTURE + '"'))
    assert cut.printed.endswith("… 50,000 characters in all")
    assert (len(cut.printed), len(cut.verdict), cut.picture) == (MAX_PRINTED, MAX_VERDICT, "")


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | texts,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(texts, inner, max_size=4),
)


@given(json_values)
def test_what_is_no_such_document_is_nothing(value):
    assert read_shown(value) is None


@given(st.sampled_from(sorted(document_of(ONE))), json_values)
def test_a_document_with_a_part_of_something_else_is_read_within_its_bounds_or_not_at_all(part, value):
    found = read_shown({**json.loads(json.dumps(document_of(ONE))), part: value})
    assert found is None or bounded(found) == found


@pytest.mark.parametrize(
    "wrong",
    [
        {"form": 2},
        {"step_id": "no-such-step"},
        {"outcome": "<b>"},
        {"code": "x" * (MAX_SOURCE + 1)},
        {"picture": "[]"},
        {"picture": "{"},
        {"picture": "[" * 5_000},
        {"result": {"title": "", "columns": [], "rows": [["x" * 41]], "more": 0}},
        {"result": {"title": "", "columns": [], "rows": [[]] * 13, "more": 0}},
        {"result": {"title": "", "columns": [], "rows": ["abc"], "more": 0}},
    ],
)
def test_what_another_version_or_somebody_else_has_written_is_not_shown(wrong):
    assert read_shown({**json.loads(json.dumps(document_of(ONE))), **wrong}) is None


def test_a_solution_and_code_that_has_passed_give_it_away():
    assert ONE.gives_away
    assert replace(ONE, is_solution=True, outcome="").gives_away
    assert not replace(ONE, outcome="wrong").gives_away


# --- the store


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


@pytest.fixture
def lab(store, clock):
    """Return a function that makes a lab of a class."""
    return lambda code="a class": Showing(lambda: store, lambda: code, clock)


def later(clock, lab, seconds=SAVE_SECONDS):
    clock.wait(max(seconds, FRESH_SECONDS))
    return lab.look()


def test_nobody_sees_anything_until_the_teacher_lets_them(lab, clock, store):
    teacher, learner = lab(), lab()
    assert not learner.look().is_on
    assert teacher.show(ONE, None) is None
    assert later(clock, learner).shown is None
    assert store.load(own_id("showing", "a class")) == {}


def test_what_is_shown_is_seen_on_another_lab_of_the_class_and_by_no_other_class(lab, clock):
    teacher, learner, stranger = lab(), lab(), lab("another class")
    teacher.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    assert teacher.show(ONE, None) == ONE
    status = later(clock, learner)
    assert (status.shown, status.is_on, status.is_live, status.error) == (ONE, True, True, None)
    assert stranger.look().shown is None
    assert lab(" A  Class ").look().shown == ONE


def test_it_is_kept_once_a_second_and_only_when_it_has_changed(lab, clock, store, monkeypatch):
    saved, save = [], store.save
    monkeypatch.setattr(store, "save", lambda *given: saved.append(given) or save(*given))
    teacher = lab()
    teacher.let_watch(on=True)
    last = None
    for tenth in range(100):
        clock.wait(0.1)
        last = teacher.show(replace(ONE, code=f"x = {min(tenth, 35)}"), last)
    # Saved are the switch, one state a second during the changes, and the last state.
    assert 5 <= len(saved) <= 6
    assert lab().look().shown.code == "x = 35"


def test_while_nothing_changes_the_teacher_is_still_there(lab, clock):
    teacher, learner, last = lab(), lab(), None
    teacher.let_watch(on=True)
    for _ in range(int(SILENT_SECONDS) * 3):
        clock.wait(1)
        last = teacher.show(ONE, last)
    assert learner.look().is_live


def test_who_is_silent_is_said_to_be_and_later_the_switch_is_off_and_the_picture_goes(lab, clock):
    teacher, learner = lab(), lab()
    teacher.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    teacher.show(ONE, None)
    status = later(clock, learner, SILENT_SECONDS)
    assert (status.shown, status.is_on, status.is_live) == (ONE, True, False)
    status = later(clock, learner, OFF_SECONDS)
    assert (status.shown, status.is_on) == (ONE, False)
    # A window that was left open shows nothing any more.
    assert teacher.show(OTHER, ONE) is None
    assert later(clock, learner, LAST_SECONDS).shown is None


def test_who_stops_leaves_the_last_picture_and_who_begins_again_does_not_bring_it_back(lab, clock):
    teacher, board, learner = lab(), lab(), lab()
    teacher.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    last = teacher.show(ONE, None)
    board.let_watch(on=False)
    status = later(clock, learner)
    assert (status.shown, status.is_on, status.is_live) == (ONE, False, False)
    assert teacher.show(OTHER, last) is None
    board.let_watch(on=True)
    status = later(clock, learner)
    assert (status.shown, status.is_on, status.is_live) == (None, True, False)


def test_of_two_windows_the_class_sees_the_one_in_which_something_has_changed_last(lab, clock):
    first, second, learner = lab(), lab(), lab()
    first.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    of_first = first.show(ONE, None)
    clock.wait(SAVE_SECONDS)
    of_second = second.show(OTHER, None)
    for _ in range(100):
        clock.wait(SAVE_SECONDS)
        of_first, of_second = first.show(ONE, of_first), second.show(OTHER, of_second)
        assert learner.look().shown == OTHER
    third = replace(ONE, code="x = 3")
    clock.wait(SAVE_SECONDS)
    of_first, of_second = first.show(third, of_first), second.show(OTHER, of_second)
    assert later(clock, learner).shown == third


def test_a_switch_that_was_pressed_elsewhere_at_the_same_moment_counts(lab, clock, store, monkeypatch):
    teacher, board = lab(), lab()
    teacher.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    save = store.save

    def late(*given):
        monkeypatch.setattr(store, "save", save)
        board.let_watch(on=False)
        kept = save(*given)
        assert isinstance(kept, Conflict)
        return kept

    monkeypatch.setattr(store, "save", late)
    assert teacher.show(ONE, None) is None
    clock.wait(SAVE_SECONDS)
    assert teacher.show(ONE, None) is None
    assert later(clock, lab()).shown is None


def test_a_store_that_cannot_be_asked_is_told_and_what_was_seen_stays(lab, clock, store, monkeypatch):
    teacher, learner = lab(), lab()
    teacher.let_watch(on=True)
    clock.wait(SAVE_SECONDS)
    last = teacher.show(ONE, None)
    assert later(clock, learner).is_live

    def fail(*_):
        raise LabError("It is away.", "Wait.")

    with monkeypatch.context() as patch:
        patch.setattr(store, "versions_of", fail)
        status = later(clock, learner)
        assert (status.shown, str(status.error)) == (ONE, "It is away. Wait.")
        with pytest.raises(LabError, match="It is away"):
            teacher.show(OTHER, last)
        with pytest.raises(LabError, match="It is away"):
            teacher.let_watch(on=False)
    assert later(clock, learner).error is None


def test_many_pages_of_a_lab_ask_the_store_once(lab, clock, store, monkeypatch):
    asked, versions_of = [], store.versions_of
    monkeypatch.setattr(store, "versions_of", lambda known: asked.append(known) or versions_of(known))
    learner = lab()
    for _ in range(100):
        learner.look()
    assert len(asked) == 1


@pytest.mark.parametrize("value", [3, "x", {}, {"on": 1, "at": 0}, {"on": True, "at": "x"}, {"on": True, "at": 1e300}])
def test_a_document_of_somebody_else_is_nothing(lab, store, value):
    store.save(own_id("showing", "a class"), ("shown", ""), value)
    status = lab().look()
    assert (status.shown, status.is_on, status.is_live) == (None, False, False)


def test_beats_come_before_a_silence():
    assert SAVE_SECONDS < BEAT_SECONDS < SILENT_SECONDS < OFF_SECONDS < LAST_SECONDS


def test_no_browser_can_have_the_id_of_a_course():
    assert valid_learner_id(own_id("showing", "")) is None
    assert valid_learner_id(own_id("showing", "a class")) is None


# --- the rows of a result


def moment(rows, before=None, columns=("serverID", "avgVolume"), **more):
    batch = Batch(1, AT, 3, None, ())
    tables = {"table": Table(columns, rows), "table_before": before and Table(columns, before)}
    return Moment(NOW, "Now", AT, (), "running", batches=(batch,), **(tables | more))


def test_a_report_stands_beside_what_it_was_before():
    found = result_rows(moment((("s2", 0.875), ("s1", Decimal("0.9"))), (("s1", 0.8),)), "report")
    assert found.columns == ("serverID", "avgVolume", "before")
    assert found.rows == (("s1", "0.9", "0.8"), ("s2", "0.875", "–"))
    assert result_rows(moment((("s1", None),)), "report").rows == (("s1", "null"),)


def test_a_report_of_any_form_is_drawn():
    odd = moment((({"a": 1}, [2], None),), (({"a": 1}, [2], None),), ("a", "b", "c"))
    assert result_rows(odd, "report").rows == (("{'a': 1}", "[2]", "null"),)
    assert result_rows(moment((([1], 2),), (([1], 2),)), "report").rows == (("[1]", "2"),)


def test_the_newest_rows_come_first_and_the_others_are_counted():
    found = result_rows(moment(tuple((f"s{number}", number) for number in range(20))), "rows")
    assert found.rows[0] == ("s19", "19")
    assert (len(found.rows), found.more) == (MAX_ROWS, 20 - MAX_ROWS)


def test_a_log_has_its_newest_rows_at_the_end_and_marks_those_of_the_newest_batch():
    rows = tuple((number // 10, "s1", number) for number in range(20))
    found = result_rows(moment((), output=OutputSeen(rows=rows, total=50, newest=1)), "log")
    assert found.rows[-1] == ("1", "s1", "19", "● newest batch")
    assert found.rows[0][-1] == ""
    assert found.more == 50 - MAX_ROWS


@pytest.mark.parametrize("picture", ["rows", "report", "log"])
def test_what_is_not_known_is_a_sentence(picture):
    assert "No batch yet" in result_rows(Moment(NOW, "Now", None, (), "not started"), picture).title
    unknown = result_rows(moment((), table=None), picture)
    assert (unknown.columns, unknown.rows) == ((), ())
    assert unknown.title
