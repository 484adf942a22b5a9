"""Who is kept, and who is cleared away; with a clock of our own and an engine that is never started."""

import os
import shutil
import threading

import pytest
from clocks import Clock

from lab.engine.engine import Engine
from lab.engine.readiness import Phase
from lab.engine.run_folder import make_run_folder, sweep
from lab.errors import LabError
from lab.lesson import classroom as module
from lab.lesson.classroom import GRACE_SECONDS, Classroom


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def room(clock):
    room = Classroom(Engine(), clock)
    yield room
    room.close()


def test_a_reload_and_a_second_tab_come_back_to_the_same_learner(room):
    first = room.enter("a" * 32)
    assert room.enter("a" * 32) is first
    assert room.enter("b" * 32) is not first


def test_who_is_there_does_not_wait_until_somebody_else_has_been_cleared_away(room):
    there = room.enter("a" * 32)
    came = []

    def come():
        came.append(room.enter("a" * 32))

    with room._door:
        thread = threading.Thread(target=come, daemon=True)
        thread.start()
        thread.join(20)
        assert came == [there]


def test_a_learner_is_cleared_away_a_while_after_the_last_page_was_seen(room, clock):
    learner = room.enter("a" * 32)
    clock.now += GRACE_SECONDS - 1
    room.seen(learner)
    clock.now += GRACE_SECONDS - 1
    assert room.reap() == ()
    clock.now += 2
    assert room.reap() == ("a" * 32,)
    assert learner.closed
    assert not learner.workspace.bucket.root.exists()
    assert room.enter("a" * 32) is not learner


def test_who_comes_back_while_being_cleared_away_gets_a_place_that_stays(room, clock, monkeypatch):
    old = room.enter("a" * 32)
    clock.now += GRACE_SECONDS + 1
    close = old.close
    new = []

    def close_slowly():
        new.append(room.enter("a" * 32))
        close()

    monkeypatch.setattr(old, "close", close_slowly)
    room.reap()
    assert len(new[0].workspace.bucket.list("LogData/")) == 4


def test_a_place_that_cannot_be_closed_in_order_is_deleted_all_the_same(room, clock, monkeypatch):
    learner = room.enter("a" * 32)

    def fail():
        raise RuntimeError("Spark does not answer")

    monkeypatch.setattr(learner.workspace, "close", fail)
    clock.now += GRACE_SECONDS + 1
    assert room.reap() == ("a" * 32,)
    assert not learner.workspace.bucket.root.exists()


def test_a_tidied_folder_is_made_again(room):
    learner = room.enter("a" * 32)
    shutil.rmtree(learner.workspace.bucket.root)
    learner.start_over()
    assert len(learner.workspace.bucket.list("LogData/")) == 4


def test_closing_leaves_no_folder(room):
    room.enter("a" * 32)
    folder = room.engine.run_folder
    assert folder.exists()
    room.close()
    assert not folder.exists()


def test_a_place_that_cannot_be_written_is_a_sentence(room, monkeypatch):
    def refuse(**_):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(LabError, match=r"may not write to .*TMPDIR"):
        room.enter("a" * 32)


def test_folders_of_killed_processes_are_swept_and_those_of_living_ones_kept(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    dead, living, other = (tmp_path / f"spark-streaming-lab-{name}" for name in ("11-x", "22-y", "notes-z"))
    for folder in (dead, living, other):
        folder.mkdir()
    sweep(alive=lambda process, _: process == 22)
    assert [dead.exists(), living.exists(), other.exists()] == [False, True, True]


def test_a_number_that_a_dead_process_had_says_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr("tempfile.gettempdir", lambda: str(tmp_path))
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    # This process's own, and that of one which has only begun since.
    own, newer, older = (tmp_path / f"spark-streaming-lab-{number}-x" for number in (os.getpid(), os.getppid(), 1))
    for folder in (own, newer, older):
        folder.mkdir()
    os.utime(newer, (1000, 1000))
    mine = make_run_folder()
    assert [own.exists(), newer.exists(), older.exists(), mine.exists()] == [False, False, True, True]
    sweep()
    assert mine.exists()


def test_an_engine_that_cannot_start_says_why_and_can_be_started_again(monkeypatch):
    def no_java():
        raise LabError("There is no Java for Spark.", "Run: pip install -r requirements.txt")

    monkeypatch.setattr("lab.engine.engine.find_java", no_java)
    monkeypatch.setattr("lab.engine.engine._disconnect", lambda: None)
    engine = Engine()
    with pytest.raises(LabError, match="There is no Java"):
        engine.wait(10)
    assert engine.readiness.phase is Phase.FAILED
    assert engine.readiness.down
    with pytest.raises(LabError, match="Spark could not start"):
        _ = engine.root
    engine.stop()
    assert engine.readiness.phase is Phase.STOPPED


def test_the_grace_is_longer_than_streamlit_keeps_a_lost_session():
    assert module.GRACE_SECONDS > 120


@pytest.fixture
def starts(room, monkeypatch):
    """One for each time that Spark would have been started."""
    starts = []
    monkeypatch.setattr(room.engine, "start", lambda: starts.append(threading.current_thread().name))
    return starts


def test_spark_starts_with_the_first_page_and_once(room, starts):
    room.open(pause=600)
    assert starts == []
    room.begin()
    room.begin()
    assert starts == [threading.current_thread().name]


def test_without_a_page_spark_starts_after_a_pause(room, starts):
    room.open(pause=0.001)
    room._beginning.join(20)
    assert len(starts) == 1
    room.begin()
    assert len(starts) == 1


def test_a_classroom_that_was_closed_starts_nothing(room, starts):
    room.open(pause=600)
    room.close()
    room._beginning.join(20)
    assert not room._beginning.is_alive()
    room.begin()
    assert starts == []


def test_a_classroom_that_is_opened_again_starts_spark_again(room, starts):
    room.open()
    room.close()
    room.open()
    assert len(starts) == 2
