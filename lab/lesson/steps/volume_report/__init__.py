"""The volume report, defined."""

from lab.judge.step import Step, cell, prose
from lab.lesson.steps.read_stream import STEP as READ_STREAM

STEP = Step(
    "volume-report",
    "Define the report",
    cell("""
        from pyspark.sql import functions as F

        sev2Events = F.count_if(F.col("severity") == 2)
        timeUnits = F.max("timestamp") - F.min("timestamp") + 1

        volumeReportDataFrame = streamingLogData.groupBy("serverID").agg(
            (sev2Events / timeUnits).alias("avgVolume")
        )
    """),
    needs=(READ_STREAM,),
    variable="volumeReportDataFrame",
    task=prose("""
        Define `volumeReportDataFrame` from `streamingLogData`: a row for each server, with the columns `serverID`
        and `avgVolume`. The volume is the server's number of SEV2 records, divided by its number of time units.
    """),
    starter=cell("""
        from pyspark.sql import functions as F

        volumeReportDataFrame = streamingLogData.??
    """),
    hints=(
        prose("""
            Think of a server without a SEV2 record. Should it have a row? And what happens to it if you filter
            before you group?
        """),
        prose("""
            Group by `serverID`, then aggregate. `F.count_if(condition)` counts the rows of a group for which a
            condition holds, without removing the others, so `F.max` and `F.min` of `timestamp` still see them all.
        """),
        prose("""
            `streamingLogData.groupBy("serverID").agg((… / (…)).alias("avgVolume"))`: in front of the slash
            `F.count_if(F.col("severity") == 2)`, behind it, in parentheses of its own, the number of time units.
        """),
    ),
    why=prose("""
        The condition is inside the aggregation. So the time units come from all records of a server, and a server
        without SEV2 gets 0 instead of no row. From t1 to t5 there are five time units: hence the + 1. It is inside
        the parentheses, because division goes before addition. The alias names the column.
    """),
    page="volume_report",
    part="volume",
    passed="Right, on the four log files and on a log of our own.",
)
