"""Mistakes in reading the table."""

from typing import Final

from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.lesson.steps.volume_show import STEP


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
        "Right, and the table is empty: the query has not finished a batch yet. Deliver a pair, wait a moment, and run this "
        "cell again."
    )


MISTAKES: Final = (
    Mistake(
        "not-shown",
        "SQL without `.show()`",
        _not_shown,
        (program(STEP, 'spark.sql("SELECT * FROM volume_report")'),),
        (STEP,),
    ),
    Mistake(
        "nothing-shown",
        "A cell that shows nothing",
        _nothing_shown,
        (program(STEP, 'report = spark.sql("SELECT * FROM volume_report")'),),
        (STEP,),
    ),
    Mistake(
        "too-soon",
        "Reading the table too soon",
        _too_soon,
        (program(STEP, 'spark.sql("SELECT * FROM volume_report").show()'),),
        (STEP,),
    ),
)
