"""A refused statement is skipped, and the rest of the cell runs; set-up of Spark is ignored."""

from functools import partial

import pytest
from cells_corpus import opened, refused, run

from lab.bucket import own_address
from lab.cells.advice import Endless, Mistaken
from lab.cells.intervals import seconds_in
from lab.engine import facts

GIVEN = frozenset({"spark"})


def test_a_refused_statement_is_skipped_and_the_others_are_performed():
    names = {}
    error = refused("a = 1\nimport socket\nopen('x')\nb = a + 1", names)
    assert names["b"] == 2
    assert [each.line for each in error.skipped] == [2, 3]
    assert error.line == 2
    assert "'socket'" in error.message


def test_what_a_skipped_statement_would_define_is_lost_and_so_is_what_needs_it():
    names = {"rows": ["old"]}
    error = refused("rows = open('x')\ncount = len(rows)\nother = 1", names)
    assert names == {"other": 1}
    assert [each.line for each in error.skipped] == [1, 2]
    assert "not defined" in error.skipped[1].message


def test_a_loop_that_is_refused_in_the_middle_loses_what_it_has_defined():
    names = {}
    refused("for x in [1, 2]:\n    y = x\n    open('x')\nz = 3", names)
    assert names == {"z": 3}


def test_what_the_lab_has_given_stays():
    names = {"spark": "the session"}
    refused("spark = open('x')\nkept = spark", names, given=GIVEN)
    assert names == {"spark": "the session", "kept": "the session"}


@pytest.mark.parametrize("mistake", ["1 / 0", "undefined", "None.x", "[1].nothing", "'a' + 1"])
def test_what_python_would_refuse_too_ends_the_cell_as_in_a_notebook(mistake):
    names = {}
    error = refused(f"a = 1\n{mistake}\nb = 2", names)
    assert names == {"a": 1}
    assert error.skipped == ()
    assert error.refusal is None or isinstance(error.refusal, Mistaken)


def test_the_first_that_was_not_performed_is_told_even_if_something_else_ends_the_cell():
    error = refused("import socket\n1 / 0\nb = 2")
    assert [each.line for each in error.skipped] == [1]
    assert "'socket'" in error.message
    assert error.ended_by.line == 2
    assert "division" in error.ended_by.message


def test_the_value_of_a_last_line_is_shown_after_a_skip_and_a_refused_last_line_is_one():
    with pytest.raises(Exception, match="socket"):
        run("import socket\n1 + 1")
    assert [each.line for each in refused("1 + 1\nopen('x')").skipped] == [2]


def test_limits_hold_for_the_whole_cell_although_it_goes_on():
    error = refused("\n".join(["for x in range(9999):\n    y = x * x"] * 12))
    assert "steps" in error.message
    # Each later statement fails at its first step.
    assert [each.message for each in error.skipped] == [error.message] * len(error.skipped)


# --- set-up


@pytest.mark.parametrize(
    "source",
    [
        'spark.conf.set("spark.sql.restrictedMode.enabled", "false")',
        'spark.conf.set("spark.sql.shuffle.partitions", 4)',
        'spark.sparkContext.setLogLevel("ALL")',
        "import findspark\nfindspark.init()",
        'from pyspark.sql import SparkSession\nspark = SparkSession.builder.appName("a").master("b").getOrCreate()',
        "from pyspark.sql import SparkSession\n"
        'spark = (SparkSession.builder\n    .config("spark.jars", "x")\n    .getOrCreate())',
    ],
)
def test_what_sets_up_spark_is_passed_over_with_a_note(learner, run_step, source):
    cell = opened(learner, run_step)
    workspace = learner.workspace
    before = {
        key: workspace.session.conf.get(key)
        for key in ("spark.sql.restrictedMode.enabled", "spark.sql.shuffle.partitions")
    }
    jars = workspace.session.sparkContext.getConf().get("spark.jars")
    output = cell(source, session=lambda: workspace.session)
    assert len(output.notes) == 1
    assert cell.names["spark"] is workspace.session
    assert {key: workspace.session.conf.get(key) for key in before} == before
    assert workspace.session.sparkContext.getConf().get("spark.jars") == jars
    assert (
        workspace.session.sparkContext._jvm.org.apache.logging.log4j.LogManager.getRootLogger().getLevel().name()
        != "ALL"
    )


def test_a_setting_of_spark_sql_may_be_read(learner, run_step):
    cell = opened(learner, run_step)
    assert cell('print(spark.conf.get("spark.sql.shuffle.partitions"))').text == "1"


# --- waits


