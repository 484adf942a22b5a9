"""A learner's answers on their own streams: what is kept, what runs, and what happens on errors."""

import pytest
from py4j.protocol import Py4JNetworkError

from lab import dataset, oracle
from lab.bucket import LOG_DATA_LIVE
from lab.engine.workspace import Workspace
from lab.errors import LabError
from lab.learner.examine import examine
from lab.learner.identity import Identity
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES, STEPS, deliver_code
from lab.sev0_output import read_log_output

REPORT, VOLUME, SHOW, LOG, SAVE = (
    STEPS[step_id] for step_id in ("volume-report", "volume-query", "volume-show", "sev0", "sev0-query")
)


@pytest.fixture
def submit(learner):
    """Return a function that submits an answer, after the solutions that it needs, and returns the feedback."""

    def submit(step, text):
        learner.prepare(step)
        learner.progress.write(step, text)
        learner.submit(step)
        return learner.progress.answer(step).feedback

    return submit


@pytest.fixture
def lose_spark(learner):
    """Return a function that acts as if the JVM had ended. The JVM goes on, so stop its queries after the test."""
    lost = []

    def lose():
        lost.append(learner.workspace.session)
        learner.workspace.abandon(lost[-1])

    yield lose
    for session in lost:
        for query in session.streams.active:
            query.stop()


def test_an_answer_that_passes_is_what_later_steps_use(learner, submit):
    assert submit(VOLUME, VOLUME.code.replace('"volume_report"', '"mine"')).has_passed
    assert [query.name for query in learner.workspace.active] == ["mine"]
    assert submit(SHOW, 'spark.sql("SELECT * FROM mine").show()').outcome == "passed"
    assert len(learner.runs.of_query(VOLUME)) == 1


@pytest.mark.slow
def test_what_a_wrong_answer_has_started_and_written_makes_room_for_the_corrected_one(learner, submit, deliver):
    assert submit(VOLUME, VOLUME.code.replace("complete", "update")).outcome == "wrong"
    assert len(learner.workspace.active) == 1
    assert submit(VOLUME, VOLUME.code).outcome == "passed"
    assert len(learner.workspace.active) == 1
    learner.stop(VOLUME)
    unsorted = SAVE.code.replace('batch.orderBy("timestamp", "serverID")', "batch")
    assert submit(SAVE, unsorted).outcome == "wrong"
    deliver("s115.csv")
    assert read_log_output(learner.workspace.bucket).rows
    assert submit(SAVE, SAVE.code).outcome == "passed"
    assert len(learner.workspace.active) == 1
    # The query has read the file again, and nothing of the wrong query is left.
    rows = [(server, time) for _, server, time in read_log_output(learner.workspace.bucket).rows]
    files = [dataset.SHIPPED.log_file("s115.csv")]
    assert rows == oracle.sev0_log([files])


@pytest.mark.slow
def test_what_a_right_answer_has_written_stays_when_the_next_one_is_wrong(learner, submit, deliver):
    submit(SAVE, SAVE.code)
    deliver("s115.csv")
    kept = read_log_output(learner.workspace.bucket).rows
    learner.stop(SAVE)
    assert not submit(SAVE, SAVE.code.replace("uri}checkpoint", "uri}another")).has_passed
    submit(SAVE, SAVE.code)
    assert read_log_output(learner.workspace.bucket).rows == kept


@pytest.mark.slow
def test_a_check_touches_neither_the_bucket_nor_the_queries_of_the_learner(learner, submit, deliver):
    submit(VOLUME, VOLUME.code)
    submit(SAVE, SAVE.code)
    deliver("s115.csv")
    before = {prefix: learner.workspace.bucket.list(prefix) for prefix in ("LogData/", LOG_DATA_LIVE)}
    runs = learner.workspace.active_runs
    log = read_log_output(learner.workspace.bucket).rows
    for step in (REPORT, LOG, SHOW):
        submit(step, step.code)
    assert {prefix: learner.workspace.bucket.list(prefix) for prefix in before} == before
    assert learner.workspace.active_runs == runs
    assert read_log_output(learner.workspace.bucket).rows == log


@pytest.mark.slow
def test_a_stopped_query_whose_cell_now_fails_after_starting_it_can_be_stopped(learner, submit):
    assert submit(VOLUME, VOLUME.code).outcome == "passed"
    learner.stop(VOLUME)
    assert submit(VOLUME, VOLUME.code + "\nprint(nonsense)").outcome == "error"
    assert learner.runs.is_running(VOLUME)
    learner.progress.write(VOLUME, VOLUME.code)
    learner.restart(VOLUME)
    assert learner.progress.answer(VOLUME).feedback.outcome == "passed"


