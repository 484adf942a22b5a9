"""The JVM is really killed, and Spark comes back with the learner's place kept."""

import logging
import os
import signal
import threading
import time

import pytest
from patience import PATIENCE
from py4j.clientserver import ClientServerConnection
from py4j.protocol import ERROR_ON_RECEIVE, Py4JError, Py4JNetworkError

from lab import dataset, oracle
from lab.bucket import OUTPUT
from lab.engine.observe import INTERRUPTED
from lab.engine.readiness import Phase
from lab.engine.spark import disconnect
from lab.errors import LabError
from lab.judge.probe import Probe
from lab.judge.run import perform
from lab.lesson.results import GROUPS, check
from lab.lesson.steps import STEPS, deliver_code
from lab.sev0_output import read_log_output


@pytest.fixture
def kill_spark(classroom, learner):
    def kill():
        # An earlier test may have started Spark only a moment ago.
        classroom.engine.wait_until_warm()
        os.kill(classroom.engine._jvm.process.pid, signal.SIGKILL)
        with classroom.engine._changed:
            assert classroom.engine._changed.wait_for(lambda: classroom.engine.readiness.phase is Phase.DIED, 30)
        # The classroom is notified in the thread that noticed the end.
        seen = learner.workspace.observations
        assert seen.wait_for(lambda: all(run.ended for run in seen.runs) and learner.interrupted, 30)

    return kill


@pytest.mark.slow
def test_everything_is_back_after_the_jvm_died(classroom, learner, run_step, deliver, kill_spark):
    run_step("peek")
    learner.stop(STEPS["peek"])
    run_step("volume-query")
    run_step("sev0-query")
    deliver(*dataset.FIRST.files)
    learner.progress.write_result(GROUPS[0].id, "s1 1.2\ns2 1.25")

    kill_spark()
    assert classroom.engine.readiness.down
    assert learner.interrupted
    assert learner.runs.latest(STEPS["volume-query"]).failure is INTERRUPTED
    assert not learner.runs.has_run(STEPS["volume-query"])
    assert not learner.runs.is_running(STEPS["volume-query"])
    # Observations, deliveries and answers are kept.
    assert (
        check(
            GROUPS[0], learner.progress.result(GROUPS[0].id).text, learner.runs.of_query(STEPS["volume-query"])
        ).outcome
        == "passed"
    )

    learner.restore()
    assert not learner.interrupted
    # The queries that were running run again; the one that had been stopped does not.
    assert {query.name for query in learner.workspace.active} == {"volume_report", "sev0_log"}
    assert learner.runs.has_run(STEPS["volume-query"])
    assert learner.workspace.wait_until_read()
    deliver(*dataset.SECOND.files)
    report = learner.runs.latest(STEPS["volume-query"]).last.table
    assert dict(report.rows) == {"s1": 1.3, "s2": 1.5}
    # The log has continued from its checkpoint: nothing is lost or doubled.
    rows = read_log_output(learner.workspace.bucket).rows
    assert [batch for batch, _, _ in rows] == [0] * 5 + [1] * 4
    log = "\n".join(f"{server} {time}" for _, server, time in rows)
    assert check(GROUPS[3], log, learner.runs.of_query(STEPS["sev0-query"])).outcome == "passed"


SINK = """
sev0SaveQuery = (
    sev0.writeStream.queryName("sev0_log").format("csv")
    .option("path", f"{s3_lab9_output_uri}sev0")
    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")
    .start()
)
"""
# What Spark logs at a moment of the second batch, the class that logs it, and whether the sink's log then has the batch.
MOMENTS = {
    "some of its files are written": ("datasources.FileScanRDD", r"Reading File path: .*/s2610\.csv.*", False),
    "all of its files are written": ("datasources.FileFormatWriter", "Start to commit write Job.*", False),
    "the sink's log has it": ("streaming.ManifestFileCommitProtocol", "Committed batch 1.*", True),
}


def hold(jvm, name, words):
    """Make every thread of Java wait for ever where a class of Spark logs these words; return a stream with some of them."""
    log4j = jvm.org.apache.logging.log4j
    name = f"org.apache.spark.sql.execution.{name}"
    only = log4j.core.filter.RegexFilter.createFilter(words, None, False, None, None)  # noqa: FBT003
    # A pipe that nobody reads from is full after a few letters.
    said = jvm.java.io.PipedInputStream(8)
    pipe = jvm.java.io.PipedOutputStream(said)
    full = log4j.core.appender.OutputStreamAppender.createAppender(None, only, pipe, "held", False, False)  # noqa: FBT003
    full.start()
    log4j.core.config.Configurator.setLevel(name, "INFO")
    log4j.LogManager.getLogger(name).addAppender(full)
    return said


