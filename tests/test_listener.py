"""What the listener derives from Spark's events, on a real query."""

import gc
import time
import weakref
from dataclasses import replace
from types import SimpleNamespace

import pytest
from patience import PATIENCE

from lab import dataset
from lab.bucket.folder import FolderBucket
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace
from lab.lesson.steps import STEPS


def test_a_table_that_is_gone_when_spark_tells_of_its_batch_is_no_error(learner, run_step, deliver, caplog):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    workspace = learner.workspace
    query = next(iter(workspace.active))
    progress = query.lastProgress
    event = SimpleNamespace(progress=lambda: SimpleNamespace(json=lambda: progress.json))
    learner.stop(STEPS["volume-query"])
    # A table may be dropped as soon as its query is stopped, and Spark notifies its listeners later.
    workspace._session.catalog.dropTempView(progress.name)
    workspace._listener.onQueryProgress(event)
    assert not caplog.records
    assert learner.runs.latest(STEPS["volume-query"]).last.table is None


@pytest.mark.slow
def test_a_workspace_that_is_closed_is_forgotten_by_python_and_by_the_jvm(classroom, tmp_path):
    workspace = HandoutWorkspace(FolderBucket(tmp_path))
    workspace.open(classroom.engine.root)
    listener = weakref.ref(workspace._listener)
    workspace.delete()
    del workspace
    # The JVM's garbage collector tells Python's side of its findings by a message.
    until = time.monotonic() + 30 * PATIENCE
    while listener() and time.monotonic() < until:
        gc.collect()
        classroom.engine.root._jvm.System.gc()
    assert listener() is None


def test_a_table_that_a_later_batch_has_written_is_not_taken_for_an_earlier_one_s(learner, run_step, deliver):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    deliver(*dataset.SECOND.files)
    listener = learner.workspace._listener
    query = learner.workspace.active[0]
    progress = {"id": str(query.id), "name": query.name}
    last = learner.runs.latest(STEPS["volume-query"]).last
    assert listener._table(progress, last, query._jsq) == last.table
    assert listener._table(progress, replace(last, number=last.number - 1), query._jsq) is None


def test_a_batch_without_files_of_its_own_does_not_shift_those_of_the_next(learner, deliver):
    """For example after a watermark has moved: Spark runs a batch without input, and the source does not count it."""
    learner.prepare(STEPS["volume-report"])
    learner.run_scratch(
        "from pyspark.sql import functions as F\n"
        "moments = streamingLogData.withColumn('at', F.timestamp_seconds('timestamp')).withWatermark('at', '1 second')\n"
        "windows = moments.groupBy(F.window('at', '1 second')).count()\n"
        "query = windows.writeStream.queryName('windows').outputMode('append').format('memory').start()"
    )
    assert learner.scratch.failure is None
    for names in (["s115.csv"], ["s1610.csv"], ["s215.csv"]):
        deliver(*names)
        assert learner.workspace.wait_until_read()
    (run,) = learner.workspace.observations.runs
    assert [[file.name for file in batch.files] for batch in run.batches if batch.files] == [
        ["s115.csv"],
        ["s1610.csv"],
        ["s215.csv"],
    ]
    assert any(not batch.files for batch in run.batches)


def files_of_batches(run):
    return [[file.name for file in batch.files] for batch in run.batches]


PAIRS = [sorted(pair.files) for pair in dataset.PAIRS]


def test_a_batch_that_cannot_be_read_while_the_bucket_is_away_is_told_of_when_it_is_back(
    learner, run_step, monkeypatch, caplog
):
    run_step("sev0-query")
    away = []

    def read(self, key):
        if "/sources/" in key and not away:
            away.append(key)
            raise LabError("The bucket is away.", "")
        return known(self, key)

    known = FolderBucket.read
    monkeypatch.setattr(FolderBucket, "read", read)
    for pair in dataset.PAIRS:
        learner.deliver(pair.files)
    assert learner.workspace.wait_until_read(30 * PATIENCE)
    step = STEPS["sev0-query"]
    # The second batch may be read from the checkpoint before Spark reports it; its event, which has phases, replaces it.
    learner.workspace.observations.wait_for(
        lambda: all(batch.phases for batch in learner.runs.latest(step).batches), 30 * PATIENCE
    )
    run = learner.runs.latest(step)
    assert all(batch.phases for batch in run.batches)
    assert files_of_batches(run) == PAIRS
    assert [(batch.number, batch.rows_in) for batch in run.batches] == [(0, 21), (1, 22)]
    assert not caplog.records


def test_a_run_that_goes_on_knows_the_batches_that_were_committed_and_never_told(learner, run_step, deliver):
    step = STEPS["sev0-query"]
    run_step(step.id)
    for pair in dataset.PAIRS:
        deliver(*pair.files)
    learner.stop(step)
    observations = learner.workspace.observations
    ended = learner.runs.latest(step)
    # As if Java had ended right after the commit of the batch.
    observations._update(ended.run_id, lambda run: replace(run, batches=run.batches[:1]))
    learner.resume(step)
    assert learner.workspace.wait_until_read(30 * PATIENCE)
    run = learner.runs.latest(step)
    assert run.query_id == ended.query_id
    assert files_of_batches(run) == PAIRS
    assert [(batch.number, batch.rows_in) for batch in run.batches] == [(0, 21), (1, 22)]
    assert run.last.written == ended.last.written
    assert abs(run.last.at - ended.last.at).total_seconds() < 1
    observations.add_unreported(run.run_id, replace(run.last, rows_in=0))
    assert learner.runs.latest(step) == run


def test_what_a_checkpoint_holds_after_a_batch_is_kept_with_it_also_when_the_query_is_gone(learner, run_step, deliver):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    learner.stop(STEPS["volume-query"])
    run = learner.runs.latest(STEPS["volume-query"])
    kept = learner.workspace.observations.snapshots(run.query_id)[run.last.number]
    number = run.last.number
    assert [file.name for file in kept.checkpoint] == [f"offsets/{number}", f"sources/0/{number}", f"commits/{number}"]
    assert "s115.csv" in next(file.text for file in kept.checkpoint if file.name.startswith("sources"))
    assert kept.output is None
    assert (run.last.state.rows, run.last.state.updated) == (2, 2)


def test_what_the_output_holds_after_a_batch_is_kept_with_it(learner, run_step, deliver):
    run_step("sev0-query")
    observations = learner.workspace.observations
    for pair in dataset.PAIRS:
        deliver(*pair.files)
    run = learner.runs.latest(STEPS["sev0-query"])

    def kept():
        return [snapshot.output for snapshot in observations.snapshots(run.query_id).values() if snapshot.output]

    # The output is read after the batch is known.
    assert observations.wait_for(lambda: len(kept()) == len(run.batches), 30 * PATIENCE)
    assert kept()[-1].total == 9
    assert [output.newest for output in kept()] == [batch.number for batch in run.batches]
    assert all(file.checkpoint for file in observations.snapshots(run.query_id).values())
    assert [arrival.files for arrival in observations.arrivals] == [
        tuple(learner.workspace.dataset.log_file(name) for name in pair.files) for pair in dataset.PAIRS
    ]
