"""Mistakes in the query that keeps the report, and in the SQL that reads it."""

from typing import Final

from lab.lesson.evidence import Evidence
from lab.lesson.mistakes.mistake import Mistake, program, raised


def _update_mode(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.mode != "update" or not evidence.tables or not evidence.difference:
        return ""
    rows = evidence.tables[-1].rows
    server = next((row[0] for row in rows if len({other[1] for other in rows if other[0] == row[0]}) > 1), None)
    twice = [f"{row[1]:.4g}" for row in rows if row[0] == server]
    shown = f" {server} stands there {len(twice)} times, with {' and '.join(twice)}." if server else ""
    return (
        f"After a second delivery the table has {len(rows)} rows, expected {len(evidence.expected[-1].rows)}.{shown} In "
        "update mode a changed row is written beside the old one; `complete` replaces the table."
    )


_TRIGGERS: Final = {"availablenow": "`availableNow`", "onetime": "`once`"}


def _ends(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.endless or not evidence.difference:
        return ""
    return (
        f"The trigger is {_TRIGGERS.get(query.trigger, query.trigger)}: the query reads what is there, then it ends, and files that are delivered later "
        "are never read. This one must stay alive: leave the trigger out."
    )


def _shared_checkpoint(evidence: Evidence) -> str:
    if not evidence.stopped:
        return ""
    return (
        f"While this query started, {', '.join(evidence.stopped)} stopped, without any error: both have the same checkpoint, "
        "and Spark lets only the newer one go on. Give each query a checkpoint folder of its own."
    )


def _other_sink(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or not evidence.difference:
        return ""
    if evidence.step.id == "volume-query" and query.sink != "memory":
        return f'The query\'s sink is {query.sink}, so no table appears in memory that SQL could read. Use `.format("memory")`.'
    if evidence.step.id == "sev0-query" and query.sink not in {"csv", "foreachbatch"}:
        return (
            f"The query's sink is {query.sink}, and the log is to be kept as csv files: save each batch with "
            "`.write.csv(…)`, inside `foreachBatch`."
        )
    return ""


def _not_shown(evidence: Evidence) -> str:
    if not evidence.difference or "DataFrame[" not in evidence.printed:
        return ""
    return (
        "`spark.sql` gives a DataFrame, and the cell shows only which columns it has. To see its rows, call `.show()` on it "
        "(or `.toPandas()`)."
    )


def _nothing_shown(evidence: Evidence) -> str:
    if not evidence.difference or evidence.printed.strip():
        return ""
    return "The cell shows nothing. Call `.show()` on what `spark.sql` gives, or let `.toPandas()` be the last line."


def _too_soon(evidence: Evidence) -> str:
    if evidence.is_decided or evidence.table_rows != 0:
        return ""
    return (
        "Right, and the table is empty: the query has not finished a batch yet. That is as it should be before the first "
        "delivery, and for a moment after it. Run this cell again then."
    )


def _appended_aggregation(evidence: Evidence) -> str:
    if "STREAMING_OUTPUT_MODE" not in evidence.error or "append" not in evidence.error:
        return ""
    return (
        "In append mode (which is the default) a row that was written is final, and the ratio of a server changes with every "
        'batch. Write the whole table anew each time: `.outputMode("complete")`.'
    )


_QUERY: Final = ("volume-query", "sev0-query")

QUERY: Final = (
    Mistake(
        "sorted-report",
        "A sorted report in another mode than complete",
        raised(
            "Sorting is not supported on streaming",
            "A report can be sorted only where all of it is written at once, in complete mode. Take that mode, or leave the order to "
            "the SQL that reads the table.",
        ),
        (
            program(
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.orderBy("serverID").writeStream.queryName("volume_report")
                    .outputMode("update").format("memory").start()
                )
                """,
            ),
        ),
        ("volume-query",),
    ),
    Mistake(
        "no-query-name",
        "A table without a name",
        raised(
            "queryName must be specified for memory sink",
            "The memory sink makes a table, and needs its name: the query's. Add `.queryName(…)`; it is what you will write "
            "behind FROM.",
        ),
        (
            program(
                "volume-query",
                'volumeReportQuery = volumeReportDataFrame.writeStream.outputMode("complete").format("memory").start()',
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "append-aggregation",
        "Append with an aggregation",
        _appended_aggregation,
        (
            program(
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("append").format("memory").start()
                )
                """,
            ),
            program(
                "volume-query",
                'volumeReportQuery = volumeReportDataFrame.writeStream.queryName("volume_report").format("memory").start()',
            ),
        ),
        ("volume-query",),
    ),
    Mistake(
        "update-mode",
        "Update mode into memory",
        _update_mode,
        (
            program(
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("update").format("memory").start()
                )
                """,
            ),
        ),
        ("volume-query",),
    ),
    Mistake(
        "ends-by-itself",
        "A trigger that ends the query",
        _ends,
        (
            program(
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .trigger(availableNow=True).start()
                )
                """,
            ),
            program(
                "volume-query",
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .trigger(once=True).start()
                )
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "shared-checkpoint",
        "Two queries, one checkpoint",
        _shared_checkpoint,
        (
            program(
                "sev0-query",
                """
                def save_batch(batch, batch_id):
                    ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
                    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                checkpoint = f"{s3_lab9_output_uri}checkpoint"
                first = sev0.writeStream.queryName("first").foreachBatch(save_batch).option("checkpointLocation", checkpoint).start()
                sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch).option("checkpointLocation", checkpoint).start()
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "state-of-another-query",
        "Another aggregation, the same checkpoint",
        raised(
            "STATE_STORE_(VALUE|KEY)_SCHEMA_NOT_COMPATIBLE|STATE_STORE_.*NOT_COMPATIBLE",
            "The checkpoint keeps the state of an aggregation that was another one. Give the changed query a new checkpoint "
            "folder; it will read the live folder from the beginning.",
        ),
        (
            program(
                "volume-query",
                """
                copy_s3_file_to_live_folder("s115.csv")
                checkpoint = f"{s3_lab9_output_uri}volume"
                counted = streamingLogData.groupBy("serverID").count()
                earlier = (
                    counted.writeStream.queryName("counted").outputMode("complete").format("memory")
                    .option("checkpointLocation", checkpoint).start()
                )
                earlier.processAllAvailable()
                earlier.stop()
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .option("checkpointLocation", checkpoint).start()
                )
                copy_s3_file_to_live_folder("s215.csv")
                volumeReportQuery.processAllAvailable()
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "other-sink",
        "Another sink than memory",
        _other_sink,
        (
            program(
                "volume-query",
                """
                volumeReportQuery = volumeReportDataFrame.writeStream.outputMode("complete").format("noop").start()
                """,
            ),
            program("sev0-query", 'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").format("memory").start()'),
        ),
        _QUERY,
    ),
    Mistake(
        "not-shown",
        "SQL without `.show()`",
        _not_shown,
        (program("volume-show", 'spark.sql("SELECT * FROM volume_report")'),),
        ("volume-show",),
    ),
    Mistake(
        "nothing-shown",
        "A cell that shows nothing",
        _nothing_shown,
        (program("volume-show", 'report = spark.sql("SELECT * FROM volume_report")'),),
        ("volume-show",),
    ),
    Mistake(
        "too-soon",
        "Reading the table too soon",
        _too_soon,
        (program("volume-show", 'spark.sql("SELECT * FROM volume_report").show()'),),
        ("volume-show",),
    ),
)