def wait_for(condition):
    deadline = time.monotonic() + 60 * PATIENCE
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.02)


@pytest.mark.slow
@pytest.mark.parametrize("moment", MOMENTS)
def test_a_batch_in_which_the_jvm_dies_is_done_once(classroom, learner, run_step, deliver, kill_spark, moment):
    name, words, is_listed = MOMENTS[moment]
    run_step("volume-query")
    learner.prepare(STEPS["sev0-query"])
    learner.progress.write(STEPS["sev0-query"], SINK)
    assert not learner.submit(STEPS["sev0-query"]).failure
    deliver(*dataset.FIRST.files)
    bucket = learner.workspace.bucket

    def output():
        return {entry.key.removeprefix(OUTPUT) for entry in bucket.list(OUTPUT)}

    def parts():
        return {key for key in output() if key.endswith(".csv")}

    before = parts()
    held = hold(classroom.engine.root._jvm, name, words)
    learner.run_code(deliver_code(dataset.SECOND.files))
    # The report reads the same files, and may be held first.
    wait_for(lambda: held.available() and parts() > before)
    kill_spark()
    left = output()
    assert "checkpoint/offsets/1" in left
    assert "checkpoint/commits/1" not in left
    assert ("sev0/_spark_metadata/1" in left) == is_listed

    learner.restore()
    assert learner.workspace.wait_until_read()
    batches = dataset.SHIPPED.batches()
    expected = [(number, *row) for number, files in enumerate(batches) for row in oracle.sev0_log([files])]
    assert sorted(read_log_output(bucket).rows) == sorted(expected)
    schema = "serverID STRING, timestamp INT"
    rows = learner.workspace.session.read.schema(schema).csv(bucket.uri(f"{OUTPUT}sev0")).collect()
    assert sorted(map(tuple, rows)) == sorted(oracle.sev0_log(batches))
    report = learner.runs.latest(STEPS["volume-query"]).last.table
    assert dict(report.rows) == oracle.volume_report([file for files in batches for file in files])


@pytest.mark.slow
def test_an_answer_in_whose_check_the_jvm_dies_is_not_judged(classroom, learner, monkeypatch):
    step = STEPS["volume-report"]
    learner.prepare(step)
    learner.progress.write(step, step.code)
    perform = Probe.perform

    def die(*given):
        if jvm := classroom.engine._jvm:
            jvm.kill()
        return perform(*given)

    with monkeypatch.context() as patch:
        patch.setattr(Probe, "perform", die)
        with pytest.raises(LabError, match=r"Spark has stopped\. Bring it back"):
            learner.submit(step)
    assert learner.progress.answer(step).feedback is None
    assert classroom.engine.has_died()
    learner.submit(step)
    assert learner.progress.answer(step).feedback.has_passed


@pytest.mark.slow
def test_an_action_after_a_death_brings_spark_back_by_itself(learner, run_step, kill_spark):
    run_step("volume-query")
    kill_spark()
    learner.run_code(deliver_code(dataset.FIRST.files))
    assert [query.name for query in learner.workspace.active] == ["volume_report"]
    assert learner.workspace.wait_until_read()
    assert dict(learner.runs.latest(STEPS["volume-query"]).last.table.rows) == {"s1": 1.2, "s2": 1.25}


