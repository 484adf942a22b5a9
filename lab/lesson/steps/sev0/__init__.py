"""The SEV0 log, defined."""

from lab.judge.step import Step, cell, prose
from lab.lesson.steps.read_stream import STEP as READ_STREAM

STEP = Step(
    "sev0",
    "Define the log",
    cell("""
        sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp")
    """),
    needs=(READ_STREAM,),
    variable="sev0",
    task=prose("""
        Define `sev0` from `streamingLogData`: the columns `serverID` and `timestamp` of every SEV0 record. The next
        step sorts them.
    """),
    starter=cell("""
        sev0 = streamingLogData.??
    """),
    hints=(
        prose("""
            Which of the three values of a record does the log show? And which value decides whether the record
            belongs to the log?
        """),
        prose("""
            `.where(…)` (or `.filter(…)`, the same) keeps rows, `.select(…)` keeps columns. A condition can be text,
            as in SQL, or a column: `F.col("severity") == …`.
        """),
        prose("""
            `streamingLogData.where("severity = …").select("serverID", …)`. SEV0 is the number 0, not a text.
        """),
    ),
    why=prose("""
        To filter and to select, Spark looks at one row at a time. So a stream can do both, and every row is final at
        once. That is why you can append to this log.
    """),
    page="sev0_log",
    part="log",
    passed="Right, on the four log files and on a log of our own.",
)
