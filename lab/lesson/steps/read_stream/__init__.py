"""The stream of the live folder, which everything else is built from."""

from lab.judge.step import Step, cell, prose
from lab.lesson.steps.schema import STEP as SCHEMA

STEP = Step(
    "read-stream",
    "Open the stream",
    cell("""
        streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)

        print("is it a stream?", streamingLogData.isStreaming)
        print("queries running:", len(spark.streams.active))
        streamingLogData.printSchema()
    """),
    needs=(SCHEMA,),
    variable="streamingLogData",
    task=prose("""
        Define `streamingLogData`: a stream of the csv files in the live folder, `s3_log_data_live_uri`, read with
        `logSchema`.
    """),
    starter=cell("""
        streamingLogData = spark.readStream.??

        print("is it a stream?", streamingLogData.isStreaming)
        print("queries running:", len(spark.streams.active))
        streamingLogData.printSchema()
    """),
    hints=(
        prose("""
            How would you read files that are all there already? And to which of the three folders do deliveries go?
        """),
        prose("""
            `spark.readStream` is used like `spark.read`: first `.schema(…)`, then `.csv(…)` with the address of the
            folder. The schema is the variable of the step before.
        """),
        prose("""
            `spark.readStream.schema(logSchema).csv(…)`, with the address of the *live* folder inside the last
            parentheses: `s3_log_data_live_uri`.
        """),
    ),
    why=prose("""
        A stream needs its schema declared, because its files are not there yet. This cell reads nothing: it describes
        a table without an end. There is no header option, because the log files have no header.
    """),
    page="read_stream",
    part="stream",
    passed="Right: it is a stream of the live folder, and gave every record of files that were placed there.",
)
