"""The lesson on real streams: the result of each step agrees with the oracle."""

import pytest

from lab import dataset, oracle
from lab.bucket import LOG_DATA, LOG_DATA_LIVE, OUTPUT
from lab.bucket.folder import FolderBucket
from lab.bucket.setup import set_up
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace
from lab.learner.learner import Learner
from lab.learner.progress import Progress
from lab.lesson.results import GROUPS, check, files_read
from lab.lesson.steps import EMPTY_CODE, STEPS, deliver_code, required
from lab.lesson.warm_up import warm_up
from lab.sev0_output import read_log_output
from lab.store import Store

VOLUME, LOG = STEPS["volume-query"], STEPS["sev0-query"]


def table(run):
    return dict(run.last.table.rows)


def log(learner):
    return [(server, time) for _, server, time in read_log_output(learner.workspace.bucket).rows]


def test_the_schema_and_the_wrong_ones(run_step):
    assert run_step("schema").failure is None
    right, order, header, clock = (run_step(f"schema-{name}").table for name in ("right", "order", "header", "clock"))
    assert len(right) == 11
    assert right.isna().sum().sum() == 0
    assert order["timestamp"].isna().all()
    assert list(order["serverID"]) == [str(time) for time in right["timestamp"]]
    assert len(header) == 10
    assert clock["timestamp"].isna().all()


def test_reading_the_stream_starts_nothing(run_step):
    text = run_step("read-stream").text
    assert "is it a stream? True" in text
    assert "queries running: 0" in text
    assert "|-- severity: integer" in text


def test_peeking_shows_rows_as_they_come(learner, run_step, deliver):
    run_step("peek")
    deliver("s115.csv")
    run = learner.runs.latest(STEPS["peek"])
    assert run.last.rows_in == len(run.last.table.rows) == 11


def test_the_volume_report_is_replaced_with_every_delivery(learner, run_step, deliver, files):
    run_step("volume-query")
    assert "s1" not in run_step("volume-show").text
    deliver(*dataset.FIRST.files)
    run = learner.runs.latest(VOLUME)
    assert table(run) == {"s1": 1.2, "s2": 1.25}
    assert {file.name for file in run.files} == set(dataset.FIRST.files)
    assert "|      s1|      1.2|" in run_step("volume-show").text
    deliver(*dataset.SECOND.files)
    run = learner.runs.latest(VOLUME)
    assert table(run) == oracle.volume_report(files)
    assert [batch.rows_in for batch in run.batches] == [21, 22]
    assert set(run.files) == set(files)


def test_sorting_the_stream_is_refused_in_plain_words(run_step):
    run = run_step("sev0-sorted")
    assert run.failure.sentence.startswith("Spark refuses to sort this stream")
    assert "Sorting is not supported on streaming DataFrames" in run.failure.detail
    assert run.line == 2


def test_the_sev0_log_grows_at_its_end_in_order(learner, run_step, deliver):
    run_step("sev0-query")
    pairs = []
    for pair in dataset.PAIRS:
        deliver(*pair.files)
        pairs.append([dataset.SHIPPED.log_file(name) for name in pair.files])
        assert log(learner) == oracle.sev0_log(pairs)
    assert read_log_output(learner.workspace.bucket).newest == 1


def test_a_restarted_log_goes_on_from_its_checkpoint_and_doubles_nothing(learner, run_step, deliver):
    run_step("sev0-query")
    deliver(*dataset.FIRST.files)
    first = log(learner)
    learner.stop(STEPS["sev0-query"])
    run_step("sev0-query")
    deliver(*dataset.SECOND.files)
    assert log(learner)[: len(first)] == first
    assert len(log(learner)) == 9
    assert [batch.number for batch in learner.runs.latest(LOG).batches] == [0, 1]


def test_the_whole_lab_ends_with_four_right_results(learner, run_step, deliver):
    """In the handout's order: part 1, empty the live folder, part 2, stop; the answers are the queries' results."""
    answers = {}

    def volume():
        return learner.runs.latest(VOLUME).last.table.rows

    run_step("volume-query")
    for pair in dataset.PAIRS:
        deliver(*pair.files)
        answers[f"volume-{pair.name}"] = "\n".join(f"{server} {value}" for server, value in volume())
    learner.run_code(EMPTY_CODE)
    run_step("sev0-query")
    for pair in dataset.PAIRS:
        deliver(*pair.files)
        answers[f"log-{pair.name}"] = "\n".join(f"{server} {time}" for server, time in log(learner))
    run_step("stop")
    assert learner.workspace.active == ()
    for group in GROUPS:
        assert check(group, answers[group.id], learner.runs.of_query(STEPS[group.step_id])).outcome == "passed"


