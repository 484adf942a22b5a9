"""The end of every query."""

from lab.judge.step import Step, cell, prose

STEP = Step(
    "stop",
    "Stop all streams",
    cell("""
        for query in spark.streams.active:
            query.stop()

        print("queries running:", len(spark.streams.active))
    """),
    task=prose("""
        Stop every query that is running.
    """),
    starter=cell("""
        for query in spark.streams.active:
            ??

        print("queries running:", len(spark.streams.active))
    """),
    hints=(
        prose("""
            What did `start()` give you? And what is the opposite of starting it?
        """),
        prose("""
            `spark.streams.active` lists the running queries. Each has a method that ends it.
        """),
        prose("""
            Write `query.stop()` inside the loop.
        """),
    ),
    why=prose("""
        A stream uses memory and CPU until you stop it. The list of active queries also has those whose variable you
        have overwritten.
    """),
    page="sev0_log",
    part="log",
    last=True,
    passed="Right: no query is active any more.",
)
