"""Mistakes in the volume report, in its query, and in the SQL that reads it."""

from collections.abc import Callable
from typing import Final

from lab.lesson.checks.transformations import TOLERANCE, volumes
from lab.lesson.evidence import Evidence
from lab.lesson.formulas import FORMULAS, FURTHER, Formula, formula_of
from lab.lesson.mistakes.mistake import Mistake, Program, program, raised


def _columns(evidence: Evidence) -> str:
    names = evidence.frame.names if evidence.frame else ()
    if not names or set(names) == {"serverID", "avgVolume"} or not evidence.frame or not evidence.frame.streaming:
        return ""
    shown = ", ".join(f"`{name if len(name) <= 40 else name[:37] + '…'}`" for name in names)
    return (
        f"The report has the columns {shown}; asked for are `serverID` and `avgVolume`. Name the result with "
        '`.alias("avgVolume")`, and keep only those two.'
    )


def _formula(known: Formula) -> Callable[[Evidence], str]:
    def says(evidence: Evidence) -> str:
        if not evidence.tables or not evidence.difference:
            return ""
        got = volumes(evidence.tables[-1])
        if not got or formula_of(got, evidence.deliveries, TOLERANCE) is not known:
            return ""
        return f"{evidence.difference} {known.sentence}"

    return says


def _report(count: str, units: str, before: str = "") -> Program:
    """A report whose number is one expression divided by another."""
    return program(
        "volume-report",
        f"""
        from pyspark.sql import functions as F

        volumeReportDataFrame = streamingLogData{before}.groupBy("serverID").agg(
            ({count}{units}).alias("avgVolume")
        )
        """,
    )


_SEV2 = 'F.count_if(F.col("severity") == 2)'
_UNITS = ' / (F.max("timestamp") - F.min("timestamp") + 1)'

# For each formula, answers that compute it.
_PROGRAMS: Final = {
    "no-plus-one": (_report(_SEV2, ' / (F.max("timestamp") - F.min("timestamp"))'),),
    "no-parentheses": (_report(_SEV2, ' / F.max("timestamp") - F.min("timestamp") + 1'),),
    "half-parentheses": (_report(_SEV2, ' / (F.max("timestamp") - F.min("timestamp")) + 1'),),
    "sev2-first": (
        _report('F.count("*")', _UNITS, '.where("severity = 2")'),
        _report('F.count("severity")', _UNITS, '.filter(F.col("severity") == 2)'),
    ),
    "all-events": (_report('F.count("*")', _UNITS), _report('F.count("severity")', _UNITS)),
    "sev0-events": (_report('F.count_if(F.col("severity") == 0)', _UNITS),),
    "sev1-events": (_report('F.sum(F.when(F.col("severity") == 1, 1).otherwise(0))', _UNITS),),
    "one-span": (_report(_SEV2, " / 10"),),
    "sum-severity": (_report('F.sum("severity")', _UNITS),),
    "sum-sev2": (_report('F.sum(F.when(F.col("severity") == 2, F.col("severity")).otherwise(0))', _UNITS),),
    "distinct-records": (_report(_SEV2, _UNITS, ".distinct()"),),
    "last-time-unit": (_report(_SEV2, ' / F.max("timestamp")'),),
    "not-divided": (_report(_SEV2, ""),),
    "distinct-units": (_report(_SEV2, ' / F.count_distinct("timestamp")'),),
}


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


def _memory(evidence: Evidence) -> str:
    if evidence.step.id != "volume-query" or evidence.query is None or evidence.query.sink == "memory":
        return ""
    return (
        f"The query's sink is {evidence.query.sink}, so no table appears in memory that SQL could read. Use "
        '`.format("memory")`.'
    )


def _not_shown(evidence: Evidence) -> str:
    if not evidence.difference or "DataFrame[" not in evidence.printed:
        return ""
    return (
        "`spark.sql` gives a DataFrame, and the cell shows only which columns it has. To see its rows, call `.show()` on it "
        "(or `.toPandas()`)."
    )


def _nothing_shown(evidence: Evidence) -> str:
    if not evidence.difference or evidence.printed:
        return ""
    return "The cell shows nothing. Call `.show()` on what `spark.sql` gives, or let `.toPandas()` be the last line."


def _too_soon(evidence: Evidence) -> str:
    if evidence.error or evidence.difference or "s" not in evidence.printed or evidence.table_rows != 0:
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

VOLUME: Final = (
    Mistake(
        "severity-as-text",
        "SEV2 as a text",
        raised(
            r"CAST_INVALID_INPUT.*(SEV\d|sev\d)",
            "The severity is compared with a text such as 'SEV2', which cannot be turned into a number. In the files it is "
            "0, 1 or 2; SEV2 is only how people call a 2.",
        ),
        (
            _report("F.count_if(F.col(\"severity\") == 'SEV2')", _UNITS),
            program("sev0", """sev0 = streamingLogData.where("severity = 'SEV0'").select("serverID", "timestamp")"""),
        ),
        ("volume-report", "sev0"),
    ),
    Mistake(
        "clock-arithmetic",
        "Adding 1 to a clock time",
        raised(
            r"DATATYPE_MISMATCH",
            "The columns of this expression do not have the types that it needs. If `+ 1` is the place, `timestamp` is not a "
            "whole number there: it counts time units, so read it as IntegerType.",
        ),
        (_report(_SEV2, ' / (F.max(F.to_timestamp("timestamp")) - F.min(F.to_timestamp("timestamp")) + 1)'),),
        ("volume-report",),
    ),
    Mistake(
        "report-columns",
        "Other columns than asked for",
        _columns,
        (
            program(
                "volume-report",
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    F.count_if(F.col("severity") == 2) / (F.max("timestamp") - F.min("timestamp") + 1)
                )
                """,
            ),
            program(
                "volume-report",
                'volumeReportDataFrame = streamingLogData.where("severity = 2").groupBy("serverID").count()',
            ),
        ),
        ("volume-report",),
    ),
    *(
        Mistake(known.id, known.title, _formula(known), _PROGRAMS[known.id], ("volume-report",))
        for known in (*FORMULAS, *FURTHER)
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
        _memory,
        (
            program(
                "volume-query",
                """
                volumeReportQuery = volumeReportDataFrame.writeStream.outputMode("complete").format("noop").start()
                """,
            ),
        ),
        ("volume-query",),
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
