"""The steps of the lesson, in the handout's order. The code of a step is the code that runs."""

import json
from dataclasses import dataclass
from textwrap import dedent
from typing import Final

VOLUME_QUERY: Final = "volume_report"
SEV0_QUERY: Final = "sev0_log"
PEEK_QUERY: Final = "peek"
SEV0_FOLDER: Final = "sev0/"


@dataclass(frozen=True)
class Step:
    """One cell of the lesson.

    `needs` are the steps that must have run before it; `query` is the name of the streaming query that it starts.
    A `demonstration` shows something and defines nothing that a later step needs; `refused` says that Spark is
    expected to refuse it.
    """

    id: str
    title: str
    code: str
    needs: tuple[str, ...] = ()
    query: str = ""
    demonstration: bool = False
    refused: bool = False


def _code(text: str) -> str:
    return dedent(text).strip()


_STEPS: Final = (
    Step(
        "schema",
        "Declare the schema",
        _code("""
            from pyspark.sql.types import IntegerType, StringType, StructField, StructType

            logSchema = StructType([
                StructField("serverID", StringType()),
                StructField("severity", IntegerType()),
                StructField("timestamp", IntegerType()),
            ])
        """),
    ),
    Step(
        "schema-right",
        "With logSchema",
        _code("""
            spark.read.schema(logSchema).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        needs=("schema",),
        demonstration=True,
    ),
    Step(
        "schema-order",
        "Columns in another order",
        _code("""
            wrongOrder = "timestamp INT, severity INT, serverID STRING"
            spark.read.schema(wrongOrder).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        demonstration=True,
    ),
    Step(
        "schema-header",
        "A header that is not there",
        _code("""
            spark.read.schema(logSchema).option("header", "true").csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        needs=("schema",),
        demonstration=True,
    ),
    Step(
        "schema-clock",
        "The timestamp as a clock",
        _code("""
            clock = "serverID STRING, severity INT, timestamp TIMESTAMP"
            spark.read.schema(clock).csv(s3_log_data_uri + "s115.csv").toPandas()
        """),
        demonstration=True,
    ),
    Step(
        "read-stream",
        "Open the stream",
        _code("""
            streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)

            print("is it a stream?", streamingLogData.isStreaming)
            print("queries running:", len(spark.streams.active))
            streamingLogData.printSchema()
        """),
        needs=("schema",),
    ),
    Step(
        "peek",
        "Peek at the rows",
        _code("""
            peekQuery = (
                streamingLogData.writeStream
                .queryName("peek")
                .outputMode("append")
                .format("memory")
                .start()
            )
        """),
        needs=("read-stream",),
        query=PEEK_QUERY,
        demonstration=True,
    ),
    Step(
        "volume-report",
        "Define the report",
        _code("""
            from pyspark.sql import functions as F

            sev2Events = F.count_if(F.col("severity") == 2)
            timeUnits = F.max("timestamp") - F.min("timestamp") + 1

            volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                (sev2Events / timeUnits).alias("avgVolume")
            )
        """),
        needs=("read-stream",),
    ),
    Step(
        "volume-query",
        "Start the query",
        _code("""
            volumeReportQuery = (
                volumeReportDataFrame.writeStream
                .queryName("volume_report")
                .outputMode("complete")
                .format("memory")
                .start()
            )
        """),
        needs=("volume-report",),
        query=VOLUME_QUERY,
    ),
    Step(
        "volume-show",
        "Read the table with SQL",
        _code("""
            spark.sql("SELECT serverID, avgVolume FROM volume_report ORDER BY serverID").show()
        """),
        needs=("volume-query",),
        demonstration=True,
    ),
    Step(
        "sev0-sorted",
        "Sort the stream",
        _code("""
            sortedSev0 = (
                streamingLogData.where("severity = 0")
                .select("serverID", "timestamp")
                .orderBy("timestamp", "serverID")
            )
            sortedSev0.writeStream.queryName("sorted").outputMode("append").format("memory").start()
        """),
        needs=("read-stream",),
        demonstration=True,
        refused=True,
    ),
    Step(
        "sev0",
        "Define the log",
        _code("""
            sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp")
        """),
        needs=("read-stream",),
    ),
    Step(
        "sev0-query",
        "Start the query",
        _code("""
            def save_batch(batch, batch_id):
                ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
                ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

            sev0SaveQuery = (
                sev0.writeStream
                .queryName("sev0_log")
                .foreachBatch(save_batch)
                .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")
                .start()
            )
        """),
        needs=("sev0",),
        query=SEV0_QUERY,
    ),
    Step(
        "stop",
        "Stop all streams",
        _code("""
            for query in spark.streams.active:
                query.stop()

            print("queries running:", len(spark.streams.active))
        """),
        demonstration=True,
    ),
)

STEPS: Final = {step.id: step for step in _STEPS}


def required(step: Step) -> tuple[Step, ...]:
    """Every step that must have run before this one, in order."""
    wanted: set[str] = set()

    def collect(ids: tuple[str, ...]) -> None:
        for step_id in ids:
            wanted.add(step_id)
            collect(STEPS[step_id].needs)

    collect(step.needs)
    return tuple(known for known in _STEPS if known.id in wanted)


def deliver_code(names: tuple[str, ...]) -> str:
    """The cell that delivers log files together."""
    arguments = ", ".join(json.dumps(name, ensure_ascii=False) for name in names)
    return f"copy_s3_file_to_live_folder({arguments})"


EMPTY_CODE: Final = "empty_s3_folder()"
