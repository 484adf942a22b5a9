"""Every solution and every mistake of the registry, submitted for real, and compared with the golden file."""

import itertools
import os
from pathlib import Path

import pytest

from lab.learner.trial import try_answer
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import EXERCISES, STEPS

GOLDEN = Path(__file__).with_name("golden") / "feedback.txt"
# The checks of these steps run a query on several hidden sets of log files.
LONG = ("volume-report", "volume-query", "sev0-query")


@pytest.fixture
def submit(classroom):
    """Return a function that submits a single answer, and returns its run and its feedback."""
    engine = classroom.engine

    def submit(step_id, text, before=""):
        return try_answer(STEPS[step_id], text, engine.root, engine.run_folder, before)

    return submit


def paragraph(title, step_id, text, feedback):
    line = f", line {feedback.line}" if feedback.line else ""
    code = "\n".join(f"    {line}" for line in text.splitlines())
    return f"{title}\n{step_id}: {feedback.outcome}, {feedback.mistake or '-'}{line}\n{code}\n{feedback.message}\n"


def transcript_of(submit, steps):
    """Return the feedback to the solutions of some steps, and to all mistakes in these steps."""
    parts, astray = [], []
    for step in steps:
        _, feedback = submit(step.id, step.code)
        assert feedback.outcome == "passed", (step.id, feedback)
        parts.append(paragraph(f"Solution: {step.title}", step.id, step.code, feedback))
    for mistake in MISTAKES:
        assert mistake.programs
        for program in mistake.programs:
            if STEPS[program.step_id] in steps:
                _, feedback = submit(program.step_id, program.text, program.before)
                if feedback.mistake != mistake.id:
                    astray.append((mistake.id, feedback.mistake, feedback.detail[:200]))
                parts.append(paragraph(f"Mistake: {mistake.title}", program.step_id, program.text, feedback))
    assert astray == []
    return parts


def test_solutions_and_mistakes_with_a_short_check_get_the_feedback_that_is_written_down(submit):
    golden = GOLDEN.read_text(encoding="utf-8")
    parts = transcript_of(submit, [step for step in EXERCISES if step.id not in LONG])
    assert len(parts) > 45
    for part in parts:
        assert part in golden


@pytest.mark.parametrize("step_id", LONG)
def test_solutions_with_a_long_check_get_the_feedback_that_is_written_down(submit, step_id):
    step = STEPS[step_id]
    _, feedback = submit(step.id, step.code)
    assert paragraph(f"Solution: {step.title}", step.id, step.code, feedback) in GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
def test_all_solutions_and_all_mistakes_get_the_feedback_that_is_written_down(submit):
    """After an intended change: LAB_WRITE_GOLDEN=1 pytest -n0 -m "" tests/test_mistakes.py, then read the difference."""
    transcript = "\n".join(transcript_of(submit, EXERCISES))
    if os.environ.get("LAB_WRITE_GOLDEN"):
        GOLDEN.write_text(transcript, encoding="utf-8")
    assert transcript == GOLDEN.read_text(encoding="utf-8")


@pytest.mark.slow
def test_on_s3_the_feedback_of_what_reads_or_writes_there_is_the_same(classroom, embedded, tmp_path, without_s3_client):
    if without_s3_client:
        pytest.skip(without_s3_client)
    engine, numbers = classroom.engine, itertools.count()

    def submit(step_id, text, before=""):
        bucket = embedded.bucket(f"mistake {next(numbers)}", tmp_path)
        return try_answer(STEPS[step_id], text, engine.root, engine.run_folder, before, bucket)

    golden = GOLDEN.read_text(encoding="utf-8")
    parts = transcript_of(submit, [STEPS[name] for name in ("read-stream", "volume-query", "sev0-query")])
    assert len(parts) > 40
    for part in parts:
        assert part in golden


@pytest.mark.slow
def test_servers_that_are_in_no_log_file_do_not_come_of_another_folder(submit):
    renamed = 'streamingLogData.selectExpr("upper(serverID) AS serverID", "severity", "timestamp")'
    text = f"{STEPS['read-stream'].code}\nstreamingLogData = {renamed}"
    _, feedback = submit("read-stream", text)
    assert (feedback.outcome, feedback.mistake) == ("wrong", "")


