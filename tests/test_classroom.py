"""Which learners are kept and which are removed; with a test clock and an engine that is never started."""

import os
import re
import shutil
import subprocess
import sys
import threading

import pytest
from clocks import Clock

from lab.course import classroom as module
from lab.course.classroom import GRACE_SECONDS, Classroom
from lab.engine import run_folder
from lab.engine.engine import Engine
from lab.engine.readiness import Phase
from lab.engine.run_folder import PREFIX, delete_run_folder, find_run_folder_parent, make_run_folder, sweep
from lab.errors import LabError
from lab.settings import Settings

needs_locks = pytest.mark.skipif(sys.platform == "win32", reason="Windows has no locks of folders")


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
    def refuse(*_, **__):
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr("tempfile.mkdtemp", refuse)
    with pytest.raises(LabError, match=r"may not write to .*TMPDIR"):
        room.enter("a" * 32)


@pytest.fixture
def elsewhere(tmp_path, monkeypatch):
    """Put run folders into the test's own temporary folder, since its cache is a file and cannot be used."""
    cache = tmp_path / "cache"
    cache.write_text("")
    monkeypatch.setattr("lab.engine.run_folder.user_cache", lambda: cache)
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))


def test_folders_of_killed_processes_are_swept_and_those_of_living_ones_kept(tmp_path, elsewhere):
    dead, living, other = (tmp_path / f"spark-streaming-lab-{name}" for name in ("11-x", "22-y", "notes-z"))
    for folder in (dead, living, other):
        folder.mkdir()
    sweep(alive=lambda process, _: process == 22)
    assert [dead.exists(), living.exists(), other.exists()] == [False, True, True]


def test_a_folder_that_cannot_be_deleted_is_named_and_keeps_no_lab_from_starting(
    tmp_path, elsewhere, monkeypatch, caplog
):
    stays, goes = (tmp_path / f"spark-streaming-lab-{name}" for name in ("11-x", "22-y"))
    for folder in (stays, goes):
        folder.mkdir()
    monkeypatch.setattr(run_folder, "delete_folder", lambda folder, *_: folder != stays and not folder.rmdir())
    monkeypatch.setattr(run_folder, "_lives", lambda *_: False)
    mine = make_run_folder(Settings())
    assert [stays.exists(), goes.exists(), mine.exists()] == [True, False, True]
    assert f"{stays} is left of a lab that was killed, and cannot be deleted" in caplog.text
    monkeypatch.undo()
    delete_run_folder(mine)


def test_a_number_that_a_dead_process_had_says_nothing(tmp_path, elsewhere):
    # Folders with this process's own id, and with that of a process that started later than the folder was made.
    own, newer, older = (tmp_path / f"spark-streaming-lab-{number}-x" for number in (os.getpid(), os.getppid(), 1))
    for folder in (own, newer, older):
        folder.mkdir()
    os.utime(newer, (1000, 1000))
    mine = make_run_folder(Settings())
    assert [own.exists(), newer.exists(), older.exists(), mine.exists()] == [False, False, True, True]
    sweep()
    assert mine.exists()
    delete_run_folder(mine)
    assert not mine.exists()


@needs_locks
def test_a_folder_that_is_held_is_kept_whatever_process_seems_to_have_made_it(tmp_path, elsewhere):
    # Like the folder of a neighbouring container, whose processes have the same ids.
    folder = tmp_path / f"spark-streaming-lab-{os.getpid()}-x"
    folder.mkdir()
    code = "import sys, lab.system as it; it.hold_folder(sys.argv[1]); print(1, flush=True); input()"
    with subprocess.Popen(
        [sys.executable, "-c", code, str(folder)],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
    ) as other:
        assert other.stdout.readline()
        sweep(alive=lambda *_: False)
        assert folder.exists()
        other.communicate(b"\n", timeout=20)
    sweep(alive=lambda *_: False)
    assert not folder.exists()


