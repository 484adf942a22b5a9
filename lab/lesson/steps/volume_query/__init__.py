"""The query that keeps the volume report in a table in memory."""

from lab.judge.step import Group, Step, cell, prose
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT

_ID = "volume-query"
# This example must not give a result away: in no log files of the lab has a server 3 SEV2 records in 20 time units.
_EXAMPLE = "s1 0.15\ns2 2"

STEP = Step(
    _ID,
    "Start the query",
    cell("""
        volumeReportQuery = (
            volumeReportDataFrame.writeStream
            .queryName("volume_report")
            .outputMode("complete")
            .format("memory")
            .start()
        )
    """),
    needs=(VOLUME_REPORT,),
    variable="volumeReportQuery",
    streams=True,
    task=prose("""
        Start `volumeReportQuery`: a query that keeps the report in a table in memory, named `volume_report`.
    """),
    starter=cell("""
        volumeReportQuery = (
            volumeReportDataFrame.writeStream
            .queryName("volume_report")
            .??
        )
    """),
    hints=(
        prose("""
            The table has rows after the first delivery. What should happen to them after the second: stay as they
            are, get more rows beside them, or be replaced?
        """),
        prose("""
            A query has a sink, `.format(…)`, and an output mode, `.outputMode(…)`. The sink that keeps a table in
            memory is called `"memory"`. Of the three modes, append, update and complete, one writes the whole table
            anew.
        """),
        prose("""
            `.outputMode("complete").format("memory")`, and then the call without which nothing runs: `.start()`.
        """),
    ),
    why=prose("""
        A volume changes with every batch, so no row is ever final: Spark refuses append. Update would write the new
        rows beside the old ones. Complete replaces the table, and because it writes the whole table each time, Spark
        even lets you sort it. The query's name is the table's name. Without a trigger, each batch starts as soon as
        there are files; `availableNow` would end the query.
    """),
    page="volume_report",
    part="volume",
    picture="report",
    results=(
        Group(
            "volume-first",
            "1 · Volume after the first pair",
            "In part 1, after `s115.csv` and `s215.csv` were streamed: what is the volume of SEV2 on each server?",
            "volume",
            _ID,
            1,
            _EXAMPLE,
        ),
        Group(
            "volume-second",
            "2 · Volume after the second pair",
            "In part 1, after `s1610.csv` and `s2610.csv` were streamed too: what is the volume of SEV2 on each server?",
            "volume",
            _ID,
            2,
            _EXAMPLE,
        ),
    ),
    passed="Right: it runs. We delivered three files of our own, and after each its table held the report.",
)