def test_a_query_that_was_started_without_a_name_for_it_makes_room_for_the_next_answer(learner, submit):
    assert (
        submit(VOLUME, VOLUME.code.partition("=")[2].strip()).message == "The cell does not define `volumeReportQuery`."
    )
    assert learner.runs.is_running(VOLUME)
    assert submit(VOLUME, VOLUME.code).outcome == "passed"
    assert len(learner.workspace.active) == 1


def test_a_query_of_another_cell_that_is_in_the_way_can_be_stopped_by_its_name(learner, submit):
    learner.prepare(VOLUME)
    learner.run_scratch(VOLUME.code.replace("volumeReportQuery", "other"))
    assert submit(VOLUME, VOLUME.code).mistake == "already-active"
    learner.restart(VOLUME, "volume_report")
    assert learner.progress.answer(VOLUME).feedback.outcome == "passed"


@pytest.mark.slow
def test_a_nameless_query_may_be_corrected_and_started_again(learner, submit):
    nameless = SAVE.code.replace('.queryName("sev0_log")', "")
    assert submit(SAVE, nameless.replace('orderBy("timestamp", "serverID").', "")).mistake == "batch-unordered"
    assert submit(SAVE, nameless).outcome == "passed"


def test_the_solution_that_stands_in_is_checked_when_it_becomes_the_learners(learner, submit):
    learner.prepare(SHOW)
    assert learner.progress.answer(VOLUME).shown
    assert submit(VOLUME, VOLUME.code).outcome == "passed"
    assert learner.progress.answer(VOLUME).how == "shown"
    assert len(learner.workspace.active) == 1


@pytest.mark.slow
def test_what_runs_again_by_itself_delivers_nothing(learner, submit, lose_spark):
    assert submit(VOLUME, VOLUME.code + '\ncopy_s3_file_to_live_folder("s115.csv")').outcome == "passed"
    lose_spark()
    learner.restore()
    assert learner.runs.is_running(VOLUME)
    assert [entry.name for entry in learner.workspace.bucket.list(LOG_DATA_LIVE)] == ["s115.csv"]
    learner.run_everything()


def test_a_step_that_cannot_be_brought_back_locks_nobody_out(learner, submit, lose_spark):
    learner.run_scratch('name = "volume_report"')
    assert submit(VOLUME, VOLUME.code.replace('"volume_report"', "name")).outcome == "passed"
    lose_spark()
    learner.restore()
    assert not learner.runs.has_run(VOLUME)
    assert learner.runs.last(VOLUME).failure
    assert learner.workspace.active == ()
    # Where the learner's own code no longer runs, the solution takes its place.
    learner.prepare(SHOW)
    assert learner.runs.is_running(VOLUME)


def test_nothing_is_shown_when_nothing_could_be_run(learner, monkeypatch):
    def fail(*_):
        raise LabError("Spark has stopped.", "")

    monkeypatch.setattr("lab.learner.runs.perform", fail)
    with pytest.raises(LabError):
        learner.prepare(VOLUME)
    assert not learner.progress.answer(STEPS["schema"]).shown


@pytest.mark.slow
def test_a_csv_sink_and_then_batches_in_the_same_folder_are_both_read(learner, submit):
    sink = 'sev0.writeStream.format("csv").option("path", f"{s3_lab9_output_uri}sev0")'
    learner.prepare(SAVE)
    learner.run_scratch(f'other = {sink}.option("checkpointLocation", f"{{s3_lab9_output_uri}}checkpoint").start()')
    learner.deliver(dataset.FIRST.files)
    assert len(read_log_output(learner.workspace.bucket).rows) == 5
    learner.run_scratch("other.stop()")
    assert submit(SAVE, SAVE.code).mistake == "output-of-another-checkpoint"
    learner.deliver(dataset.SECOND.files)
    assert learner.workspace.wait_until_read()
    assert len(read_log_output(learner.workspace.bucket).rows) == 9


