"""Sorting a stream, which Spark refuses."""

from lab.lesson.steps.read_stream import STEP as READ_STREAM
from lab.lesson.steps.step import Step, cell

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
