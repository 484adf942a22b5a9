"""The lesson with the learner's bucket on S3: the same code, the same checks, the same pages."""

from dataclasses import replace

import pytest
from s3_servers import let_spark_reach

from lab.bucket import LOG_DATA_LIVE, OUTPUT
from lab.bucket.address import S3Address
from lab.engine.warm_s3 import warm_up_s3
from lab.errors import LabError
from lab.lesson.results import GROUPS, files_read
from lab.lesson.steps import EXERCISES, STEPS
from lab.sev0_output import read_log_output

pytestmark = pytest.mark.usefixtures("on_s3")

VOLUME, LOG = STEPS["volume-query"], STEPS["sev0-query"]
SEV0 = [("s1", 1), ("s1", 3), ("s2", 3), ("s1", 5), ("s2", 5)]


def log(learner):
    return [(server, time) for _, server, time in read_log_output(learner.workspace.bucket).rows]


def run_code(learner, code):
    return learner.run_code(code).text.strip()


def test_both_parts_run_through_on_s3(learner):
    learner.run_everything()
    assert learner.workspace.names["s3_log_data_uri"].startswith("s3://lab/learner-")
    assert all(files_read(group, learner.runs.of_query(STEPS[group.step_id])) for group in GROUPS)
    assert log(learner)[:5] == SEV0


@pytest.mark.slow
def test_every_solution_passes_on_s3(learner):
    for step in EXERCISES:
        learner.progress.write(step, step.code)
        learner.submit(step)
        assert learner.progress.answer(step).feedback.outcome == "passed", step.id


def test_the_handouts_two_functions_deliver_and_empty_and_keep_the_folder(learner, run_step):
    run_step("read-stream")
    assert run_code(learner, 'copy_s3_file_to_live_folder("s115.csv")') == "Copied s115.csv to LogDataLive/"
    bucket = learner.workspace.bucket
    assert [entry.name for entry in bucket.list(LOG_DATA_LIVE)] == ["s115.csv"]
    assert run_code(learner, "empty_s3_folder()") == "All files in the LogDataLive/ folder are removed"
    assert list(bucket.list(LOG_DATA_LIVE)) == []
    assert bucket.missing_folders() == ()
    # A stream can still be opened on an empty folder.
    assert run_code(learner, STEPS["read-stream"].code)


@pytest.mark.slow
def test_s3_and_s3a_are_two_names_of_one_address_and_others_are_refused(learner, run_step):
    run_step("read-stream")
    uri = learner.workspace.names["s3_log_data_uri"]
    count = 'print(spark.read.csv("{}").count())'
    assert run_code(learner, count.format(uri)) == "43"
    assert run_code(learner, count.format(uri.replace("s3://", "s3a://"))) == "43"
    prefix = uri.removesuffix("LogData/")
    for address in (
        "s3://lab/",
        prefix,
        prefix + "LogDat",
        uri + "../../",
        "file" + uri[2:],
    ):
        learner.run_scratch(count.format(address))
        assert "outside your bucket" in learner.scratch.failure.sentence, address
    # An address with one of the lab's folders, in any other bucket or another learner's, is taken as the learner's own.
    for address in (
        uri.replace("learner-", "learner-0"),
        "s3n" + uri[2:],
        uri.replace("s3://", "s3://key:secret@"),
        "s3://elsewhere/LogData/",
    ):
        run = learner.run_code(count.format(address))
        assert run.text.strip() == "43"
        assert "your own bucket" in run.notes[0]


@pytest.mark.slow
def test_a_checkpoint_on_s3_is_gone_on_from_after_a_restart(learner, run_step, deliver):
    run_step("sev0-query")
    deliver("s115.csv", "s215.csv")
    before = log(learner)
    learner.stop(LOG)
    learner.run(LOG)
    deliver("s1610.csv", "s2610.csv")
    assert log(learner)[: len(before)] == before
    assert len(log(learner)) == 9
    (_, run) = learner.runs.of_query(LOG)
    assert {file.name for file in run.files} == {"s115.csv", "s215.csv", "s1610.csv", "s2610.csv"}


@pytest.mark.slow
def test_the_csv_sink_of_spark_works_on_s3(learner, run_step, deliver):
    run_step("sev0")
    learner.run_code(
        'q = sev0.writeStream.format("csv").option("path", f"{s3_lab9_output_uri}sev0")'
        '.option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()'
    )
    deliver("s115.csv", "s215.csv")
    assert sorted(log(learner)) == sorted(SEV0)


@pytest.mark.slow
def test_a_compacted_source_log_on_s3_still_tells_the_files_of_a_batch(learner, run_step):
    run_step("sev0-query")
    bucket = learner.workspace.bucket
    for number in range(12):
        bucket.write(f"{LOG_DATA_LIVE}f{number}.csv", b"s1,0,1\n")
        assert learner.workspace.wait_until_read()
    assert any(entry.name.endswith(".compact") for entry in bucket.list(OUTPUT))
    assert [file.name for file in learner.runs.latest(LOG).files] == [f"f{number}.csv" for number in range(12)]


def test_a_file_that_is_gone_before_it_is_read_stops_no_query(learner, run_step, deliver):
    run_step("volume-query")
    bucket = learner.workspace.bucket
    deliver("s115.csv")
    # The file was listed, and deleted before or during reading: Spark goes on with the other files.
    for number in range(10):
        bucket.write(f"{LOG_DATA_LIVE}gone{number}.csv", b"s1,2,1\n" * 1000)
        bucket.remove(f"{LOG_DATA_LIVE}gone{number}.csv")
    deliver("s215.csv")
    assert learner.runs.is_running(VOLUME)
    assert {file.name for file in learner.runs.latest(VOLUME).files} >= {"s115.csv", "s215.csv"}


def test_a_timeout_of_spark_is_what_it_was_set_to(classroom):
    config = classroom.engine.root._jvm.org.apache.hadoop.fs.s3a.impl.AWSClientConfig
    assert config.getMinimumOperationDuration().toMillis() == 0


def test_a_spark_that_does_not_reach_the_bucket_says_so_when_it_starts(classroom, embedded, tmp_path):
    access = replace(embedded.access(tmp_path), address=S3Address("nobodys-bucket"))
    let_spark_reach(classroom.engine.root, access)
    with pytest.raises(LabError, match="There is no such bucket: s3://nobodys-bucket/"):
        warm_up_s3(classroom.engine.root, access)


@pytest.mark.slow
def test_starting_over_empties_the_learners_folders_and_no_other(learner, run_step, deliver, embedded, tmp_path):
    other = embedded.bucket("somebody else", tmp_path)
    other.write("Lab9Output/theirs", b"x")
    run_step("sev0-query")
    deliver("s115.csv", "s215.csv")
    learner.start_over()
    bucket = learner.workspace.bucket
    assert list(bucket.list(OUTPUT)) == list(bucket.list(LOG_DATA_LIVE)) == []
    assert not learner.bucket_set_up.missing(learner.workspace.dataset)
    assert other.read("Lab9Output/theirs") == b"x"
    other.discard()
