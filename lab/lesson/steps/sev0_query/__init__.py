"""The query that saves each batch of the SEV0 log as csv."""

from lab.judge.step import Group, Step, cell, prose
from lab.lesson.steps.sev0 import STEP as SEV0

_ID = "sev0-query"
# This example must not give a result away: no log files of the lab have only two SEV0 records.
_EXAMPLE = "s2 1\ns1 4"

STEP = Step(
    _ID,
    "Save each batch",
    cell("""
        def save_batch(batch, batch_id):
            ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
            ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

        sev0SaveQuery = (
            sev0.writeStream
            .queryName("sev0_log")
            .foreachBatch(save_batch)
            .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")
            .start()
        )
    """),
    needs=(SEV0,),
    variable="sev0SaveQuery",
    streams=True,
    task=prose("""
        Start `sev0SaveQuery`: a query that sorts each batch by timestamp, then serverID, and saves it as csv below
        `s3_lab9_output_uri`. Each batch gets a folder with its number. The checkpoint is beside them.
    """),
    starter=cell("""
        def save_batch(batch, batch_id):
            folder = f"{s3_lab9_output_uri}sev0/batch={batch_id}"
            batch.??

        sev0SaveQuery = (
            sev0.writeStream
            .queryName("sev0_log")
            .foreachBatch(save_batch)
            .option("checkpointLocation", ??)
            .start()
        )
    """),
    hints=(
        prose("""
            A batch is an ordinary DataFrame, with an end. What can you do with it that Spark refused for the stream?
            And if Spark writes the same batch again, what should happen to the first files?
        """),
        prose("""
            Sort it, `.orderBy("timestamp", "serverID")`, make one file of it, `.coalesce(1)`, then write:
            `.write.mode(…).csv(folder)`. Choose the mode that replaces what is there.
        """),
        prose("""
            `batch.orderBy("timestamp", "serverID").coalesce(1).write.mode("overwrite").csv(folder)`, and as the
            checkpoint a folder next to `sev0`: `f"{s3_lab9_output_uri}checkpoint"`.
        """),
    ),
    why=prose("""
        A batch has an end, so you can sort it. The log is in order within each batch, and the batches follow one
        another. If Spark crashes and repeats a batch, overwriting its folder prevents duplicates. The checkpoint
        remembers which files this query has read. No other query may use it.
    """),
    page="sev0_log",
    part="log",
    picture="log",
    results=(
        Group(
            "log-first",
            "3 · SEV0 log after the first pair",
            "In part 2, after `s115.csv` and `s215.csv` were streamed: what is the SEV0 log?",
            "log",
            _ID,
            1,
            _EXAMPLE,
        ),
        Group(
            "log-second",
            "4 · SEV0 log after the second pair",
            "In part 2, after `s1610.csv` and `s2610.csv` were streamed too: what is the SEV0 log?",
            "log",
            _ID,
            2,
            _EXAMPLE,
        ),
    ),
    passed="Right: it runs. We delivered files of our own, and each was appended in order.",
    also="We let a batch run twice, and its rows are there once.",
)
