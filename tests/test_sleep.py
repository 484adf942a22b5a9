"""Queries sleep while there is nothing to read and nobody is at work, and wake up where they were; on real queries."""

import threading
import time
from types import SimpleNamespace

import pytest
from py4j.protocol import Py4JError

from lab import dataset
from lab.bucket import LOG_DATA_LIVE
from lab.engine import sleep
from lab.engine.sleep import KEEPER
from lab.lesson.steps import STEPS

SECONDS = 30


def wait_until(condition):
    until = time.monotonic() + SECONDS
    while not condition():
        assert time.monotonic() < until
        time.sleep(0.02)


@pytest.fixture
def report(learner, run_step):
    """The run id of the volume report, which is asleep."""
    run_step("volume-query")
    run_id = learner.runs.latest(STEPS["volume-query"]).run_id
    wait_until(lambda: run_id in KEEPER.asleep)
    return run_id


@pytest.fixture
def unlooked(monkeypatch):
    """Make the periodic looks too rare to wake a query: only somebody's action can."""
    monkeypatch.setattr(sleep, "LOOK_SECONDS", 10 * SECONDS)


def execution(run_id):
    return KEEPER._queries[run_id].execution


def test_a_query_that_is_asleep_runs_for_all_who_ask_and_waits_in_front_of_its_lock(unlooked, learner, report):
    lock = execution(report).awaitProgressLock()
    wait_until(lock.hasQueuedThreads)
    assert learner.runs.is_running(STEPS["volume-query"])
    query = learner.workspace.active[0]
    assert query.isActive
    assert query.status["message"] in {"Waiting for data to arrive", "Waiting for next trigger"}


def test_a_delivery_wakes_it_where_it_was(unlooked, learner, report, deliver):
    deliver(*dataset.FIRST.files)
    wait_until(lambda: report in KEEPER.asleep)
    deliver(*dataset.SECOND.files)
    run = learner.runs.latest(STEPS["volume-query"])
    assert run.run_id == report
    assert {file.name for file in run.files} == set(dataset.FILES)


def test_a_file_that_comes_by_itself_is_found_though_nobody_is_at_work(learner, report):
    seen = learner.workspace.observations
    learner.workspace.bucket.write(f"{LOG_DATA_LIVE}other.csv", b"s9,2,1\n")
    assert seen.wait_for(
        lambda: any(file.name == "other.csv" for run in seen.runs for file in run.files), sleep.LOOK_SECONDS + SECONDS
    )


def test_while_somebody_is_at_work_nothing_sleeps(unlooked, learner, report):
    with learner.workspace.at_work():
        assert report not in KEEPER.asleep
        # The keeper checks the query meanwhile, and does not let it sleep.
        assert not execution(report).awaitProgressLock().isHeldByCurrentThread()
    wait_until(lambda: report in KEEPER.asleep)


def test_one_learner_at_work_neither_wakes_anybody_else_nor_waits_for_that(
    unlooked, classroom, learner, report, monkeypatch
):
    monkeypatch.setattr(sleep, "WAKE_SECONDS", 2 * SECONDS)
    other = classroom.enter("e" * 32)
    asleep = []

    def work():
        with other.workspace.at_work():
            asleep.append(report in KEEPER.asleep)

    try:
        worker = threading.Thread(target=work, daemon=True)
        worker.start()
        worker.join(SECONDS)
        assert asleep == [True]
    finally:
        other.close()


def test_a_query_that_is_asleep_can_be_stopped_and_is_forgotten(unlooked, learner, report):
    learner.stop(STEPS["volume-query"])
    assert learner.runs.latest(STEPS["volume-query"]).state == "stopped"
    wait_until(lambda: report not in KEEPER._queries)


def test_a_query_that_is_stopped_in_its_sleep_by_spark_itself_ends_at_its_next_look(learner, report, monkeypatch):
    # Otherwise the query would sleep again before it has ended.
    monkeypatch.setattr(sleep, "TICK_SECONDS", 0.001)
    learner.workspace.active[0].stop()
    wait_until(lambda: report not in KEEPER._queries)
    assert not learner.workspace.active


def lock_and_unit(classroom):
    concurrent = classroom.engine.root._jvm.java.util.concurrent
    return concurrent.locks.ReentrantLock(), concurrent.TimeUnit.SECONDS


