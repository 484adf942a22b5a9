"""The SEV0 log: sorting refused, the log defined, each batch sorted and saved, everything stopped."""

from typing import Final

from lab.lesson.steps.step import Step, cell, prose

LOG: Final = (
    Step(
        "sev0-sorted",
        "Sort the stream",
        cell("""
            sortedLogData = streamingLogData.orderBy("timestamp", "serverID")
            sortedLogData.writeStream.queryName("sorted").outputMode("append").format("memory").start()
        """),
        needs=("read-stream",),
        refused=True,
    ),
    Step(
        "sev0",
        "Define the log",
        cell("""
            sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp")
        """),
        needs=("read-stream",),
        variable="sev0",
        task=prose("""
            Define `sev0` from `streamingLogData`: of every SEV0 record, the columns `serverID` and `timestamp`. Leave the
            order to the next step.
        """),
        starter=cell("""
            sev0 = streamingLogData.??
        """),
        hints=(
            prose("""
                Of a record that is kept, which of its three values does the log repeat? And which value decides whether
                it is kept?
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
            Filtering and selecting need no look at other rows, so a stream can do both for ever and every row is final at
            once: that is why this log can be appended to.
        """),
    ),
    Step(
        "sev0-query",
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
        needs=("sev0",),
        variable="sev0SaveQuery",
        streams=True,
        task=prose("""
            Start `sev0SaveQuery`: a query that sorts each batch by timestamp, then serverID, and saves it as csv below
            `s3_lab9_output_uri`, in a folder that bears the batch's number, with a checkpoint beside it.
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
                A batch is an ordinary DataFrame, with an end. What that was refused to the stream can you do with it?
                And if Spark had to write the same batch once more, what should become of the files of the first time?
            """),
            prose("""
                Sort it, `.orderBy("timestamp", "serverID")`, make one file of it, `.coalesce(1)`, then write:
                `.write.mode(…).csv(folder)`. The mode that replaces what is there makes a repetition harmless.
            """),
            prose("""
                `batch.orderBy("timestamp", "serverID").coalesce(1).write.mode("overwrite").csv(folder)`, and as the
                checkpoint a folder next to `sev0`: `f"{s3_lab9_output_uri}checkpoint"`.
            """),
        ),
        why=prose("""
            One batch has an end, so it can be sorted; the batches follow one another, so the log is in order within each.
            After a failure Spark may run the last batch again. A folder of its own that is overwritten makes that
            harmless: no row stands there twice. The checkpoint remembers which files have been read, and belongs to
            this query alone.
        """),
    ),
    Step(
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
                What did `start()` give you, and what would be the opposite of starting it?
            """),
            prose("""
                `spark.streams.active` lists the queries that are running. Each of them has a method that ends it.
            """),
            prose("""
                Inside the loop stands `query.stop()`.
            """),
        ),
        why=prose("""
            A stream never ends by itself, and holds memory and a place on the machine for as long as it runs. The list
            of active queries finds those, too, whose variable has been overwritten.
        """),
    ),
)
