"""The volume report: defined, kept up to date in memory, read with SQL."""

from typing import Final

from lab.lesson.steps.step import Step, cell, prose

VOLUME: Final = (
    Step(
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
        needs=("read-stream",),
        variable="volumeReportDataFrame",
        task=prose("""
            Define `volumeReportDataFrame` from `streamingLogData`: a row for each server, with the columns `serverID`
            and `avgVolume`, its number of SEV2 records divided by its number of time units.
        """),
        starter=cell("""
            from pyspark.sql import functions as F

            volumeReportDataFrame = streamingLogData.??
        """),
        hints=(
            prose("""
                Take a server of whose records not one is SEV2. Should it have a row? If so, what happens to it when the
                records are filtered before they are grouped?
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
            The count is a condition inside the aggregation, so the span is taken over all records of a server, and a
            server without SEV2 reports 0 instead of disappearing. From t1 to t5 there are five time units: hence the
            + 1, inside the parentheses, since a division goes before an addition. The alias names the column.
        """),
    ),
    Step(
        "volume-query",
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
        needs=("volume-report",),
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
                After the second delivery, what should have become of the rows that were in the table after the first:
                stay, be added to, or be replaced?
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
            A ratio changes with every batch, so no row is ever final: append is refused, and update would leave the old
            rows in the table beside the new ones. Complete replaces the table. The query's name is the table's name.
            There is no trigger, so each batch starts as soon as there are files; `availableNow` would end the query.
        """),
    ),
    Step(
        "volume-show",
        "Read the table with SQL",
        cell("""
            spark.sql("SELECT serverID, avgVolume FROM volume_report ORDER BY serverID").show()
        """),
        needs=("volume-query",),
        task=prose("""
            Show the report with a SQL query on the table that your streaming query fills.
        """),
        starter=cell("""
            spark.sql("SELECT ??").show()
        """),
        hints=(
            prose("""
                Where does the table's name come from? You have chosen it yourself, in the step before.
            """),
            prose("""
                `SELECT *` takes all columns, and `FROM` is followed by the name that you gave with `queryName`.
            """),
            prose("""
                `spark.sql("SELECT * FROM volume_report").show()`, if `volume_report` is your query's name.
            """),
        ),
        why=prose("""
            `spark.sql` gives a DataFrame, an ordinary one: the table is not a stream but what the query has written so
            far, so `show()` works. The order of the rows is free unless you ask for one, hence `ORDER BY`.
        """),
    ),
)