def test_a_query_that_was_woken_for_a_look_has_it_before_it_sleeps_again():
    # Java's rule for a fair lock with a waiting thread: tryLock() jumps the queue, tryLock with a timeout waits its
    # turn.
    lock = SimpleNamespace(tryLock=lambda *time: not time)
    query = sleep._Query(SimpleNamespace(), lock, unit=None, attention=None)
    query.try_to_sleep(0.0)
    assert not query.asleep


def test_a_query_that_cannot_be_asked_whether_it_is_idle_is_let_be(classroom):
    lock, unit = lock_and_unit(classroom)

    def fail():
        raise Py4JError("no answer")

    query = sleep._Query(SimpleNamespace(isActive=fail, status=fail), lock, unit, attention=None)
    with pytest.raises(Py4JError):
        query.try_to_sleep(0.0)
    assert not lock.isLocked()


@pytest.mark.parametrize(
    ("active", "available", "message"),
    [
        (False, False, "Waiting for data to arrive"),
        (True, True, "Waiting for data to arrive"),
        (True, False, "Processing new data"),
    ],
)
def test_a_query_that_has_something_to_do_is_let_be(classroom, active, available, message):
    lock, unit = lock_and_unit(classroom)
    status = SimpleNamespace(isDataAvailable=lambda: available, message=lambda: message)
    query = sleep._Query(SimpleNamespace(isActive=lambda: active, status=lambda: status), lock, unit, attention=None)
    query.try_to_sleep(0.0)
    assert not query.asleep
    assert not lock.isLocked()


def test_queries_may_sleep_as_soon_as_the_work_is_done():
    attention = sleep.Attention(SimpleNamespace(runs=()))
    with attention.keep_awake():
        assert not attention.may_sleep
    assert attention.may_sleep


def test_what_was_delivered_is_read_before_a_query_sleeps_again(unlooked, learner, report):
    workspace = learner.workspace
    workspace.deliver(*dataset.FIRST.files)
    seen = workspace.observations
    assert seen.wait_for(
        lambda: {file.name for run in seen.runs for file in run.files} == set(dataset.FIRST.files), SECONDS
    )


def test_while_files_are_placed_no_query_looks_so_it_finds_both_in_one_batch(learner, report, deliver, monkeypatch):
    monkeypatch.setattr(sleep, "LOOK_SECONDS", sleep.TICK_SECONDS)
    monkeypatch.setattr(sleep, "FALL_ASLEEP_SECONDS", SECONDS)
    bucket = learner.workspace.bucket

    def copy_slowly(copies):
        for copy in copies:
            type(bucket).copy_together(bucket, [copy])
            # In this time, a sleeping query would have looked several times.
            looks.extend(report in KEEPER.asleep for _ in range(100) if not gone.wait(sleep.TICK_SECONDS / 10))

    looks: list[bool] = []
    gone = threading.Event()
    monkeypatch.setattr(bucket, "copy_together", copy_slowly, raising=False)
    deliver(*dataset.FIRST.files)
    assert len(looks) == 200
    assert all(looks)
    assert [batch.number for batch in learner.runs.latest(STEPS["volume-query"]).batches if batch.files] == [0]


def test_a_delivery_does_not_wait_for_a_query_that_reads(classroom):
    attention = sleep.Attention(SimpleNamespace(runs=()))
    lock, _ = lock_and_unit(classroom)
    reading = SimpleNamespace(isDataAvailable=lambda: True, message=lambda: "Processing new data")
    query = SimpleNamespace(isActive=lambda: True, status=lambda: reading, awaitProgressLock=lambda: lock)
    KEEPER.add("reading", query, attention)
    try:
        with attention.keep_asleep():
            # The keeper takes the lock for a moment, to see whether the query is idle.
            assert "reading" not in KEEPER.asleep
    finally:
        KEEPER.remove("reading")


def test_the_keeper_s_thread_ends_with_the_last_query(learner, report):
    learner.close()
    wait_until(lambda: not KEEPER._queries and KEEPER._thread is None)
    assert not [thread for thread in threading.enumerate() if thread.name == "query-keeper" and thread.is_alive()]
