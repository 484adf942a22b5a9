"""A log file, read with the learner's schema."""

from lab.judge.step import Step, cell
from lab.lesson.steps.schema import STEP as SCHEMA

STEP = Step(
    "schema-right",
    "With logSchema",
    cell("""
        spark.read.schema(logSchema).csv(s3_log_data_uri + "s115.csv").toPandas()
    """),
    needs=(SCHEMA,),
    page="schema",
)
