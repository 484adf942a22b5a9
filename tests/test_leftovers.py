"""What Spark and py4j leave behind while they run is removed, and nothing else."""

import threading
import time

import pytest

from lab import dataset
from lab.engine import leftovers
from lab.engine.java import TEMPORARY
from lab.lesson.steps import STEPS


@pytest.fixture
def at_once(monkeypatch):
    monkeypatch.setattr(leftovers, "OLD_SECONDS", -1.0)


def callbacks():
    """Return the number of threads in which py4j serves the JVM's callbacks."""
    return sum(thread.name.endswith("(run)") for thread in threading.enumerate())


def until(shown):
    end = time.monotonic() + 20
    while not shown() and time.monotonic() < end:
        time.sleep(0.05)
    return shown()


def test_connections_of_threads_that_have_ended_are_closed_and_queries_go_on(classroom, learner, run_step, deliver):
    run_step("volume-query")
    for _ in range(3):
        run_step("sev0-query")
    before = callbacks()
    classroom.engine.tidy()
    assert until(lambda: callbacks() < before - 2)
    deliver(*dataset.FIRST.files)
    assert learner.runs.latest(STEPS["sev0-query"]).files
    assert learner.runs.latest(STEPS["volume-query"]).files


def test_the_folder_of_a_query_that_was_refused_goes_and_that_of_one_that_runs_stays(classroom, run_step, at_once):
    temporary = classroom.engine.run_folder / TEMPORARY
    there = set(temporary.glob("temporary-*"))
    run_step("volume-query")
    run_step("sev0-sorted")
    made = set(temporary.glob("temporary-*")) - there
    assert len(made) == 2
    classroom.engine.tidy()
    assert [any(folder.iterdir()) for folder in made if folder.exists()] == [True]


def test_a_folder_that_was_made_just_now_stays(classroom, tmp_path):
    (tmp_path / "temporary-new").mkdir()
    leftovers.tidy(classroom.engine.root, tmp_path)
    assert (tmp_path / "temporary-new").exists()