def test_running_a_cell_twice_restarts_its_query_and_never_fails(learner, run_step):
    run_step("volume-query")
    assert run_step("volume-query").failure is None
    assert [run.state for run in learner.runs.of_query(VOLUME)] == ["stopped", "running"]
    assert learner.run_once(STEPS["volume-query"]) is learner.runs.last(STEPS["volume-query"])
    assert len(learner.runs.of_query(VOLUME)) == 2


def test_what_was_delivered_before_the_start_is_the_first_batch(learner, run_step):
    run_step("schema")
    learner.run_code(deliver_code(dataset.FILES))
    run_step("volume-query")
    assert learner.workspace.wait_until_read()
    run = learner.runs.latest(VOLUME)
    assert (len(run.batches), run.last.rows_in) == (1, 43)


def test_a_second_delivery_is_refused_and_changes_nothing(learner, run_step, deliver):
    run_step("volume-query")
    deliver("s115.csv")
    with pytest.raises(LabError, match=r"s115\.csv is already in LogDataLive"):
        learner.run_code(deliver_code(("s115.csv",)))
    assert len(learner.runs.latest(VOLUME).batches) == 1


def test_emptying_waits_until_what_was_delivered_has_been_read(learner, run_step):
    run_step("volume-query")
    learner.run_code(deliver_code(dataset.FIRST.files))
    learner.run_code(EMPTY_CODE)
    run = learner.runs.latest(VOLUME)
    assert run.state == "running"
    assert table(run) == {"s1": 1.2, "s2": 1.25}
    assert learner.workspace.bucket.list(LOG_DATA_LIVE) == []


@pytest.mark.parametrize(
    "data",
    [
        b"rubbish\n",
        b"s1,9,1\ns1,x,2\n",
        b"s1,2,1,extra\n",
        b"\xff\xfe\x00garbage\n",
        b"\xef\xbb\xbfs1,2,1\r\ns1,2,2\r\n",
        b'"s1,2,1\n',
        b"s1,0,abc\n,0,\n",
        b"s1,0,99999999999\n",
        b"",
    ],
)
def test_a_bad_file_that_appears_by_itself_stops_no_query(learner, run_step, deliver, data):
    run_step("volume-query")
    run_step("sev0-query")
    learner.workspace.bucket.write(LOG_DATA_LIVE + "by-itself.csv", data)
    assert learner.workspace.wait_until_read()
    deliver(*dataset.FIRST.files)
    for step in (VOLUME, LOG):
        run = learner.runs.latest(step)
        assert run.state == "running", run.failure
    assert table(learner.runs.latest(VOLUME))["s2"] == 1.25
    assert set(log(learner)) >= {("s1", 1), ("s2", 5)}


def test_a_file_that_is_not_what_its_name_says_stops_no_query(learner, run_step, deliver):
    run_step("volume-query")
    learner.workspace.bucket.write(LOG_DATA_LIVE + "broken.csv.gz", b"s1,2,1\n")
    assert learner.workspace.wait_until_read()
    deliver(*dataset.FIRST.files)
    run = learner.runs.latest(VOLUME)
    assert (run.state, table(run)) == ("running", {"s1": 1.2, "s2": 1.25})


def test_stopping_right_after_a_batch_loses_nothing_of_it(learner, run_step):
    """Spark reports a batch late; stopping the query at that moment must not lose the files that it read."""
    for _ in range(5):
        run_step("volume-query")
        learner.run_code(EMPTY_CODE)
        (query,) = learner.workspace.active
        learner.run_code(deliver_code(dataset.FIRST.files))
        query.processAllAvailable()
        run_step("stop")
        run = learner.runs.latest(VOLUME)
        assert (run.state, {file.name for file in run.files}) == ("stopped", set(dataset.FIRST.files))
        assert table(run) == {"s1": 1.2, "s2": 1.25}


def test_emptying_deletes_nothing_that_was_not_read(learner, run_step, monkeypatch):
    run_step("volume-query")
    monkeypatch.setattr("lab.engine.workspace.READ_SECONDS", 0)
    monkeypatch.setattr(learner.workspace, "wait_until_read", lambda: False)
    learner.run_code(deliver_code(("s115.csv",)))
    with pytest.raises(LabError, match="so nothing was deleted"):
        learner.run_code(EMPTY_CODE)
    assert len(learner.workspace.bucket.list(LOG_DATA_LIVE)) == 1


