"""Work that cannot be cancelled, on a real Spark: its JVM is ended, all places are kept, and one learner waits.

The vocabulary refuses all of it, so the tests send it to Spark directly.
"""

import os
import shutil
import signal

import pytest
from pyspark.sql import functions as F

from lab import dataset
from lab.bucket import LOG_DATA_LIVE
from lab.engine.bounded import bounded
from lab.engine.readiness import Phase
from lab.engine.settings import LOCAL
from lab.engine.watchdog import PATIENCE
from lab.errors import LabError
from lab.lesson.steps import STEPS, deliver_code

pytestmark = pytest.mark.slow

SECONDS = 180
# Java's regular expressions backtrack through all possible matches, far too many to finish.
ENDLESS = "x?" * 45 + "y"
IN_A_TASK = f"repeat('x', cast(id AS INT) + 29) RLIKE '{ENDLESS}'"


@pytest.fixture
def until_ended(classroom, monkeypatch):
    """Return a function that acts with short limits, and waits until Spark was ended for that and is back."""

    def until_ended(action, **limits):
        engine = classroom.engine
        before = engine._jvm
        with monkeypatch.context() as patch:
            for name, seconds in limits.items():
                patch.setattr(PATIENCE, name, seconds)
            action()
            assert before.has_ended(SECONDS)
        with engine._changed:
            assert engine._changed.wait_for(
                lambda: engine._jvm is not before and not engine.readiness.starting, SECONDS
            )
        assert engine.wait()
        assert engine.readiness.phase is Phase.READY

    return until_ended


@pytest.fixture
def other(classroom):
    """Another learner, whose report is running and has read the first pair."""
    other = classroom.enter("e" * 32)
    other.prepare(STEPS["volume-query"])
    other.run(STEPS["volume-query"])
    other.run_code(deliver_code(dataset.FIRST.files))
    assert other.workspace.wait_until_read()
    yield other
    other.close()


@pytest.fixture
def hold(learner):
    """Return a function that makes the learner's scratch cell do something past the vocabulary."""
    learner.run(STEPS["schema"])

    def hold(action):
        learner.restore()
        learner.workspace.names["hold"] = lambda: action(learner.workspace.session) and None
        learner.run_scratch("hold()")
        return learner.scratch

    return hold


def is_told_and_waits(learner, classroom, words):
    assert learner.workspace.cooldown.words.startswith(words)
    with pytest.raises(LabError, match=r"You can run something again in \d minutes?"):
        learner.restore()
    assert "something that somebody ran" in classroom.engine.readiness.before
    learner.workspace.cooldown.begin("", 0)
    learner.restore()
    assert not learner.interrupted


def has_kept_their_place(other):
    assert other.workspace.cooldown.words == ""
    other.restore()
    assert other.workspace.wait_until_read()
    assert dict(other.runs.latest(STEPS["volume-query"]).last.table.rows) == {"s1": 1.2, "s2": 1.25}


def test_a_task_that_goes_on_after_it_was_cancelled(classroom, learner, other, hold, until_ended):
    def action(session):
        with bounded(1):
            session.range(1, 2, 1, 1).select(F.expr(IN_A_TASK)).collect()

    # The cell ends when its job is cancelled; the task does not.
    until_ended(lambda: hold(action), more=2)
    is_told_and_waits(learner, classroom, "What you ran went on for 2 seconds after it was cancelled.")
    has_kept_their_place(other)


def test_what_spark_folds_before_there_is_a_job(classroom, learner, other, hold, until_ended):
    def action(session):
        session.range(1).select(F.lit("x" * 60).rlike(ENDLESS)).collect()

    until_ended(lambda: hold(action), call=3, more=2)
    assert learner.scratch.failure.sentence.startswith("What you ran kept Spark busy for more than 5 seconds.")
    is_told_and_waits(learner, classroom, "What you ran kept Spark busy for more than 5 seconds.")
    has_kept_their_place(other)


@pytest.mark.parametrize(
    "held", [IN_A_TASK.replace("id", "length(value)"), f"repeat('x', 60) RLIKE '{ENDLESS}'"], ids=["task", "plan"]
)
def test_a_batch_without_an_end(classroom, learner, hold, until_ended, held):
    def start(session):
        lines = session.readStream.text(learner.workspace.bucket.uri(LOG_DATA_LIVE))
        lines.where(F.expr(held)).writeStream.queryName("held").format("noop").start()

    assert not hold(start).failure
    until_ended(lambda: learner.run_code(deliver_code(dataset.FIRST.files)), batch=2, more=2)
    (run,) = (run for run in learner.workspace.observations.runs if run.name == "held")
    assert run.failure.sentence.startswith("A batch of this query took more than 2 seconds")
    assert "for 2 seconds after it was" in learner.workspace.cooldown.words
    is_told_and_waits(learner, classroom, "")
    # The query is not started again.
    assert not learner.workspace.active


def test_a_folder_for_temporary_files_that_somebody_deletes(classroom, learner, other, hold, until_ended):
    until_ended(lambda: shutil.rmtree(classroom.engine.run_folder / LOCAL))
    assert "deleted its folder for temporary files" in classroom.engine.readiness.before
    has_kept_their_place(other)
    assert hold(lambda session: session.range(9).orderBy(F.desc("id")).collect()).failure is None


def test_a_java_that_no_longer_answers(classroom, learner, other, until_ended):
    until_ended(lambda: os.kill(classroom.engine._jvm.process.pid, signal.SIGSTOP), answer=3)
    assert classroom.engine.readiness.before == "Spark was started again, since it no longer answered."
    assert learner.workspace.cooldown.words == ""
    has_kept_their_place(other)


def test_a_stack_overflow_in_a_task_ends_that_task_alone(classroom, hold):
    before = classroom.engine._jvm
    deep = "repeat('x', cast(id AS INT) * 1000000) RLIKE '(x|y)*z'"
    run = hold(lambda session: session.range(1, 2, 1, 1).select(F.expr(deep)).collect())
    assert "StackOverflowError" in run.error
    assert not before.has_ended(3)
    assert hold(lambda session: session.range(3).count()).failure is None


def test_a_java_without_memory(classroom, learner, other, hold, until_ended):
    def action(session):
        java = session._jvm.java.lang
        # Long enough to be seen at work, then an array that is longer than Java's longest: that is the same error.
        java.Thread.sleep(2500)
        java.reflect.Array.newInstance(java.Long.TYPE, 2**31 - 1)

    until_ended(lambda: hold(action))
    assert classroom.engine.readiness.before == "Spark was started again, since its memory was used up."
    assert learner.workspace.cooldown.words.startswith("What you ran used up the memory of Spark.")
    learner.workspace.cooldown.begin("", 0)
    learner.restore()
    has_kept_their_place(other)
