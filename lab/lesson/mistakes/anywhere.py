"""Mistakes that can be made in any step."""

import re
from typing import Final

from lab.cells.articles import a
from lab.engine.conditions import is_condition, missing_table
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program, raised
from lab.lesson.steps.read_stream import STEP as READ_STREAM
from lab.lesson.steps.sev0 import STEP as SEV0
from lab.lesson.steps.sev0_query import STEP as SEV0_QUERY
from lab.lesson.steps.volume_query import STEP as VOLUME_QUERY
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT
from lab.lesson.steps.volume_show import STEP as VOLUME_SHOW


def _python_function(evidence: Evidence) -> str:
    if not evidence.python_functions or not evidence.is_decided:
        return ""
    name = evidence.python_functions[0]
    return (
        f"`{name}(…)` is Python's own function here. It knows no columns, and takes the letters of a text. Use Spark's, "
        f"`F.{name}(…)`."
    )


def _no_table(evidence: Evidence) -> str:
    if not is_condition("no-table", evidence.error):
        return ""
    named = f" Yours is named `{evidence.table_name}`." if evidence.table_name else ""
    name = missing_table(evidence.error)
    if re.fullmatch(r"streamingLogData|volumeReportDataFrame|volumeReportQuery|sev0\w*", name):
        return (
            f"`{name}` is a variable of Python, and SQL finds tables only. Your query fills a table, which `queryName` "
            f"names.{named}"
        )
    return f"There is no table with this name. `queryName` names the table of a query, and `start()` makes it.{named}"


def _not_called(evidence: Evidence) -> str:
    if evidence.kind != "Method":
        return ""
    return (
        f"`{evidence.step.variable}` is a method that you did not call. Write the parentheses behind its name, as in "
        "`.start()`."
    )


def _not_started(evidence: Evidence) -> str:
    if evidence.kind not in {"DataStreamWriter", "DataFrameWriter"}:
        return ""
    return (
        f"`{evidence.step.variable}` is {a(evidence.kind)}: it describes a query, but nothing runs. Call `.start()` at the very "
        "end: that runs it."
    )


ANYWHERE: Final = (
    Mistake(
        "text-compared",
        "Comparing a text instead of a column",
        raised(
            "bool-for-column",
            "Python has compared a text with a number here, before Spark saw any of it, and a text is never equal to a number. "
            'Compare the column: `F.col("severity") == 2`.',
        ),
        (
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if("severity" == 2) / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume")
                )
                """,
            ),
        ),
    ),
    Mistake(
        "and-or",
        "`and` or `or` between columns",
        raised(
            "column-as-bool",
            "`and`, `or` and `not` want a truth value at once, and a column has one for each row. Between columns write `&`, "
            "`|` and `~`, with parentheses around each comparison.",
        ),
        (
            program(
                SEV0,
                """
                from pyspark.sql import functions as F

                sev0 = streamingLogData.where(F.col("severity") == 0 and F.col("timestamp") > 0).select("serverID", "timestamp")
                """,
            ),
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(not F.col("severity") != 2) / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume")
                )
                """,
            ),
        ),
    ),
    Mistake(
        "python-function",
        "Python's `max`, `min` or `sum` on a column",
        _python_function,
        (
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql import functions as F

                units = max("timestamp") - min("timestamp") + 1
                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(F.col("severity") == 2) / units).alias("avgVolume")
                )
                """,
            ),
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql.functions import col, count_if

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (count_if(col("severity") == 2) / max(col("timestamp"))).alias("avgVolume")
                )
                """,
            ),
        ),
    ),
    Mistake(
        "action-on-stream",
        "Asking a stream for its rows",
        raised(
            "action-on-stream",
            "A stream never ends, so `show()`, `count()` or `collect()` would never finish: Spark refuses them. Start a query that "
            "writes into a table, and read the table.",
        ),
        (
            program(
                READ_STREAM,
                """
                streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)
                streamingLogData.show()
                """,
            ),
            program(
                VOLUME_REPORT,
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(F.col("severity") == 2) / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume")
                )
                volumeReportDataFrame.count()
                """,
            ),
            program(
                SEV0,
                """
                sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp")
                sev0.collect()
                """,
            ),
        ),
    ),
    Mistake(
        "write-on-stream",
        "`.write` on a stream",
        raised(
            "write-on-stream",
            "`.write` saves a table that is complete, and a stream never is. A stream has `.writeStream`; inside "
            "`foreachBatch` the batch is complete, and there `.write` is right.",
        ),
        (
            program(
                SEV0_QUERY,
                """
                sev0SaveQuery = sev0.write.csv(s3_lab9_output_uri + "sev0")
                """,
            ),
        ),
    ),
    Mistake(
        "stream-of-batch",
        "`.writeStream` on a batch",
        raised(
            "stream-of-batch",
            "`.writeStream` belongs to a stream, and this DataFrame is a batch: it was read with `spark.read`, or is the "
            "batch inside `foreachBatch`. A batch has `.write`.",
        ),
        (
            program(
                VOLUME_QUERY,
                """
                from pyspark.sql import functions as F

                batch = spark.read.schema(logSchema).csv(s3_log_data_uri)
                volumeReportQuery = (
                    batch.groupBy("serverID").agg(F.count_if(F.col("severity") == 2).alias("avgVolume"))
                    .writeStream.queryName("volume_report").outputMode("complete").format("memory").start()
                )
                """,
            ),
        ),
    ),
    Mistake(
        "not-started",
        "Without `.start()`",
        _not_started,
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                )
                """,
            ),
            program(
                SEV0_QUERY,
                """
                def save_batch(batch, batch_id):
                    ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
                    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch).option(
                    "checkpointLocation", f"{s3_lab9_output_uri}checkpoint"
                )
                """,
            ),
        ),
    ),
    Mistake(
        "not-called",
        "A method without its parentheses",
        _not_called,
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory").start
                )
                """,
            ),
        ),
    ),
    Mistake(
        "already-active",
        "Running the cell again",
        raised(
            "already-active",
            "A query with this name is already running, and there can be only one. Stop it first, then start the new one.",
        ),
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory").start()
                )
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory").start()
                )
                """,
            ),
        ),
    ),
    Mistake(
        "no-table",
        "A table that is not there",
        _no_table,
        (
            program(
                VOLUME_SHOW,
                """
                spark.sql("SELECT * FROM volumeReportDataFrame").show()
                """,
            ),
            program(VOLUME_SHOW, 'spark.sql("SELECT serverID, avgVolume FROM streamingLogData").show()'),
            program(VOLUME_SHOW, 'spark.sql("SELECT serverID, avgVolume FROM report").show()'),
        ),
    ),
)
