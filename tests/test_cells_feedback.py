"""Answers that once ended a check with a traceback: each gets one sentence, and the check goes on."""

import pytest
from pyspark.errors import PySparkException
from pyspark.sql import functions as F  # imported as everybody does

from lab.engine.facts import MAX_CHARACTERS, rows
from lab.engine.failures import explain
from lab.learner.trial import try_answer
from lab.lesson.steps import STEPS

WAITING = """
def save(df, batch_id):
    for query in spark.streams.active:
        query.awaitTermination(25)
sev0SaveQuery = sev0.writeStream.foreachBatch(save).option("checkpointLocation", s3_lab9_output_uri + "c").start()
"""
NAMED = "from pyspark.sql.types import *\n"
ANSWERS = [
    ("schema", "-" * 9900 + "1", "nested too deeply"),
    ("schema", "(" * 4900 + ")" * 4900, "too many nested parentheses"),
    ("schema", "logSchema = []\nlogSchema.append(logSchema)", "nested more than 100 deep"),
    ("schema", "logSchema = {}\nlogSchema['a'] = logSchema\nprint(1)", "nested more than 100 deep"),
    ("schema", "logSchema = (1,)\nfor n in range(5000):\n    logSchema = (logSchema,)", "nested more than 100 deep"),
    ("schema", 'logSchema = "a " + "ARRAY<" * 300 + "INT" + ">" * 300', "nested at most 10 deep"),
    ("schema", 'logSchema = "a INT DEFAULT (1 + 1)"', "in a schema"),
    ("schema", 'logSchema = "serverID STRING, severity DECIMAL(38, 10), timestamp INT"', "DECIMAL in a schema"),
    (
        "schema",
        NAMED + "logSchema = IntegerType()\nfor n in range(60):\n"
        '    logSchema = StructType([StructField("a", logSchema)])',
        "nested",
    ),
    ("schema", NAMED + "logSchema = StructType()\nlogSchema.add('a', logSchema)", "nested more than 100 deep"),
    ("read-stream", "streamingLogData = []\nstreamingLogData.append(streamingLogData)", "nested more than 100 deep"),
    ("volume-show", "print(" + "-" * 9900 + "1)", "nested too deeply"),
    ("sev0-query", WAITING, "in a foreachBatch function"),
]


@pytest.mark.parametrize(("step_id", "text", "words"), ANSWERS)
def test_each_answer_gets_a_sentence(classroom, step_id, text, words):
    engine = classroom.engine
    _, feedback = try_answer(STEPS[step_id], text, engine.root, engine.run_folder)
    assert not feedback.has_passed, feedback
    assert words in feedback.message
    assert "Traceback" not in feedback.message
    # Spark is ready for the next one.
    assert engine.root.range(2).count() == 2


HUGE = """
from pyspark.sql import functions as F
volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(F.lit("x" * 4000).alias("avgVolume"))
for n in range(3):
    volumeReportDataFrame = volumeReportDataFrame.withColumn("avgVolume", F.concat("avgVolume", "avgVolume"))
"""


def test_an_answer_of_large_rows_gets_a_sentence(classroom):
    engine = classroom.engine
    _, feedback = try_answer(STEPS["volume-report"], HUGE, engine.root, engine.run_folder)
    assert not feedback.has_passed
    assert len(feedback.message) < 1_000


def test_a_check_brings_no_large_row(classroom):
    frame = classroom.engine.root.range(3).select(F.repeat(F.lit("x"), MAX_CHARACTERS).alias("text"))
    with pytest.raises(PySparkException) as caught:
        rows(frame)
    assert "A row of this is too large for the lab" in explain(str(caught.value)).sentence
    assert len(rows(frame.select(F.substring("text", 1, 100))).rows) == 3
