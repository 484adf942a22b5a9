"""Mistakes that can be made in any step."""

import re
from typing import Final

from lab.lesson.evidence import Evidence
from lab.lesson.mistakes.mistake import Mistake, program, raised


def _python_function(evidence: Evidence) -> str:
    if not evidence.python_functions or not evidence.is_decided:
        return ""
    name = evidence.python_functions[0]
    return (
        f"`{name}(…)` is Python's own function here, which knows nothing of columns: of a text it takes the letters. "
        f"Use Spark's, `F.{name}(…)`."
    )


def _no_table(evidence: Evidence) -> str:
    if "TABLE_OR_VIEW_NOT_FOUND" not in evidence.error:
        return ""
    named = f" Yours is named `{evidence.table_name}`." if evidence.table_name else ""
    return (
        "There is no table of this name. The table of a query in memory is called what `queryName` says, and it is there once the "
        f"query has been started.{named}"
    )


def _not_called(evidence: Evidence) -> str:
    if evidence.kind != "Method":
        return ""
    return (
        f"`{evidence.step.variable}` is a method that nobody has called: write the parentheses behind its name, "
        "as in `.start()`."
    )


def _not_started(evidence: Evidence) -> str:
    if evidence.kind not in {"DataStreamWriter", "DataFrameWriter"}:
        return ""
    return (
        f"`{evidence.step.variable}` is a {evidence.kind}: a query has been described, but nothing runs. It runs from the "
        "moment at which `.start()` is called, at the very end."
    )


def _called_too_early(evidence: Evidence) -> str:
    if not evidence.is_decided or not re.search(r"foreachBatch\(\s*\w+\(", evidence.text):
        return ""
    return (
        "`foreachBatch` takes the function itself, which Spark will call with each batch: `foreachBatch(save_batch)`, without "
        "parentheses behind the name."
    )


ANYWHERE: Final = (
    Mistake(
        "called-too-early",
        "Calling the function of `foreachBatch`",
        _called_too_early,
        (
            program(
                "sev0-query",
                """
                def save_batch(batch, batch_id):
                    batch.orderBy("timestamp", "serverID").write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch(sev0, 1)).start()
                """,
            ),
        ),
        ("sev0-query",),
    ),
    Mistake(
        "text-compared",
        "Comparing a text instead of a column",
        raised(
            "should be (a )?Column or str, got bool|NOT_COLUMN_OR_STR.*bool",
            "Python has compared a text with a number here, before Spark saw any of it, and a text is never equal to a number. "
            'Compare the column: `F.col("severity") == 2`.',
        ),
        (
            program(
                "volume-report",
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
            "CANNOT_CONVERT_COLUMN_INTO_BOOL",
            "`and`, `or` and `not` want a truth value at once, and a column has one for each row. Between columns write `&`, "
            "`|` and `~`, with parentheses around each comparison.",
        ),
        (
            program(
                "sev0",
                """
                from pyspark.sql import functions as F

                sev0 = streamingLogData.where(F.col("severity") == 0 and F.col("timestamp") > 0).select("serverID", "timestamp")
                """,
            ),
            program(
                "volume-report",
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
                "volume-report",
                """
                from pyspark.sql import functions as F

                units = max("timestamp") - min("timestamp") + 1
                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(F.col("severity") == 2) / units).alias("avgVolume")
                )
                """,
            ),
            program(
                "volume-report",
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
            r"queries with streaming sources must be executed with writeStream",
            "A stream never ends, so `show()`, `count()`, `collect()` and the like would never be done, and Spark refuses "
            "them. Start a query that writes into a table, and read the table.",
        ),
        (
            program(
                "read-stream",
                """
                streamingLogData = spark.readStream.schema(logSchema).csv(s3_log_data_live_uri)
                streamingLogData.show()
                """,
            ),
            program(
                "volume-report",
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    (F.count_if(F.col("severity") == 2) / (F.max("timestamp") - F.min("timestamp") + 1)).alias("avgVolume")
                )
                volumeReportDataFrame.count()
                """,
            ),
            program(
                "sev0",
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
            "CALL_ON_STREAMING_DATASET_UNSUPPORTED",
            "`.write` saves a table that is complete, and a stream never is. A stream has `.writeStream`; inside "
            "`foreachBatch` the batch is complete, and there `.write` is right.",
        ),
        (
            program(
                "sev0-query",
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
            "WRITE_STREAM_NOT_ALLOWED",
            "`.writeStream` belongs to a stream, and this DataFrame is a batch: it was read with `spark.read`, or is the "
            "batch inside `foreachBatch`. A batch has `.write`.",
        ),
        (
            program(
                "volume-query",
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
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                )
                """,
            ),
            program(
                "sev0-query",
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
                "volume-query",
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
            r"Cannot start query with name|already active",
            "A query of this name is already running, and there can be only one. Stop it first, then start the new one.",
        ),
        (
            program(
                "volume-query",
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
                "volume-show",
                """
                spark.sql("SELECT * FROM volumeReportDataFrame").show()
                """,
            ),
        ),
    ),
)