@pytest.mark.slow
def test_a_long_cell_of_one_learner_keeps_nobody_from_going_on_after_a_death(classroom, learner):
    busy, going_on = classroom.enter("e" * 32), classroom.enter("f" * 32)
    for each in (learner, busy, going_on):
        assert not each.run(STEPS["schema"]).failure
    begun, done = threading.Event(), threading.Event()

    def cell():
        with busy.workspace.at_work():
            begun.set()
            done.wait(120)

    at_work = threading.Thread(target=cell)
    at_work.start()
    try:
        assert begun.wait(30)
        (watch,) = (thread for thread in threading.enumerate() if thread.name == "engine-watch")
        os.kill(classroom.engine._jvm.process.pid, signal.SIGKILL)
        with classroom.engine._changed:
            assert classroom.engine._changed.wait_for(lambda: classroom.engine.readiness.phase is Phase.DIED, 30)
        # This workspace has not yet been told that its session is gone: the notification of a long cell comes first.
        going_on.restore()
        session = going_on.workspace.session
        assert session.range(3).count() == 3
        done.set()
        watch.join(30)
        assert not watch.is_alive()
        # It is not told of the new session now, either.
        assert going_on.workspace.session is session
        for each in (learner, busy, going_on):
            assert not each.run(STEPS["schema"]).failure
    finally:
        done.set()
        at_work.join()
        busy.close()
        going_on.close()


@pytest.mark.slow
def test_who_is_cleared_away_after_a_death_leaves_nothing_and_does_not_come_back(classroom, kill_spark, learner):
    gone = classroom.enter("e" * 32)
    assert not gone.run(STEPS["schema"]).failure
    stale = gone.workspace.session
    learner.run(STEPS["schema"])
    kill_spark()
    gone.workspace._session = stale  # as if it had not been told yet
    gone.close()
    assert gone.workspace.session is None
    with pytest.raises(LabError, match="cleared away"):
        gone.run_scratch("spark")
    learner.restore()


@pytest.mark.slow
def test_who_starts_over_before_being_told_of_a_death_has_done_it(learner, run_step, deliver, kill_spark):
    run_step("volume-query")
    deliver("s115.csv")
    stale = learner.workspace.session
    kill_spark()
    learner.workspace._session = stale  # as if it had not been told yet
    learner.start_over()
    assert learner.workspace.bucket.list("LogDataLive/") == []
    assert not learner.runs.has_run(STEPS["volume-query"])
    learner.restore()
    assert learner.workspace.active == ()


@pytest.mark.slow
def test_starting_over_without_spark_leaves_nothing_to_bring_back(learner, run_step, deliver, kill_spark):
    run_step("volume-query")
    deliver("s115.csv")
    kill_spark()
    learner.start_over()
    assert not learner.interrupted
    assert learner.workspace.observations.runs == ()
    learner.restore()
    assert learner.workspace.active == ()


@pytest.mark.slow
def test_a_command_that_the_death_of_the_jvm_cut_off_raises_and_prints_no_traceback(classroom, monkeypatch, caplog):
    def cut_off(*_):
        # This is py4j's error when the kernel has already reset the connection; otherwise py4j retries silently.
        raise Py4JNetworkError("Error while sending or receiving", when=ERROR_ON_RECEIVE)

    clock = classroom.engine.root._jvm.System
    clock.nanoTime()  # opens a connection for this thread
    with monkeypatch.context() as patch:
        patch.setattr("py4j.clientserver.ClientServerConnection.send_command", cut_off)
        with pytest.raises(Py4JError):
            clock.nanoTime()
    assert caplog.text == ""


@pytest.mark.slow
def test_nothing_is_asked_of_a_jvm_that_has_ended(learner, run_step, kill_spark, monkeypatch):
    run_step("schema")
    kill_spark()
    asked = []
    send = ClientServerConnection.send_command
    with monkeypatch.context() as patch:
        patch.setattr(ClientServerConnection, "send_command", lambda self, text: asked.append(text) or send(self, text))
        disconnect()
    # Messages of py4j's finalizers do not count, since nobody waits for their answers.
    assert [text for text in asked if not text.startswith("m\n")] == []
    learner.restore()


def test_a_connection_that_is_refused_in_a_cell_is_spark_s(learner):
    def refuse():
        raise ConnectionRefusedError(111, "Connection refused")

    learner.restore()
    learner.workspace.names["empty_s3_folder"] = refuse
    run = perform("empty_s3_folder()", learner.workspace)
    assert run.failure.sentence == "Spark has stopped. Bring it back, then try again; your place is kept."


def test_the_console_has_no_traceback_of_what_is_told_in_words_and_all_others(classroom, caplog):
    for name, message in (
        ("", "Exception while sending command."),
        ("py4j.clientserver", "There was an exception while executing the Python Proxy on the Python Side."),
    ):
        logger = logging.getLogger(name)
        logger.error(message)
        logger.error("Something else")
    assert [record.getMessage() for record in caplog.records] == ["Something else"] * 2
