"""Mistakes that can be made in any step that starts a query."""

from typing import Final

from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, Program, program, raised
from lab.judge.statements import calls_method
from lab.lesson.steps import EXERCISES
from lab.lesson.steps.sev0 import STEP as SEV0
from lab.lesson.steps.sev0_query import STEP as SEV0_QUERY
from lab.lesson.steps.volume_query import STEP as VOLUME_QUERY

_TRIGGERS: Final = {"availablenow": "`availableNow`", "onetime": "`once`"}


def _ends(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.endless or not evidence.difference:
        return ""
    return (
        f"The trigger is {_TRIGGERS.get(query.trigger, query.trigger)}: the query reads what is there, then it ends. It never "
        "reads a file that is delivered later. Leave the trigger out, so that the query goes on."
    )


def _shared_checkpoint(evidence: Evidence) -> str:
    if not evidence.stopped:
        return ""
    return (
        f"When this query started, {', '.join(evidence.stopped)} stopped, without an error: both have the same checkpoint, and "
        "Spark lets only the newer one run. Give each query its own checkpoint folder."
    )


def _other_sink(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or not evidence.difference:
        return ""
    if evidence.step.picture == "report" and query.sink != "memory":
        return f'The query\'s sink is {query.sink}, so no table appears in memory that SQL could read. Use `.format("memory")`.'
    if evidence.step.picture == "log" and query.sink not in {"csv", "foreachbatch"}:
        return (
            f"The query's sink is {query.sink}, and the log is to be kept as csv files: save each batch with "
            "`.write.csv(…)`, inside `foreachBatch`."
        )
    return ""


def _stopped_in_its_cell(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.active or query.failure or not query.endless or not evidence.difference:
        return ""
    if evidence.stopped or not calls_method(evidence.text, "stop"):
        return ""
    return (
        "The cell stops the query that it has started, with `.stop()`, so files that are delivered later are never read. This "
        "one must stay alive: leave the `.stop()` out."
    )


_QUERY: Final = tuple(step for step in EXERCISES if step.streams)


QUERIES: Final = (
    Mistake(
        "stopped-in-its-cell",
        "A query that its own cell stops",
        _stopped_in_its_cell,
        (
            Program(VOLUME_QUERY.id, VOLUME_QUERY.code + "\nvolumeReportQuery.stop()"),
            Program(SEV0_QUERY.id, SEV0_QUERY.code + "\nfor query in spark.streams.active:\n    query.stop()"),
        ),
        (VOLUME_QUERY, SEV0_QUERY),
    ),
    Mistake(
        "no-query-name",
        "A table without a name",
        raised(
            "no-query-name",
            "The memory sink makes a table, and needs its name: the query's. Add `.queryName(…)`; it is what you will write "
            "behind FROM.",
        ),
        (
            program(
                VOLUME_QUERY,
                'volumeReportQuery = volumeReportDataFrame.writeStream.outputMode("complete").format("memory").start()',
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "no-such-mode",
        "An output mode that does not exist",
        raised(
            "no-such-mode",
            "There is no output mode of this name. Spark has three: append, update and complete.",
        ),
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("replace").format("memory").start()
                )
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "ends-by-itself",
        "A trigger that ends the query",
        _ends,
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .trigger(availableNow=True).start()
                )
                """,
            ),
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .trigger(once=True).start()
                )
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "shared-checkpoint",
        "Two queries, one checkpoint",
        _shared_checkpoint,
        (
            program(
                SEV0_QUERY,
                """
                def save_batch(batch, batch_id):
                    ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
                    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                checkpoint = f"{s3_lab9_output_uri}checkpoint"
                first = sev0.writeStream.queryName("first").foreachBatch(save_batch).option("checkpointLocation", checkpoint).start()
                sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch).option("checkpointLocation", checkpoint).start()
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "state-of-another-query",
        "Another aggregation, the same checkpoint",
        raised(
            "other-state",
            "The checkpoint keeps the state of an aggregation that was another one. Give the changed query a new checkpoint "
            "folder; it will read the live folder from the beginning.",
        ),
        (
            program(
                VOLUME_QUERY,
                """
                copy_s3_file_to_live_folder("s115.csv")
                checkpoint = f"{s3_lab9_output_uri}volume"
                counted = streamingLogData.groupBy("serverID").count()
                earlier = (
                    counted.writeStream.queryName("counted").outputMode("complete").format("memory")
                    .option("checkpointLocation", checkpoint).start()
                )
                earlier.processAllAvailable()
                earlier.stop()
                volumeReportQuery = (
                    volumeReportDataFrame.writeStream.queryName("volume_report").outputMode("complete").format("memory")
                    .option("checkpointLocation", checkpoint).start()
                )
                copy_s3_file_to_live_folder("s215.csv")
                volumeReportQuery.processAllAvailable()
                """,
            ),
        ),
        _QUERY,
    ),
    Mistake(
        "other-sink",
        "Another sink than memory",
        _other_sink,
        (
            program(
                VOLUME_QUERY,
                """
                volumeReportQuery = volumeReportDataFrame.writeStream.outputMode("complete").format("noop").start()
                """,
            ),
            program(SEV0_QUERY, 'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").format("memory").start()'),
        ),
        _QUERY,
    ),
    Mistake(
        "sorted-stream",
        "Sorting a stream",
        raised(
            "sorted-stream",
            "Spark refuses to sort this stream: more records may always come, so no row is sure to be the first. A micro-batch has "
            "an end, and you can sort it inside `foreachBatch`: that is the next step. Leave the order out here.",
        ),
        (
            program(
                SEV0,
                """
                sev0 = streamingLogData.where("severity = 0").select("serverID", "timestamp").orderBy("timestamp", "serverID")
                """,
            ),
            program(
                SEV0,
                """
                sev0 = (
                    streamingLogData.where("severity = 0").select("serverID", "timestamp")
                    .sortWithinPartitions("timestamp", "serverID")
                )
                """,
            ),
        ),
        (SEV0, SEV0_QUERY),
    ),
)