def test_a_wait_without_an_end_ends_the_cell_and_says_so(learner, run_step):
    run_step("volume-query")
    cell = opened(learner, run_step)
    error = cell.refused("volumeReportQuery.awaitTermination()\na = 1")
    assert isinstance(error.refusal, Endless)
    assert "a" not in cell.names
    assert "processAllAvailable()" in error.message
    # The same holds after a skipped statement.
    learner.run_scratch("import socket\nvolumeReportQuery.awaitTermination()\na = 1")
    assert learner.scratch.endless
    assert (learner.scratch.line, learner.scratch.ended_by.line) == (1, 2)
    cell("volumeReportQuery.stop()\nvolumeReportQuery.awaitTermination()\na = 1")
    assert cell.names["a"] == 1


def test_a_long_wait_for_a_query_is_short(learner, run_step):
    run_step("volume-query")
    cell = opened(learner, run_step)
    waits = []
    output = cell("print(volumeReportQuery.awaitTermination(60))", until_read=waits.append)
    assert output.text == "False"
    assert waits == [10]
    assert len(output.notes) == 1


def test_a_trigger_of_a_minute_is_one_of_a_second(learner, run_step):
    run_step("volume-report")
    cell = opened(learner, run_step)
    output = cell(
        'q = volumeReportDataFrame.writeStream.format("memory").queryName("slow").outputMode("complete")'
        '.trigger(processingTime="1 minute").start()'
    )
    assert "one second here, not 1 minute" in output.notes[0]
    assert facts.query(cell.names["q"]).interval == 1


@pytest.mark.parametrize(
    ("text", "seconds"),
    [
        ("1 second", 1),
        ("30 seconds", 30),
        ("1 minute", 60),
        ("interval 90 seconds", 90),
        ("1 minute 30 seconds", 90),
        ("  2  HOURS ", 7200),
        ("0 seconds", 0),
        ("500 milliseconds", 0.5),
        ("", None),
        ("soon", None),
        ("1 month", None),
        ("-1 second", None),
        ("1", None),
        ("1 second x", None),
    ],
)
def test_intervals_are_read_as_spark_reads_them(text, seconds):
    assert seconds_in(text) == seconds


# --- addresses of another bucket


def test_an_address_of_another_bucket_stands_for_the_learner_s_own_folder(learner, run_step):
    cell = opened(learner, run_step)
    own = partial(own_address, learner.workspace.bucket)
    run_it = {"meant": own}
    output = cell(
        'logs = spark.read.schema(logSchema).csv("s3://spark-bucket-week9-jd/LogData/s115.csv")\nlogs.count()', **run_it
    )
    assert output.text == "11"
    assert "your own bucket" in output.notes[0]
    assert cell(
        'spark.readStream.schema(logSchema).option("path", "s3a://b/LogDataLive").format("csv").load()', **run_it
    ).notes
    for address in (
        "s3://b/LogData/../../etc",
        "s3://b/Other/x",
        "s3://LogData/",
        "file:///LogData/x",
        "s3://b/LogDataLiveX/",
    ):
        assert "outside your bucket" in cell.refused(f'spark.read.schema(logSchema).csv("{address}")', **run_it).message
    pattern = 'spark.read.schema(logSchema).csv("s3://b/LogData/{a,../../../etc}")'
    assert "the pattern" in cell.refused(pattern, **run_it).message


# --- the handout's helper functions


@pytest.mark.parametrize(
    "call",
    [
        '"s115.csv", "my-bucket"',
        '"s115.csv", bucket_name="my-bucket"',
        'log_file="s115.csv", bucket_name="my-bucket"',
        '"LogData/s115.csv"',
    ],
)
def test_the_handout_s_way_to_deliver_names_a_bucket(learner, run_step, call):
    cell = opened(learner, run_step)
    cell(f"copy_s3_file_to_live_folder({call})")
    assert [entry.name for entry in learner.workspace.bucket.list("LogDataLive/") if entry.size] == ["s115.csv"]
    cell('empty_s3_folder("my-bucket", "LogDataLive/")')
    assert [entry.name for entry in learner.workspace.bucket.list("LogDataLive/") if entry.size] == []


def test_a_misspelled_second_file_is_no_bucket_and_log_data_is_not_emptied(learner, run_step):
    cell = opened(learner, run_step)
    assert "s215.cvs" in cell.refused('copy_s3_file_to_live_folder("s115.csv", "s215.cvs")').message
    assert "is not emptied" in cell.refused('empty_s3_folder("my-bucket", "LogData/")').message
    assert cell.refused('empty_s3_folder("../x/")')
    cell('empty_s3_folder(folder_path="Lab9Output/")')


@pytest.mark.parametrize("sign", [":", "%", " ", "ä"])
def test_of_an_odd_sign_in_a_name_it_is_not_said_that_it_is_outside_the_bucket(learner, run_step, sign):
    cell = opened(learner, run_step)
    message = cell.refused(f'batch.write.csv(s3_lab9_output_uri + "a{sign}b")').message
    assert f"{sign!r} in an address" in message
    assert "outside" not in message
