"""Mistakes in the query that keeps the report."""

import re
from typing import Final

from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program, raised
from lab.lesson.steps.volume_query import STEP


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


def _appended_aggregation(evidence: Evidence) -> str:
    if not is_condition("append-mode", evidence.error):
        return ""
    return (
        "In append mode, the default, a row is final once it is written. The volume of a server changes with every batch, so "
        "Spark refuses. Which output mode writes the whole table each time?"
    )


def _no_format(evidence: Evidence) -> str:
    if not is_condition("path-left-out", evidence.error) or re.search(r"\bformat\s*[(=]", evidence.text):
        return ""
    return (
        "The query has no `.format(…)`. Then Spark writes files, and asks for a path. The report belongs in a table in memory: "
        "name that sink."
    )


MISTAKES: Final = (
    Mistake(
        "sorted-report",
        "A sorted report in another mode than complete",
        raised(
            "sorted-stream",
            "A report can be sorted only where all of it is written at once, in complete mode. Take that mode, or leave the order to "
            "the SQL that reads the table.",
        ),
        (
            program(
                STEP,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.orderBy("serverID").writeStream.queryName("volume_report")
                    .outputMode("update").format("memory").start()
                )
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "no-format",
        "A query without a sink",
        _no_format,
        (
            program(
                STEP,
                'volumeReportQuery = volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").start()',
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "append-aggregation",
        "Append with an aggregation",
        _appended_aggregation,
        (
            program(
                STEP,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("append").format("memory").start()
                )
                """,
            ),
            program(
                STEP,
                'volumeReportQuery = volumeReportDataFrame.writeStream.queryName("volume_report").format("memory").start()',
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "update-mode",
        "Update mode into memory",
        _update_mode,
        (
            program(
                STEP,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("update").format("memory").start()
                )
                """,
            ),
        ),
        (STEP,),
    ),
)
