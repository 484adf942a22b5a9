import threading
from datetime import UTC, datetime

import pytest

from lab.bucket import Entry
from lab.engine.arrivals import MAX_ARRIVALS, Arrival
from lab.engine.failures import Failure, explain
from lab.engine.later import Later
from lab.engine.observe import INTERRUPTED, Observations, StateSize
from lab.engine.snapshots import (
    MAX_CHARACTERS,
    MAX_FILES,
    MAX_LINE,
    MAX_LINES,
    MAX_ROWS,
    MAX_SNAPSHOTS,
    OutputSeen,
    SmallFile,
    Snapshot,
    checkpoint_seen,
    output_seen,
)
from lab.engine.spark_progress import files_of_batch, read_progress
from lab.sev0_output import LogOutput, OutputFile, rows_in

PROGRESS = {
    "batchId": 3,
    "timestamp": "2026-01-02T03:04:05.678Z",
    "numInputRows": 21,
    "durationMs": {"addBatch": 100, "walCommit": 2, "triggerExecution": 130, "latestOffset": 8},
    "sink": {"numOutputRows": 2},
}


def test_one_field_of_the_log_may_be_as_long_as_a_file():
    assert list(rows_in(["x" * 2_000_000 + ",5"])) == [("x" * 2_000_000, "5")]


def runs(seen, name):
    return [run for run in seen.runs if run.name == name]


def test_progress_becomes_a_batch_with_its_phases_in_order():
    batch = read_progress(PROGRESS)
    assert (batch.number, batch.rows_in, batch.rows_out) == (3, 21, 2)
    assert batch.phases == (("latestOffset", 8), ("walCommit", 2), ("addBatch", 100))
    assert batch.milliseconds == 110
    assert batch.at.isoformat() == "2026-01-02T03:04:05.678000+00:00"


def test_a_sink_that_does_not_count_gives_no_number():
    assert read_progress(PROGRESS | {"sink": {"numOutputRows": -1}}).rows_out is None


def test_a_trigger_without_data_is_no_batch():
    assert read_progress(PROGRESS | {"durationMs": {"latestOffset": 3, "triggerExecution": 3}}) is None


@pytest.fixture
def source_log(tmp_path):
    log = tmp_path / "check point" / "sources" / "0"
    log.mkdir(parents=True)
    entry = '{{"path":"file:///live/{}","timestamp":1,"batchId":{}}}'
    (log / "0").write_text("v1\n" + entry.format("s115.csv", 0) + "\n" + entry.format("two%20words.csv", 0))
    (log / "1.compact").write_text("v1\n" + entry.format("s115.csv", 0) + "\n" + entry.format("later.csv", 1))

    def read(name):
        return (log / name).read_text() if (log / name).exists() else None

    return read


def test_the_files_of_a_batch_come_from_the_source_log(source_log):
    written = datetime.fromtimestamp(0.001, UTC)
    assert files_of_batch(source_log, 0) == {"s115.csv": written, "two words.csv": written}
    assert files_of_batch(source_log, 1) == {"later.csv": written}
    assert files_of_batch(source_log, 7) == {}


@pytest.fixture
def seen():
    return Observations()


def batch(number):
    return read_progress(PROGRESS | {"batchId": number})


def test_a_run_goes_from_running_to_stopped_or_failed(seen):
    seen.started("r1", "q1", "report")
    assert runs(seen, "report")[-1].state == "running"
    seen.finished("r1", batch(0))
    assert runs(seen, "report")[-1].last.number == 0
    seen.ended("r1", None)
    assert runs(seen, "report")[-1].state == "stopped"
    seen.started("r2", "q2", "report")
    seen.ended("r2", Failure("broken", ""))
    assert [run.state for run in runs(seen, "report")] == ["stopped", "failed"]


def test_a_run_that_goes_on_from_a_checkpoint_begins_with_the_earlier_batches(seen):
    seen.started("r1", "q", "log")
    seen.finished("r1", batch(0))
    seen.finished("r1", batch(1))
    seen.ended("r1", None)
    seen.started("r2", "q", "log")
    seen.finished("r2", batch(1))
    assert [found.number for found in runs(seen, "log")[-1].batches] == [0, 1]


def test_a_lost_jvm_interrupts_what_was_running_and_nothing_else(seen):
    seen.started("r1", "q1", "a")
    seen.ended("r1", None)
    seen.started("r2", "q2", "b")
    seen.interrupt()
    assert runs(seen, "a")[-1].failure is None
    assert runs(seen, "b")[-1].failure is INTERRUPTED


def test_an_event_after_clearing_belongs_to_nobody(seen):
    seen.started("r1", "q1", "a")
    seen.clear()
    seen.finished("r1", batch(0))
    seen.ended("r1", None)
    assert seen.runs == ()