def test_no_two_mistakes_have_one_id():
    ids = [mistake.id for mistake in MISTAKES]
    assert len(ids) == len(set(ids))


def long_checks_are_slow(answers):
    """Leave the answers with a long check to a release."""
    return [pytest.param(*answer, marks=pytest.mark.slow if answer[0] in LONG else ()) for answer in answers]


RIGHT = [
    ("schema", 'logSchema = "serverID STRING, severity INT, timestamp INT"'),
    ("schema", 'logSchema = "serverID string, severity bigint, timestamp bigint"'),
    (
        "schema",
        "from pyspark.sql.types import *\n"
        "logSchema = StructType().add('serverID', StringType()).add('severity', IntegerType(), False)"
        ".add('timestamp', LongType())",
    ),
    ("read-stream", 'streamingLogData = spark.readStream.format("csv").schema(logSchema).load(s3_log_data_live_uri)'),
    (
        "read-stream",
        "streamingLogData = spark.readStream.csv(path=s3_log_data_live_uri, schema=logSchema, header=False)",
    ),
    (
        "read-stream",
        'schema = "serverID STRING, severity INT, timestamp INT"\n'
        'reader = spark.readStream.schema(schema).option("maxFilesPerTrigger", 1)\n'
        "streamingLogData = reader.csv(s3_log_data_live_uri)",
    ),
    (
        "volume-report",
        "from pyspark.sql.functions import *\n"
        "volumeReportDataFrame = streamingLogData.groupBy('serverID').agg("
        "(sum(when(col('severity') == 2, 1).otherwise(0)) / (max('timestamp') - min('timestamp') + lit(1))).alias('avgVolume'))",
    ),
    (
        "volume-report",
        "import pyspark.sql.functions as F\n"
        "counted = streamingLogData.groupBy(streamingLogData.serverID).agg(\n"
        "    F.count(F.when(streamingLogData['severity'] == 2, True)).alias('events'),\n"
        "    F.max('timestamp').alias('high'), F.min('timestamp').alias('low'))\n"
        "volumeReportDataFrame = counted.select('serverID', (counted.events / (counted.high - counted.low + 1))"
        ".alias('avgVolume'))",
    ),
    (
        "volume-report",
        "from pyspark.sql.functions import expr\n"
        "volumeReportDataFrame = streamingLogData.groupBy('serverID').agg(\n"
        "    expr('round(count_if(severity = 2) / (max(timestamp) - min(timestamp) + 1), 2) AS avgVolume'))",
    ),
    (
        "volume-report",
        "streamingLogData.createOrReplaceTempView('logs')\n"
        "volumeReportDataFrame = spark.sql('SELECT serverID, count(*) FILTER (WHERE severity = 2) '\n"
        "    '/ (max(timestamp) - min(timestamp) + 1) AS avgVolume FROM logs GROUP BY serverID')",
    ),
    (
        "volume-query",
        "writer = volumeReportDataFrame.writeStream.format('memory').queryName('volume_report').outputMode('complete')\n"
        "volumeReportQuery = writer.trigger(processingTime='0 seconds').start()",
    ),
    (
        "volume-query",
        "volumeReportQuery = volumeReportDataFrame.writeStream.start(format='memory', outputMode='complete', queryName='volume_report')",
    ),
    ("volume-show", 'spark.sql("SELECT * FROM volume_report").toPandas()'),
    (
        "volume-show",
        'report = spark.sql("""\n    SELECT serverID, avgVolume\n    FROM volume_report\n""")\nreport.show()',
    ),
    (
        "volume-show",
        "for row in spark.sql('SELECT * FROM volume_report').collect():\n    print(row['serverID'], row.avgVolume)",
    ),
    (
        "sev0",
        "from pyspark.sql.functions import col\nsev0 = streamingLogData.filter(col('severity') == 0)[['serverID', 'timestamp']]",
    ),
    ("sev0", "sev0 = streamingLogData.where(streamingLogData.severity == 0).drop('severity')"),
    (
        "sev0",
        "sev0 = streamingLogData.selectExpr('serverID', 'timestamp', 'severity').filter('severity < 1').drop('severity')",
    ),
    (
        "sev0-query",
        "save = lambda batch, number: batch.sort('timestamp', 'serverID').coalesce(1).write.csv("
        "s3_lab9_output_uri + 'log/' + str(number), mode='overwrite')\n"
        "sev0SaveQuery = sev0.writeStream.foreachBatch(save).start("
        "checkpointLocation=s3_lab9_output_uri + 'checkpoints/log')",
    ),
    (
        "sev0-query",
        "from pyspark.sql import functions as F\n"
        "def save(batch, number):\n"
        "    batch = batch.orderBy(F.col('timestamp').asc(), F.asc('serverID'))\n"
        "    batch.repartition(1).sortWithinPartitions('timestamp', 'serverID').write.format('csv').mode('overwrite')"
        ".option('header', True).save(f'{s3_lab9_output_uri}batch_{number}')\n"
        "sev0SaveQuery = (sev0.writeStream.foreachBatch(save).outputMode('append')"
        ".option('checkpointLocation', s3_lab9_output_uri + 'checkpoint').start())",
    ),
    ("stop", "[query.stop() for query in spark.streams.active]"),
    ("stop", "volumeReportQuery.stop()\nsev0SaveQuery.stop()"),
    (
        "volume-show",
        "volumeReportQuery.processAllAvailable()\nspark.sql(f'SELECT * FROM {volumeReportQuery.name}').toPandas()",
    ),
    (
        "volume-show",
        "for row in spark.sql('SELECT * FROM volume_report').collect():\n    print(f'{row.serverID}: {row.avgVolume:.1f}')",
    ),
    ("volume-query", STEPS["volume-query"].code.replace(".start", ".trigger(processingTime='1 minute').start")),
    (
        "sev0-query",
        "volumeReportQuery.stop()\n"
        + STEPS["sev0-query"].code.replace(".start", ".trigger(processingTime='10 seconds').start"),
    ),
    ("sev0-query", STEPS["sev0-query"].code.replace("{s3_lab9_output_uri}checkpoint", "{s3_lab9_output_uri}")),
    ("read-stream", "streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri.rstrip('/'))"),
    (
        "read-stream",
        "streamingLogData = spark.readStream.schema(logSchema).option('pathGlobFilter', 's*.csv').csv(s3_log_data_live_uri)",
    ),
    (
        "sev0-query",
        STEPS["sev0-query"].code.replace("    ordered =", "    if batch.isEmpty():\n        return\n    ordered ="),
    ),
    ("stop", "while_active = spark.streams.active\nfor q in while_active:\n    if q.isActive:\n        q.stop()"),
]


