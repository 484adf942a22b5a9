"""A query that keeps the rows as they arrive."""

from lab.judge.step import Step, cell
from lab.lesson.steps.read_stream import STEP as READ_STREAM

STEP = Step(
    "peek",
    "Peek at the rows",
    cell("""
        peekQuery = (
            streamingLogData.writeStream
            .queryName("peek")
            .outputMode("append")
            .format("memory")
            .start()
        )
    """),
    needs=(READ_STREAM,),
    variable="peekQuery",
    streams=True,
    page="read_stream",
    picture="rows",
)