@pytest.mark.slow
def test_a_checkpoint_at_the_root_of_the_output_is_known_again(learner, submit):
    text = SAVE.code.replace("{s3_lab9_output_uri}checkpoint", "{s3_lab9_output_uri}")
    assert submit(SAVE, text).outcome == "passed"
    learner.deliver(dataset.FIRST.files)
    learner.restart(SAVE)
    assert learner.progress.answer(SAVE).feedback.outcome == "passed"


def test_a_right_answer_is_not_wrong_on_a_machine_that_is_too_busy_to_check_it(submit, monkeypatch):
    monkeypatch.setattr("lab.engine.facts.CHECK_SECONDS", 0.001)
    for step in (SAVE, VOLUME):
        feedback = submit(step, step.code)
        assert feedback.outcome == "error"
        assert "Spark would need more than" in feedback.message


def test_what_was_said_of_a_result_outlives_the_query_but_never_hides_a_newer_text(learner, submit):
    group = GROUPS[0]
    learner.progress.write_result(group.id, "s1 1.2\ns2 1.25")
    learner.progress.check_result(group.id)
    assert learner.result_feedback(group).outcome == "not attempted"
    submit(VOLUME, VOLUME.code)
    learner.deliver(("s115.csv",))
    assert "has not read s215.csv yet" in learner.result_feedback(group).message
    learner.deliver(("s215.csv",))
    assert learner.workspace.wait_until_read()
    assert learner.result_feedback(group).outcome == "passed"
    learner.start_over()
    assert learner.result_feedback(group).outcome == "passed"
    learner.progress.write_result(group.id, "s1 9")
    assert learner.result_feedback(group).outcome == "not attempted"


def test_an_earlier_step_that_is_not_right_is_named(learner):
    learner.progress.write(STEPS["schema"], "logSchema = 'a INT'")
    learner.submit(STEPS["schema"])
    learner.progress.write(STEPS["read-stream"], STEPS["read-stream"].code)
    with pytest.raises(LabError, match=r"builds on .Declare the schema., which is not done yet"):
        learner.submit(STEPS["read-stream"])


def test_a_delivery_from_the_scratch_cell_is_a_delivery(learner, submit):
    submit(VOLUME, VOLUME.code)
    learner.run_scratch(deliver_code(dataset.FIRST.files))
    assert learner.workspace.wait_until_read()
    assert learner.runs.latest(VOLUME).last.rows_in == 21


def test_a_cell_can_wait_for_the_queries_and_look_at_the_log(learner, run_step):
    run_step("sev0-query")
    learner.run_scratch('copy_s3_file_to_live_folder("s115.csv", "s215.csv")\nwait_until_read()\nshow_sev0_log()')
    assert not learner.scratch.failure
    assert learner.scratch.text.splitlines()[2:] == ["s1 1", "s1 3", "s2 3", "s1 5", "s2 5"]


# --- log files of one's own

ADA = Identity("Ada", "cs-101")


def results_of(own):
    """Return the four results for these log files by group, as a learner would write them."""
    first, both = own.batches(1), own.batches()
    volumes = [oracle.volume_report(file for files in batches for file in files).items() for batches in (first, both)]
    reports = [*volumes, oracle.sev0_log(first), oracle.sev0_log(both)]
    return {
        group.id: "".join(f"{server} {value}\n" for server, value in rows)
        for group, rows in zip(GROUPS, reports, strict=True)
    }


def check_results(learner, results):
    for group in GROUPS:
        learner.progress.write_result(group.id, results[group.id])
        learner.progress.check_result(group.id)
    return {learner.result_feedback(group).outcome for group in GROUPS}


@pytest.mark.slow
def test_the_whole_lab_goes_by_the_learners_own_log_files(learner, submit):
    assert submit(VOLUME, VOLUME.code).outcome == "passed"
    learner.deliver(dataset.FIRST.files)
    assert learner.workspace.wait_until_read()
    # A result that was right for the lab's files is not right for others, so its check is discarded.
    learner.progress.write_result("volume-first", "s1 1.2\ns2 1.25")
    learner.progress.check_result("volume-first")
    assert learner.result_feedback(GROUPS[0]).outcome == "passed"
    learner.introduce(ADA)
    assert learner.workspace.active == ()
    assert learner.workspace.observations.runs == ()
    assert list(learner.workspace.bucket.list(LOG_DATA_LIVE)) == []
    assert learner.result_feedback(GROUPS[0]) is None
    assert learner.progress.result("volume-first").text == "s1 1.2\ns2 1.25"
    assert learner.progress.answer(VOLUME).passed == VOLUME.code

    learner.run_everything()
    assert learner.runs.last(VOLUME).code == VOLUME.code
    assert check_results(learner, results_of(dataset.SHIPPED)) == {"wrong"}
    assert check_results(learner, results_of(ADA.dataset)) == {"passed"}
    learner.introduce(Identity())
    learner.run_everything()
    assert check_results(learner, results_of(ADA.dataset)) == {"wrong"}
    assert check_results(learner, results_of(dataset.SHIPPED)) == {"passed"}