@pytest.fixture
def cache(tmp_path, monkeypatch):
    """The cache of this user."""
    monkeypatch.setattr("lab.engine.run_folder.user_cache", lambda: tmp_path / "cache")
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path))
    return tmp_path / "cache"


def test_a_run_folder_is_in_the_cache_where_nobody_cleans(cache):
    folder = make_run_folder(Settings())
    assert folder.parent == cache / "runs"
    assert folder.name.startswith(f"{os.getpid()}-")
    killed = cache / "runs" / "1234567-x"
    killed.mkdir()
    sweep(alive=lambda *_: False)
    assert [folder.exists(), killed.exists()] == [True, False]
    delete_run_folder(folder)
    assert not (cache / "runs").exists()


def test_a_run_folder_is_where_one_says(cache, tmp_path):
    folder = make_run_folder(Settings(run_folder=tmp_path / "there"))
    assert folder.parent == tmp_path / "there"
    delete_run_folder(folder)
    (tmp_path / "file").write_text("")
    with pytest.raises(LabError, match=f"refused {re.escape(str(tmp_path / 'file'))}"):
        make_run_folder(Settings(run_folder=tmp_path / "file"))


@pytest.mark.parametrize(
    ("change", "why"),
    [
        (lambda patch, cache: cache.write_text(""), "cannot be written"),
        (lambda patch, cache: patch.setattr("lab.engine.run_folder.is_on_network", lambda _: True), "another machine"),
        (
            lambda patch, cache: patch.setattr("lab.engine.run_folder.MAX_CHARACTERS", 10),
            "is longer than 10 characters",
        ),
    ],
)
def test_without_a_cache_of_use_it_is_in_the_folder_for_temporary_files(cache, tmp_path, monkeypatch, change, why):
    change(monkeypatch, cache)
    parent = find_run_folder_parent(Settings())
    assert (parent.folder, parent.prefix) == (tmp_path, PREFIX)
    assert why in parent.why
    folder = make_run_folder(Settings())
    assert folder.parent == tmp_path
    delete_run_folder(folder)


def test_a_folder_whose_name_spark_takes_for_a_pattern_is_not_chosen(cache, tmp_path, monkeypatch):
    for name in ("cache", "temporary"):
        (tmp_path / "[x]" / name).mkdir(parents=True)
    monkeypatch.setattr("lab.engine.run_folder.user_cache", lambda: tmp_path / "[x]" / "cache")
    parent = find_run_folder_parent(Settings())
    assert (parent.folder, parent.prefix) == (tmp_path, PREFIX)
    assert "is a pattern to Spark" in parent.why
    monkeypatch.setattr("tempfile.tempdir", str(tmp_path / "[x]" / "temporary"))
    monkeypatch.setattr("lab.engine.run_folder._TEMPORARY", (str(tmp_path),))
    assert find_run_folder_parent(Settings()).folder == tmp_path


def test_an_engine_that_cannot_start_says_why_and_can_be_started_again(monkeypatch):
    def no_java(_):
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


def test_each_who_waits_for_a_spark_that_cannot_start_gets_an_error_of_their_own(monkeypatch):
    engine, why = Engine(), LabError("There is no Java for Spark.", "Run: pip install -r requirements.txt")
    monkeypatch.setattr(engine, "start", lambda: None)
    engine._set(Phase.FAILED, why)
    raised = []
    for _ in range(2):
        with pytest.raises(LabError) as caught:
            engine.wait(10)
        raised.append(caught.value)
    assert len({id(error) for error in (why, *raised)}) == 3
    assert [(error.what, error.advice) for error in raised] == [(why.what, why.advice)] * 2
    assert why.__traceback__ is None


def test_the_grace_is_longer_than_streamlit_keeps_a_lost_session():
    assert module.GRACE_SECONDS > 120


@pytest.fixture
def starts(room, monkeypatch):
    """One entry for each time that Spark would have been started."""
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
