"""A class that is too big for the machine: who has a place, who waits, and what a page says about it."""

import threading

import pytest
from clocks import Clock

from lab.course import waiting
from lab.course.classroom import SHORT_GRACE_SECONDS, Classroom
from lab.course.turns import Turns
from lab.course.waiting import KEPT_SECONDS, PATIENCE_SECONDS, FullError, Line, places
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.steps import STEPS
from lab.settings import MAX_LEARNERS, Settings, read_settings
from lab.system import Memory

ADA, BOB, EVE = ("a" * 32, "b" * 32, "e" * 32)


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def room(clock):
    """A classroom with two places."""
    room = Classroom(Engine(), clock, settings=lambda: Settings(max_learners=2))
    yield room
    room.close()


def ahead(room, who):
    with pytest.raises(FullError) as full:
        room.enter(who)
    return full.value.ahead


def test_who_finds_no_place_waits_in_line_and_is_told_how_many_are_ahead(room):
    room.enter(ADA), room.enter(BOB)
    assert [ahead(room, who) for who in (EVE, "f" * 32, EVE)] == [0, 1, 0]


def test_those_who_have_a_place_are_not_in_anybody_s_way(room):
    first = room.enter(ADA)
    room.enter(BOB)
    ahead(room, EVE)
    assert room.enter(ADA) is first


def test_who_has_no_page_open_makes_room_for_the_first_in_line_alone(room, clock):
    old, other = room.enter(ADA), room.enter(BOB)
    clock.now += SHORT_GRACE_SECONDS + 1
    room.seen(other)
    assert room.enter(EVE)
    assert old.closed
    assert not other.closed
    assert ahead(room, ADA) == 0


def test_a_place_goes_to_the_one_who_came_first(room, clock):
    old, other = room.enter(ADA), room.enter(BOB)
    assert ahead(room, EVE) == 0
    assert ahead(room, "f" * 32) == 1
    clock.now += PATIENCE_SECONDS - 1
    ahead(room, EVE)
    # One place becomes free.
    clock.now += SHORT_GRACE_SECONDS
    room.seen(other)
    ahead_of_last = [room.enter(EVE), ahead(room, "f" * 32)][1]
    assert old.closed
    assert ahead_of_last == 0


def test_of_several_without_a_page_the_one_who_was_not_seen_for_longest_makes_room(room, clock):
    first, last = room.enter(ADA), room.enter(BOB)
    clock.now += 1
    room.seen(first)
    clock.now += SHORT_GRACE_SECONDS + 1
    room.enter(EVE)
    assert last.closed
    assert not first.closed


def test_nobody_takes_a_place_from_those_who_came_before(room):
    first = room.enter(ADA)
    room.enter(BOB)
    ahead(room, EVE)
    ahead(room, "f" * 32)
    first.close()
    assert ahead(room, "f" * 32) == 1
    assert room.enter(EVE)


def test_who_gives_up_leaves_the_line():
    clock = Clock()
    line = Line(clock)
    assert [line.ahead(who) for who in (ADA, BOB, EVE)] == [0, 1, 2]
    clock.now += PATIENCE_SECONDS
    assert line.ahead(EVE) == 2
    clock.now += 1
    assert line.ahead(EVE) == 0
    line.leave(EVE)
    assert line.ahead(BOB) == 0


def test_who_comes_back_soon_has_the_place_that_they_had_and_nobody_waited_for_them():
    clock = Clock()
    line = Line(clock)
    assert [line.ahead(who) for who in (ADA, BOB)] == [0, 1]
    clock.now += PATIENCE_SECONDS + 15
    # Bob would get a place that becomes free now.
    assert line.ahead(BOB) == 0
    assert line.ahead(ADA) == 0
    assert line.ahead(BOB) == 1
    clock.now += KEPT_SECONDS + 1
    assert [line.ahead(who) for who in (BOB, ADA)] == [0, 1]


@pytest.mark.parametrize("text", ["0", "-1", "many", "1.5", "²"])
def test_a_number_of_learners_that_is_none_is_refused_with_its_name(text):
    with pytest.raises(LabError, match=MAX_LEARNERS):
        read_settings({MAX_LEARNERS: text})


def test_the_places_follow_the_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(waiting, "_CGROUP", tmp_path / "memory.max")
    (tmp_path / "memory.max").write_text(f"{waiting.LAB_BYTES + 7 * waiting.LEARNER_BYTES}\n")
    assert places(Settings()) == 7
    (tmp_path / "memory.max").write_text("1000\n")
    assert places(Settings()) == 1
    (tmp_path / "memory.max").write_text("max\n")
    assert places(Settings()) > 1


def test_without_a_limit_of_linux_the_places_follow_the_machines_memory(monkeypatch, tmp_path):
    monkeypatch.setattr(waiting, "_CGROUP", tmp_path / "not-there")
    memory = Memory(waiting.LAB_BYTES + 9 * waiting.LEARNER_BYTES, 0)
    monkeypatch.setattr(waiting, "memory", lambda: memory)
    assert places(Settings()) == 9


def test_a_page_without_a_place_says_so_and_goes_on_when_there_is_one(app, classroom, monkeypatch):
    # Learners of earlier tests still have places in the classroom.
    monkeypatch.setattr(classroom, "_seats", {})
    monkeypatch.setattr(classroom, "_settings", lambda: read_settings({MAX_LEARNERS: "0001"}))
    first = classroom.enter(ADA)
    try:
        app.run()
        assert [info.value for info in app.info] == [
            "The only place of this lab is taken. You are the first in line. This page goes on by itself when one is free."
        ]
        assert not app.exception
        assert not app.button
    finally:
        monkeypatch.setattr(classroom, "_settings", Settings)
        first.close()
    app.run()
    assert not app.info
    assert app.button


def test_a_cell_waits_for_its_turn_and_the_page_says_how_many_are_ahead(app, classroom, monkeypatch):
    turns = Turns(1)
    monkeypatch.setattr(classroom, "turns", turns)
    app.switch_page("pages/schema.py").run()
    learner = classroom.enter(app.session_state["learner_id"])
    learner.progress.write(STEPS["schema"], STEPS["schema"].code)
    said = threading.Event()
    let_go = threading.Event()
    holds = threading.Event()

    def hold():
        with turns.turn(lambda: False, lambda _: None):
            holds.set()
            let_go.wait(30)

    holder = threading.Thread(target=hold)
    holder.start()
    assert holds.wait(10)
    monkeypatch.setattr("lab.ui.session.show_place", lambda place, ahead: (said.set(), let_go.set()))
    app.button(key="run-schema").click().run()
    assert said.is_set()
    holder.join(10)
    assert learner.progress.answer(STEPS["schema"]).feedback.outcome == "passed"
