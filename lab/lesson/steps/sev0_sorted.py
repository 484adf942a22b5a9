"""Sorting a stream, which Spark refuses."""

from lab.judge.step import Step, cell
from lab.lesson.steps.read_stream import STEP as READ_STREAM

STEP = Step(
    "sev0-sorted",
    "Sort the stream",
    cell("""
        sortedLogData = streamingLogData.orderBy("timestamp", "serverID")
        sortedLogData.writeStream.queryName("sorted").outputMode("append").format("memory").start()
    """),
    needs=(READ_STREAM,),
    refused=True,
    page="sev0_log",
)
