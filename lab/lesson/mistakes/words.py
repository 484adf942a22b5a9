"""Mistakes with quotes, parentheses and names: what is a text, what is a variable, what is called."""

import re
from typing import Final

from lab.cells.advice import UNDEFINED
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.lesson.steps.sev0 import STEP as SEV0
from lab.lesson.steps.volume_query import STEP as VOLUME_QUERY
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT
from lab.records import COLUMNS

_MODES: Final = frozenset({"append", "update", "complete"})


_FORMATS: Final = frozenset({"csv", "memory"})


_COLUMNS: Final = frozenset({*COLUMNS, "avgVolume"})


def _no_quotes(evidence: Evidence) -> str:
    name = evidence.refusal.subject if evidence.refusal and evidence.refusal.code == UNDEFINED else ""
    if name in _MODES:
        return f'`{name}` without quotes is a variable, and there is none. An output mode is a text: `.outputMode("{name}")`.'
    if name in _FORMATS:
        return f'`{name}` without quotes is a variable, and there is none. A format is a text: `.format("{name}")`.'
    if name in _COLUMNS:
        return (
            f'`{name}` without quotes is a variable, and there is none. The name of a column is a text, `"{name}"`. In a '
            f'comparison write `F.col("{name}")`.'
        )
    return ""


def _column_assigned(evidence: Evidence) -> str:
    if not evidence.is_decided or not re.search(
        r"""^\s*\w+\[\s*["']\w+["']\s*\]\s*=[^=]""", evidence.text, re.MULTILINE
    ):
        return ""
    return (
        "pandas changes a DataFrame in place; Spark never does. Make a new one: `.withColumn(…)` adds a column, and `.agg(…)` with "
        "`.alias(…)` names what it calculates."
    )


WORDS: Final = (
    Mistake(
        "no-quotes",
        "A name without quotes",
        _no_quotes,
        (
            program(SEV0, 'sev0 = streamingLogData.filter(severity == 0).select("serverID", "timestamp")'),
            program(SEV0, 'sev0 = streamingLogData.filter("severity == 0").select(serverID, timestamp)'),
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode(complete).format("memory").start()
                )
                """,
            ),
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format(memory).start()
                )
                """,
            ),
        ),
    ),
    Mistake(
        "column-assigned",
        "A column that is assigned, as in pandas",
        _column_assigned,
        (
            program(
                VOLUME_REPORT,
                """
                volumeReportDataFrame = streamingLogData.groupBy("serverID").count()
                volumeReportDataFrame["avgVolume"] = volumeReportDataFrame["count"] / 5
                """,
            ),
        ),
        (VOLUME_REPORT, SEV0),
    ),
)
