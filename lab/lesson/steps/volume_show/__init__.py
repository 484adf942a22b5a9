"""The table of the report, read with SQL."""

from lab.judge.step import Step, cell, prose
from lab.lesson.steps.volume_query import STEP as VOLUME_QUERY

STEP = Step(
    "volume-show",
    "Read the table with SQL",
    cell("""
        spark.sql("SELECT serverID, avgVolume FROM volume_report ORDER BY serverID").show()
    """),
    needs=(VOLUME_QUERY,),
    task=prose("""
        Show the report with a SQL query on the table that your streaming query fills.
    """),
    starter=cell("""
        spark.sql("SELECT ??").show()
    """),
    hints=(
        prose("""
            Where does the table's name come from? You chose it in the step before.
        """),
        prose("""
            `SELECT *` takes all columns, and `FROM` is followed by the name that you gave with `queryName`.
        """),
        prose("""
            `spark.sql("SELECT * FROM volume_report").show()`, if `volume_report` is your query's name.
        """),
    ),
    why=prose("""
        `spark.sql` gives an ordinary DataFrame. The table is no stream: it has what the query has written so far, so
        `show()` works. Spark gives the rows in any order, unless you say `ORDER BY`.
    """),
    page="volume_report",
    part="volume",
    again=True,
    passed="Right: it shows the query's table.",
)