@pytest.mark.slow
def test_every_solution_passes_with_log_files_of_ones_own(learner, submit):
    learner.introduce(ADA)
    for step in EXERCISES:
        assert submit(step, step.code).outcome == "passed", step.id


def test_what_is_said_of_an_answer_goes_by_the_learners_own_log_files(learner, submit):
    clock = "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'"
    for identity in (Identity(), ADA):
        learner.introduce(identity)
        count = len(identity.dataset.log_file("s115.csv").records)
        assert f"In s115.csv {count} of {count} timestamps become null" in submit(STEPS["schema"], clock).message


def test_with_the_same_log_files_a_running_query_goes_on(learner, submit):
    learner.introduce(ADA)
    submit(VOLUME, VOLUME.code)
    runs = learner.workspace.active_runs
    learner.introduce(Identity("ada ", "CS-101"))
    assert learner.workspace.active_runs == runs


@pytest.mark.slow
def test_other_log_files_can_be_had_while_spark_is_gone(learner, submit, lose_spark):
    submit(VOLUME, VOLUME.code)
    lose_spark()
    learner.introduce(ADA)
    learner.run_everything()
    assert check_results(learner, results_of(ADA.dataset)) == {"passed"}


def test_what_a_learner_runs_is_scheduled_in_a_pool_of_their_own(classroom, learner, run_step, deliver):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    context = classroom.engine.root._jsc.sc()
    assert context.getSchedulingMode().toString() == "FAIR"
    pools = context.getAllPools()
    assert learner.workspace._pool in {pools.apply(index).name() for index in range(pools.size())}


@pytest.mark.slow
@pytest.mark.parametrize("separator", [" ", "\t"])
def test_a_log_with_blanks_between_its_columns_is_right(learner, submit, deliver, separator):
    code = SAVE.code.replace(".csv(", f".option('sep', {separator!r}).csv(")
    assert code != SAVE.code
    assert submit(SAVE, code).outcome == "passed"
    deliver(*dataset.FIRST.files)
    rows = oracle.sev0_log(dataset.SHIPPED.batches(1))
    assert [row[1:] for row in read_log_output(learner.workspace.bucket).rows] == list(rows)


def test_a_log_in_another_format_is_told_what_its_files_are(submit):
    body = 'batch.write.mode("overwrite").parquet(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'
    answer = submit(
        STEPS["sev0-query"],
        f"def save_batch(batch, batch_id):\n    {body}\n\n"
        "sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch)"
        '.option("checkpointLocation", f"{s3_lab9_output_uri}c").start()',
    )
    assert answer.outcome == "wrong"
    assert "no csv file" in answer.message
    assert "there are parquet files" in answer.message


# --- a Spark that ends between two questions


@pytest.fixture
def end_spark(monkeypatch):
    """Return a function after whose call Spark no longer reports which queries are running."""

    def gone(_):
        raise Py4JNetworkError("Answer from Java side is empty")

    return lambda: monkeypatch.setattr(Workspace, "active_runs", property(gone))


def test_an_answer_that_has_passed_is_kept_when_spark_ends_right_after_its_check(learner, monkeypatch, end_spark):
    def examine_then_end(*arguments):
        found = examine(*arguments)
        end_spark()
        return found

    learner.prepare(VOLUME)
    learner.progress.write(VOLUME, VOLUME.code)
    version = learner.version
    monkeypatch.setattr("lab.learner.submissions.examine", examine_then_end)
    run = learner.submit(VOLUME)
    answer = learner.progress.answer(VOLUME)
    assert (answer.feedback.outcome, answer.passed) == ("passed", VOLUME.code)
    assert learner.runs.last(VOLUME) is run
    assert learner.version > version


def test_a_spark_that_ends_before_a_step_is_run_again_is_a_sentence(learner, end_spark):
    learner.prepare(VOLUME)
    end_spark()
    with pytest.raises(LabError, match="Spark has stopped"):
        learner.run_everything()