def test_waiting_ends_with_the_event_it_waits_for(seen):
    seen.started("r1", "q1", "a")
    thread = threading.Timer(0.05, seen.ended, ("r1", None))
    thread.start()
    assert seen.wait_for(lambda: runs(seen, "a")[-1].ended, 10)
    thread.join()
    assert not seen.wait_for(lambda: False, 0)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("[X] Sorting is not supported on streaming DataFrames/Datasets, unless", "Sort each micro-batch"),
        ("java.io.IOException: No space left on device", "disk is full"),
        ("java.lang.OutOfMemoryError: Java heap space", "out of memory"),
        ("[DIVIDE_BY_ZERO] Division by zero", "max = min"),
        ("first line\nsecond line", "Spark says: first line"),
        ("", "it gave no reason"),
    ],
)
def test_an_error_of_spark_is_put_into_words_and_kept_whole(text, words):
    failure = explain(text)
    assert words in failure.sentence
    assert failure.detail == text


STATE = {"numRowsTotal": 2, "numRowsUpdated": 1, "memoryUsedBytes": 900}


def test_what_a_query_remembers_is_the_sum_over_its_operators():
    assert read_progress(PROGRESS).state is None
    assert read_progress(PROGRESS | {"stateOperators": [STATE, STATE]}).state == StateSize(4, 2, 1800)


def test_a_run_that_goes_on_began_when_the_first_one_did(seen):
    seen.started("r1", "q", "log")
    seen.ended("r1", None)
    seen.started("r2", "q", "log")
    first, second = runs(seen, "log")
    assert first.began == second.began


def test_snapshots_are_kept_in_parts_by_query_and_of_the_newest_batches_only(seen):
    seen.started("r1", "q", "log")
    files, output = (SmallFile("offsets/0", "v1"),), OutputSeen(total=3)
    seen.keep("q", 0, checkpoint=files)
    seen.keep("q", 0, output=output)
    assert seen.snapshots("q") == {0: Snapshot(files, output)}
    assert seen.snapshots("another") == {}
    for number in range(MAX_SNAPSHOTS + 3):
        seen.keep("q", number, checkpoint=files)
    assert sorted(seen.snapshots("q")) == list(range(3, MAX_SNAPSHOTS + 3))
    seen.clear()
    seen.keep("q", 1, checkpoint=files)
    assert seen.snapshots("q") == {}


def test_snapshots_and_arrivals_are_no_change_of_their_own(seen):
    seen.started("r1", "q", "log")
    version = seen.version
    seen.keep("q", 0, output=OutputSeen())
    for _ in range(MAX_ARRIVALS + 3):
        seen.arrived(Arrival(datetime.now(UTC), ()))
    assert (seen.version, len(seen.arrivals)) == (version, MAX_ARRIVALS)
    seen.clear()
    assert seen.arrivals == ()


def test_the_files_of_a_checkpoint_are_kept_in_bounds():
    texts = {"offsets/4": "x" * (MAX_CHARACTERS + 1), "sources/0/1.compact": "v1", "commits/4": "v1"}
    seen = checkpoint_seen(texts.get, 4, 1)
    assert [(file.name, len(file.text), file.cut) for file in seen] == [
        ("offsets/4", MAX_CHARACTERS, True),
        ("sources/0/1.compact", 2, False),
        ("commits/4", 2, False),
    ]
    assert checkpoint_seen(texts.get, 5, None) == ()


def test_an_output_is_kept_in_bounds_whatever_is_in_it():
    def file(number, content):
        key = f"Lab9Output/sev0/batch={number}/part.csv"
        return OutputFile(number, Entry(key, len(content), datetime.now(UTC), ""), content)

    long = "y" * 1000
    content = "\n".join([long] * (MAX_LINES + 2))
    rows = tuple((number, long, 1) for number in range(MAX_ROWS + 1))
    seen = output_seen(LogOutput(tuple(file(number, content) for number in range(MAX_FILES + 5)), rows))
    assert (len(seen.files), seen.count, seen.newest) == (MAX_FILES, MAX_FILES + 5, MAX_FILES + 4)
    assert (len(seen.rows), seen.total) == (MAX_ROWS, MAX_ROWS + 1)
    assert (len(seen.files[-1].lines), seen.files[-1].more) == (MAX_LINES, 2)
    assert max(map(len, [*seen.files[-1].lines, seen.rows[-1][1]])) == MAX_LINE + 1
    assert seen.files[-1].name == f"sev0/batch={MAX_FILES + 4}/part.csv"


def test_what_is_done_later_is_done_whatever_fails_before_it_and_what_is_too_much_is_left_out(caplog):
    later, held, begun, done = Later(workers=1, waiting=2), threading.Event(), threading.Event(), threading.Event()

    def hold():
        begun.set()
        held.wait()

    assert later.do(hold)
    begun.wait()
    assert later.do(lambda: 1 / 0)
    assert later.do(done.set)
    assert not later.do(done.set)
    held.set()
    assert done.wait(60)
    assert "could not be done" in caplog.text
