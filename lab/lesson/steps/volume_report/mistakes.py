"""Mistakes in defining the volume report."""

from collections.abc import Callable
from typing import Final

from lab.formulas import ALL, Formula, formula_of
from lab.judge.comparison import volumes
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, Program, program, raised
from lab.lesson.steps.volume_report import STEP
from lab.oracle import TOLERANCE


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
        return f"{evidence.difference.sentence} {known.sentence}"

    return says


def _report(count: str, units: str, before: str = "") -> Program:
    """Return an answer that computes the volume by the expressions `count` and `units`, on the stream with `before`."""
    return program(
        STEP,
        f"""
        from pyspark.sql import functions as F

        volumeReportDataFrame = streamingLogData{before}.groupBy("serverID").agg(
            ({count}{units}).alias("avgVolume")
        )
        """,
    )


_SEV2 = 'F.count_if(F.col("severity") == 2)'


_UNITS = ' / (F.max("timestamp") - F.min("timestamp") + 1)'


# For each wrong formula, by id, answers that compute it.
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
    "share-of-records": (
        _report('F.avg(F.when(F.col("severity") == 2, 1).otherwise(0))', ""),
        _report(_SEV2, ' / F.count("*")'),
    ),
    "not-divided": (_report(_SEV2, ""),),
    "turned-round": (_report('(F.max("timestamp") - F.min("timestamp") + 1)', f" / {_SEV2}"),),
    "mean-severity": (_report('F.avg("severity")', ""),),
    "distinct-units": (_report(_SEV2, ' / F.count_distinct("timestamp")'),),
}


MISTAKES: Final = (
    Mistake(
        "sum-of-conditions",
        "The sum of a condition",
        raised(
            "types-of-sum",
            "A condition is true or false, and Spark's `sum` and `avg` take numbers only. Count where it is true, "
            '`F.count_if(F.col("severity") == 2)`, or make numbers of it first, `F.when(…, 1).otherwise(0)`.',
        ),
        (_report('F.sum(F.col("severity") == 2)', _UNITS), _report('F.avg(F.col("severity") == 2)', "")),
        (STEP,),
    ),
    Mistake(
        "no-condition",
        "`count_if` without a condition",
        raised(
            "types-of-count-if",
            "`count_if` counts the rows for which a condition is true, and a column of numbers is none: compare it, as in "
            '`F.count_if(F.col("severity") == 2)`.',
        ),
        (_report('F.count_if("severity")', _UNITS),),
        (STEP,),
    ),
    Mistake(
        "clock-arithmetic",
        "Adding 1 to a clock time",
        raised(
            "types-of-times",
            "The columns of this expression do not have the types that it needs. If `+ 1` is the place, `timestamp` is not a "
            "whole number there: it counts time units, so read it as IntegerType.",
        ),
        (_report(_SEV2, ' / (F.max(F.to_timestamp("timestamp")) - F.min(F.to_timestamp("timestamp")) + 1)'),),
        (STEP,),
    ),
    Mistake(
        "report-columns",
        "Other columns than asked for",
        _columns,
        (
            program(
                STEP,
                """
                from pyspark.sql import functions as F

                volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
                    F.count_if(F.col("severity") == 2) / (F.max("timestamp") - F.min("timestamp") + 1)
                )
                """,
            ),
            program(
                STEP,
                'volumeReportDataFrame = streamingLogData.where("severity = 2").groupBy("serverID").count()',
            ),
        ),
        (STEP,),
    ),
    *(Mistake(known.id, known.title, _formula(known), _PROGRAMS[known.id], (STEP,)) for known in ALL),
)