def test_the_warm_up_prints_nothing_for_a_command_may_print_what_is_read_on(classroom, tmp_path, capfd):
    told = []
    warm_up(classroom.engine.root, FolderBucket(tmp_path / "warm-up"), lambda: told.append("ready"))
    assert told == ["ready"]
    assert capfd.readouterr().out == ""


@pytest.mark.slow
def test_a_folder_with_blanks_and_umlauts_will_do(classroom, tmp_path):
    folder = tmp_path / "mein Größter Ordner 100%25"
    warm_up(classroom.engine.root, FolderBucket(folder / "warm-up"))
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    bucket = FolderBucket(folder / "me")
    set_up(bucket)
    learner = Learner("a" * 32, HandoutWorkspace(bucket), classroom.engine, Progress(store, "a" * 32))
    try:
        learner.run_everything()
        assert [len(learner.runs.latest(step).files) for step in (VOLUME, LOG)] == [4, 4]
        assert len(log(learner)) == 9
    finally:
        learner.close()
        store.close()


def test_running_everything_leads_to_four_results_and_then_changes_nothing(learner, run_step, deliver):
    run_step("volume-query")
    deliver("s115.csv")
    learner.run_everything()
    assert all(files_read(group, learner.runs.of_query(STEPS[group.step_id])) for group in GROUPS)
    before = learner.workspace.observations.runs
    learner.run_everything()
    assert learner.workspace.observations.runs == before


def test_a_query_that_fails_says_why(learner, run_step, deliver):
    run_step("read-stream")
    code = """
from pyspark.sql import functions as F
bad = streamingLogData.select((F.col("timestamp") / (F.col("severity") - F.col("severity"))).alias("x"))
bad.writeStream.queryName("bad").format("memory").start()
"""
    learner.run_code(code)
    learner.run_code(deliver_code(("s115.csv",)))
    seen = learner.workspace.observations
    assert seen.wait_for(lambda: any(run.name == "bad" and run.ended for run in seen.runs), 30)
    run = next(run for run in seen.runs if run.name == "bad")
    assert run.state == "failed"
    assert "divided by zero" in run.failure.sentence
    assert "DIVIDE_BY_ZERO" in run.failure.detail


def test_starting_over_really_empties_everything(learner, run_step, deliver):
    run_step("volume-query")
    run_step("sev0-query")
    deliver(*dataset.FIRST.files)
    learner.progress.write_result(GROUPS[0].id, "s1 1.2")
    learner.progress.write(VOLUME, "mine")
    learner.workspace.bucket.write(LOG_DATA + "mine.csv", b"s9,2,1\n")
    learner.start_over()
    bucket = learner.workspace.bucket
    assert learner.workspace.active == ()
    assert [entry.name for entry in bucket.list(LOG_DATA)] == sorted(dataset.FILES)
    assert bucket.list(LOG_DATA_LIVE) == bucket.list(OUTPUT) == []
    assert learner.workspace.observations.runs == ()
    # The learner's texts are kept unless they are to be forgotten.
    assert learner.progress.result(GROUPS[0].id).text == "s1 1.2"
    assert learner.progress.answer(VOLUME).text == "mine"
    assert not any(learner.runs.has_run(step) for step in STEPS.values())
    assert "logSchema" not in learner.workspace.names
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    assert table(learner.runs.latest(VOLUME)) == {"s1": 1.2, "s2": 1.25}


def test_two_learners_never_meet(classroom, learner, run_step, deliver):
    other = classroom.enter("f" * 32)
    try:
        for one in (learner, other):
            one.prepare(STEPS["volume-show"])
        deliver("s115.csv")
        other.run_code(deliver_code(("s215.csv",)))
        assert other.workspace.wait_until_read()
        assert table(learner.runs.latest(VOLUME)) == {"s1": 1.2}
        assert table(other.runs.latest(VOLUME)) == {"s2": 1.25}
        other.start_over()
        assert [query.name for query in learner.workspace.active] == ["volume_report"]
    finally:
        other.close()


def test_what_a_step_needs_comes_in_order():
    assert [step.id for step in required(STEPS["volume-show"])] == [
        "schema",
        "read-stream",
        "volume-report",
        "volume-query",
    ]


def test_a_learner_who_leaves_leaves_nothing_behind(classroom):
    gone = classroom.enter("e" * 32)
    gone.prepare(STEPS["volume-show"])
    folder = gone.workspace.bucket.root
    gone.close()
    assert not folder.exists()
    assert gone.workspace.active == ()
