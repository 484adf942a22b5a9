"""A log file, read as if it had a header."""

from lab.judge.step import Step, cell
from lab.lesson.steps.schema import STEP as SCHEMA

STEP = Step(
    "schema-header",
    "A header that is not there",
    cell("""
        spark.read.schema(logSchema).option("header", "true").csv(s3_log_data_uri + "s115.csv").toPandas()
    """),
    needs=(SCHEMA,),
    page="schema",
)
