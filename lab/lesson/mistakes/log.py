"""Mistakes in the SEV0 log."""

from typing import Final

from lab.lesson.evidence import Evidence
from lab.lesson.mistakes.mistake import Mistake, program, raised


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
            wanted = len(evidence.expected[-1].rows)
            return f"You have {len(rows)} rows, {words}. Of the {wanted} SEV0 records the log is made: severity 0."
    return ""


def _once_each(evidence: Evidence) -> str:
    if not evidence.tables or not evidence.difference or evidence.tables[-1].columns != ("serverID", "timestamp"):
        return ""
    got, expected = evidence.tables[-1].rows, evidence.expected[-1].rows
    if len(got) == len(expected) or set(got) != set(expected) or len(set(got)) != len(got):
        return ""
    return (
        f"{evidence.difference} Equal rows are there only once, but a fatal error that was reported twice in a time unit stands in "
        "the log twice: leave out `distinct` and `dropDuplicates`."
    )


LOG: Final = (
    Mistake(
        "sorted-stream",
        "Sorting a stream",
        raised(
            "Sorting is not supported on streaming",
            "Spark refuses to sort this stream: more records may always come, so no row can be known to be the first. One "
            "micro-batch has an end and can be sorted, inside `foreachBatch`: that is the next step. Leave the order out here.",
        ),
        (
            program(
                "sev0",
                """
                sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp").orderBy("timestamp", "serverID")
                """,
            ),
            program(
                "sev0",
                """
                sev0 = (
                    streamingLogData.where("severity = 0").select("serverID", "timestamp")
                    .sortWithinPartitions("timestamp", "serverID")
                )
                """,
            ),
        ),
        ("sev0", "sev0-query"),
    ),
    Mistake(
        "log-columns",
        "Other columns than asked for",
        _columns,
        (
            program("sev0", 'sev0 = streamingLogData.where("severity = 0")'),
            program("sev0", 'sev0 = streamingLogData.where("severity = 0").select("timestamp", "serverID")'),
        ),
        ("sev0",),
    ),
    Mistake(
        "other-severity",
        "Records of another severity",
        _other_severity,
        (
            program("sev0", 'sev0 = streamingLogData.where("severity = 2").select("serverID", "timestamp")'),
            program("sev0", 'sev0 = streamingLogData.select("serverID", "timestamp")'),
            program("sev0", 'sev0 = streamingLogData.where("severity <= 1").select("serverID", "timestamp")'),
        ),
        ("sev0",),
    ),
    Mistake(
        "equal-rows-once",
        "Equal rows only once",
        _once_each,
        (program("sev0", 'sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp").distinct()'),),
        ("sev0",),
    ),
)
