"""Mistakes in where and how batches are saved."""

from typing import Final

from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, Program, program, raised
from lab.lesson.steps.sev0_query import STEP
from lab.lesson.steps.sev0_query.check import NO_CHECKPOINT, OTHER_ORDER, first_row


def saving(body: str, options: str = '.option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")') -> Program:
    """Return an answer that saves each batch with `body`."""
    return Program(
        STEP.id,
        f"def save_batch(batch, batch_id):\n    {body}\n\n"
        f"sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch){options}.start()",
    )


ORDERED: Final = 'batch.orderBy("timestamp", "serverID").coalesce(1).write'
_SINK = """
sev0SaveQuery = (
    sev0.writeStream.format("csv").outputMode("%s")
    .option("path", f"{s3_lab9_output_uri}sev0")
    .option("checkpointLocation", f"{s3_lab9_output_uri}%s")
    .start()
)
"""


def _unordered_sink(evidence: Evidence) -> str:
    query, difference = evidence.query, evidence.difference
    if query is None or query.sink != "csv" or difference is None or difference.kind != OTHER_ORDER:
        return ""
    return (
        "The csv sink writes the right rows, in no promised order: "
        f"{first_row(difference.got, difference.expected)}. Sort each micro-batch before it is written, inside "
        "`foreachBatch`."
    )


def _unordered_batch(evidence: Evidence) -> str:
    query, difference = evidence.query, evidence.difference
    if query is None or query.sink != "foreachbatch" or difference is None or difference.kind != OTHER_ORDER:
        return ""
    return (
        f'{difference.sentence} Sort the batch by timestamp first, then serverID: `.orderBy("timestamp", "serverID")`, then `.coalesce(1)`, '
        "so that the order is that of one file."
    )


def _no_checkpoint(evidence: Evidence) -> str:
    is_found = evidence.difference is not None and evidence.difference.kind == NO_CHECKPOINT
    if not is_found and not is_condition("checkpoint-left-out", evidence.error):
        return ""
    return (
        "The query has no checkpoint, so after a restart it does not know what it has read. Add "
        '`.option("checkpointLocation", …)` with a folder below `s3_lab9_output_uri`, beside the output and not in it.'
    )


def _in_one_folder(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or not query.path or query.path.rstrip("/") != query.checkpoint.rstrip("/"):
        return ""
    return (
        "Output and checkpoint are the same folder, so Spark's own files are mixed with the log's. Name two folders, such as "
        "`sev0` and `checkpoint`."
    )


def _rows_before(evidence: Evidence) -> str:
    if not evidence.rows_before:
        return ""
    return (
        f"The output folder already holds {evidence.rows_before} rows that another query has written. This one would add to them or "
        "overwrite them. Output and checkpoint belong together: empty both with Start over in the sidebar, or go on with the "
        "earlier query and its checkpoint."
    )


SAVING: Final = (
    Mistake(
        "csv-complete",
        "Complete mode into csv files",
        raised(
            "mode-of-sink",
            "The csv sink only adds files, so it knows one output mode: append, which fits, since a log only grows.",
        ),
        (Program(STEP.id, (_SINK % ("complete", "checkpoint")).strip()),),
        (STEP,),
    ),
    Mistake(
        "complete-without-aggregation",
        "Complete mode without an aggregation",
        raised(
            "mode-of-operation",
            "Complete mode writes a whole result anew, which only an aggregation has. This log only grows at its end: use append, "
            "or leave the output mode out.",
        ),
        (
            program(
                STEP,
                'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").outputMode("complete").format("memory").start()',
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "no-path",
        "A csv sink without a path",
        raised(
            "path-left-out",
            'The csv sink needs to know where to write. Give it a folder below `s3_lab9_output_uri`: `.option("path", …)`.',
        ),
        (
            program(
                STEP,
                """
                sev0SaveQuery = (
                    sev0.writeStream.format("csv").option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()
                )
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "no-checkpoint",
        "Without a checkpoint",
        _no_checkpoint,
        (
            program(
                STEP,
                'sev0SaveQuery = sev0.writeStream.format("csv").option("path", f"{s3_lab9_output_uri}sev0").start()',
            ),
            saving(f'{ORDERED}.mode("overwrite").csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")', ""),
        ),
        (STEP,),
    ),
    Mistake(
        "in-one-folder",
        "Output and checkpoint in one folder",
        _in_one_folder,
        (Program(STEP.id, (_SINK % ("append", "sev0")).strip()),),
        (STEP,),
    ),
    Mistake(
        "output-of-another-checkpoint",
        "A new checkpoint, the old output",
        _rows_before,
        (
            Program(
                STEP.id,
                STEP.code.replace("uri}checkpoint", "uri}another"),
                before=f'{STEP.code}\ncopy_s3_file_to_live_folder("s115.csv")\n'
                "sev0SaveQuery.processAllAvailable()\nsev0SaveQuery.stop()",
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "csv-unordered",
        "The csv sink, in no promised order",
        _unordered_sink,
        (Program(STEP.id, (_SINK % ("append", "checkpoint")).strip()),),
        (STEP,),
    ),
    Mistake(
        "batch-unordered",
        "A batch that is not sorted",
        _unordered_batch,
        (
            saving('batch.coalesce(1).write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'),
            saving(
                'batch.orderBy("serverID", "timestamp").coalesce(1)'
                '.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'
            ),
        ),
        (STEP,),
    ),
)
