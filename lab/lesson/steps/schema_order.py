"""A log file, read with the columns in another order."""

from lab.judge.step import Step, cell

STEP = Step(
    "schema-order",
    "Columns in another order",
    cell("""
        wrongOrder = "timestamp INT, severity INT, serverID STRING"
        spark.read.schema(wrongOrder).csv(s3_log_data_uri + "s115.csv").toPandas()
    """),
    page="schema",
)
