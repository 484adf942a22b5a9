"""Mistakes in defining the SEV0 log."""

from typing import Final

from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.lesson.steps.sev0 import STEP


def _columns(evidence: Evidence) -> str:
    names = evidence.frame.names if evidence.frame else ()
    if not evidence.difference or not names or names == ("serverID", "timestamp"):
        return ""
    if set(names) == {"serverID", "timestamp"}:
        return "The columns stand in the wrong order: a row of the log is `serverID timestamp`. Turn them round in `select`."
    return (
        f"The log has the columns {', '.join(f'`{name}`' for name in names)}; asked for are `serverID` and `timestamp`, in "
        'this order: `.select("serverID", "timestamp")`.'
    )


def _other_severity(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.difference or evidence.tables[-1].columns != ("serverID", "timestamp"):
        return ""
    rows = sorted(evidence.tables[-1].rows)
    records = [record for file in evidence.deliveries for record in file.records]
    for severities, words in (
        ((0, 1, 2), "the records of every severity"),
        ((2,), "the SEV2 records"),
        ((1,), "the SEV1 records"),
        ((0, 1), "the SEV0 and the SEV1 records"),
        ((1, 2), "every record but the SEV0 ones"),
    ):
        if rows == sorted((record[0], record[2]) for record in records if record[1] in severities):
            return f"You have {words}. The log has the SEV0 records only: severity 0."
    return ""


def _once_each(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.difference or evidence.tables[-1].columns != ("serverID", "timestamp"):
        return ""
    got, expected = evidence.tables[-1].rows, evidence.expected[-1].rows
    if len(got) == len(expected) or set(got) != set(expected) or len(set(got)) != len(got):
        return ""
    return (
        f"{evidence.difference.sentence} Equal rows are there only once, but a fatal error that was reported twice in a time unit stands in "
        "the log twice: leave out `distinct` and `dropDuplicates`."
    )


MISTAKES: Final = (
    Mistake(
        "log-columns",
        "Other columns than asked for",
        _columns,
        (
            program(STEP, 'sev0 = streamingLogData.where("severity = 0")'),
            program(STEP, 'sev0 = streamingLogData.where("severity = 0").select("timestamp", "serverID")'),
        ),
        (STEP,),
    ),
    Mistake(
        "other-severity",
        "Records of another severity",
        _other_severity,
        (
            program(STEP, 'sev0 = streamingLogData.where("severity = 2").select("serverID", "timestamp")'),
            program(STEP, 'sev0 = streamingLogData.select("serverID", "timestamp")'),
            program(STEP, 'sev0 = streamingLogData.where("severity <= 1").select("serverID", "timestamp")'),
        ),
        (STEP,),
    ),
    Mistake(
        "equal-rows-once",
        "Equal rows only once",
        _once_each,
        (program(STEP, 'sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp").distinct()'),),
        (STEP,),
    ),
)