@pytest.mark.parametrize(("step_id", "text"), long_checks_are_slow(RIGHT))
def test_the_many_right_ways_pass(submit, step_id, text):
    run, feedback = submit(step_id, text)
    assert feedback.outcome == "passed", (run.error, feedback.message)


WRONG = [
    (
        "sev0",
        "sev0 = streamingLogData.selectExpr('if(severity = 0, serverID, null) AS serverID', 'timestamp')",
        "which is no SEV0 record",
    ),
    (
        "sev0",
        "sev0 = streamingLogData.where('severity = 0').selectExpr('serverID', 'double(timestamp) AS timestamp')",
        "is a double",
    ),
    (
        "read-stream",
        "streamingLogData = spark.readStream.schema('serverID STRING, severity DOUBLE, timestamp INT').csv(s3_log_data_live_uri)",
        "severity double",
    ),
    (
        "sev0-query",
        STEPS["sev0-query"].code.replace('"timestamp", "serverID"', '"timestamp"'),
        "in another order",
    ),
    (
        "sev0-query",
        STEPS["sev0-query"].code.replace("batch={batch_id}", "batch={batch_id % 2}"),
        "the csv files hold",
    ),
    (
        "sev0-query",
        STEPS["sev0-query"].code.replace("ordered.write", "ordered.withColumn('more', ordered.timestamp).write"),
        "row 1 is",
    ),
    (
        "volume-query",
        STEPS["volume-query"].code.replace(
            ".start", ".option('checkpointLocation', s3_log_data_live_uri + 'cp').start"
        ),
        "Its checkpoint is in LogDataLive",
    ),
    (
        "volume-show",
        'spark.sql("SELECT * FROM volume_report WHERE avgVolume > 0").show()',
        "It shows 2 of its 3 rows, and not third with 0.0. Show every row",
    ),
    (
        "volume-report",
        STEPS["volume-report"].code + "\nvolumeReportDataFrame = volumeReportDataFrame.where('avgVolume > 0')",
        "The report has rows for apart, edges, gaps, single, twice; expected",
    ),
    (
        "volume-report",
        "from pyspark.sql import functions as F\nbest = max([1, 2])\nvolumeReportDataFrame = streamingLogData.groupBy('serverID').agg("
        "F.round(F.count_if(F.col('severity') == 2) / (F.max('timestamp') - F.min('timestamp') + 1), 1).alias('avgVolume'))",
        "Keep at least two decimals",
    ),
    ("schema", "logSchema = 3", "`logSchema` is an int, expected a StructType or a text"),
    ("schema", "schema = 'a INT'", "does not define `logSchema`"),
    ("schema", "logSchema = 'serverID STRIN severity'", "Spark says"),
    ("schema", "", "The cell is empty"),
    ("schema", "# only ?? in a comment", "does not define `logSchema`"),
    (
        "read-stream",
        "streamingLogData = spark.readStream.schema('a STRING').csv(s3_log_data_live_uri)",
        "has the columns a",
    ),
    (
        "volume-report",
        "volumeReportDataFrame = spark.read.schema(logSchema).csv(s3_log_data_uri)",
        "is not a stream. Build it from `streamingLogData`",
    ),
    (
        "volume-report",
        "from pyspark.sql import functions as F\n"
        "volumeReportDataFrame = streamingLogData.groupBy('serverID').agg("
        "(F.count_if(F.col('severity') == 2) / 7).alias('avgVolume'))",
        "On the four log files: Your report has s1 1.857 and s2 1.714: these are not the volumes.",
    ),
    ("volume-query", "volumeReportQuery = 1", "`volumeReportQuery` is an int, expected a query that has been started"),
    (
        "volume-show",
        'spark.sql("SELECT serverID FROM volume_report").show()',
        "the servers are there, and their volumes are not",
    ),
    (
        "volume-show",
        'spark.sql("SELECT avgVolume FROM volume_report").show()',
        "the volumes are there, and whose they are is",
    ),
    ("volume-show", 'spark.sql("SELECT count(*) FROM volume_report").show()', "neither its servers nor its volumes"),
    ("volume-show", 'print("s1 1.2")\nprint("s2 1.25")', "it shows the same as on yours, whatever is in the table"),
    (
        "sev0",
        "sev0 = streamingLogData.where('severity = 0 AND timestamp < 9').select('serverID', 'timestamp')",
        "Your log has too few rows",
    ),
    (
        "sev0",
        "sev0 = streamingLogData.where('severity = 0 AND timestamp < 11').select('serverID', 'timestamp')",
        "Right on the four log files. On a log of our own: The log has",
    ),
    ("stop", "print(spark.streams.active)", "After the cell, 2 queries are still active"),
    ("stop", "volumeReportQuery.stop()", "After the cell, 1 query is still active"),
]


