"""A log file, read with the timestamp as a clock time."""

from lab.judge.step import Step, cell

STEP = Step(
    "schema-clock",
    "The timestamp as a clock",
    cell("""
        clock = "serverID STRING, severity INT, timestamp TIMESTAMP"
        spark.read.schema(clock).csv(s3_log_data_uri + "s115.csv").toPandas()
    """),
    page="schema",
)