@pytest.mark.parametrize(("step_id", "text", "words"), long_checks_are_slow(WRONG))
def test_what_is_no_known_mistake_is_told_with_numbers(submit, step_id, text, words):
    _, feedback = submit(step_id, text)
    assert not feedback.has_passed
    assert words in feedback.message


def test_the_four_log_files_never_tell_what_is_right_for_them():
    """What is right for these files are the results, which the learner is to find."""
    told = [
        line for line in GOLDEN.read_text(encoding="utf-8").splitlines() if line.startswith("On the four log files")
    ]
    assert told
    assert not [line for line in told if "expected" in line]


def test_what_a_batch_is_refused_is_recognised_as_in_a_cell(submit):
    """Of an error in a function of `foreachBatch`, Spark keeps only the text."""
    _, feedback = submit(
        "sev0-query",
        STEPS["sev0-query"].code.replace('f"{s3_lab9_output_uri}sev0/batch={batch_id}"', '"s3_lab9_output_uri"'),
    )
    assert feedback.mistake == "address-in-quotes"
    assert feedback.message.startswith("'s3_lab9_output_uri' in quotes is a text")


def test_the_table_may_have_another_name_and_that_is_said(submit):
    _, feedback = submit("volume-query", STEPS["volume-query"].code.replace("volume_report", "volumereport"))
    assert feedback.has_passed
    assert "The task names the table `volume_report`, and yours is `volumereport`." in feedback.message
