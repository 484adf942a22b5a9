"""Mistakes in the query that saves the SEV0 log."""

from typing import Final

from lab.engine.failures import BATCH_FUNCTION_FAILED
from lab.lesson.evidence import Evidence
from lab.lesson.mistakes.mistake import Mistake, Program, program, raised
from lab.lesson.steps import STEPS

_SAVE = "sev0-query"


def _saving(body: str, options: str = '.option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint")') -> Program:
    """An answer that saves each batch with `body`."""
    return Program(
        _SAVE,
        f"def save_batch(batch, batch_id):\n    {body}\n\n"
        f"sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch){options}.start()",
    )


_ORDERED = 'batch.orderBy("timestamp", "serverID").coalesce(1).write'
_SINK = """
sev0SaveQuery = (
    sev0.writeStream.format("csv").outputMode("%s")
    .option("path", f"{s3_lab9_output_uri}sev0")
    .option("checkpointLocation", f"{s3_lab9_output_uri}%s")
    .start()
)
"""


def _unordered_sink(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.sink != "csv" or not evidence.difference or "another order" not in evidence.difference:
        return ""
    return (
        "The csv sink writes the right rows, in no promised order: "
        f"{evidence.difference.partition(': ')[2] or evidence.difference} Sort each micro-batch before it is written, inside "
        "`foreachBatch`."
    )


def _unordered_batch(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or query.sink != "foreachbatch" or "another order" not in evidence.difference:
        return ""
    return (
        f'{evidence.difference} Sort the batch by timestamp first, then serverID: `.orderBy("timestamp", "serverID")`, then `.coalesce(1)`, '
        "so that the order is that of one file."
    )


def _last_batch_only(evidence: Evidence) -> str:
    if len(evidence.log) < 2 or not evidence.difference or evidence.step.id != _SAVE:
        return ""
    second = evidence.expected_log[1][len(evidence.expected_log[0]) :]
    if sorted(evidence.log[1]) != sorted(second) or evidence.repeated:
        return ""
    return (
        f"After the first delivery the log had {len(evidence.log[0])} rows. After the second it has only the "
        f"{len(second)} new ones: all batches go to one folder, and `overwrite` deletes what is there. Give each batch a folder "
        "of its own, named after `batch_id`."
    )


def _doubled(evidence: Evidence) -> str:
    if not evidence.repeated or len(evidence.log) <= len(evidence.expected_log):
        return ""
    rows, expected = len(evidence.log[-1]), len(evidence.expected_log[-1])
    if rows <= expected:
        return ""
    return (
        f"After a failure in mid-batch Spark runs the batch again, and then your log has {rows} rows, expected {expected}: "
        "`append` adds them a second time. Write each batch to a folder named after `batch_id`, with `overwrite`: done twice, "
        "it is there once."
    )


def _not_written_again(evidence: Evidence) -> str:
    if not evidence.repeated or len(evidence.log) < len(evidence.expected_log) + 1:
        return ""
    rows, expected = len(evidence.log[-1]), len(evidence.expected_log[-1])
    if rows >= expected:
        return ""
    return (
        f"After a failure in mid-batch, before its files were there, Spark runs the batch again; then your log has {rows} rows, "
        f'expected {expected}, because a folder that exists is left as it is. Let it be replaced: `.mode("overwrite")`.'
    )


def _batch_function(evidence: Evidence) -> str:
    found = BATCH_FUNCTION_FAILED.search(evidence.error)
    if not found:
        return ""
    where = f" in line {found['line']}" if found["line"] != "0" else ""
    return (
        f"The function of `foreachBatch` fails{where}: {found['message'].strip().rstrip('.')}. It is first called when there is "
        "something to read, so `start()` did not say so."
    )


def _not_repeatable(evidence: Evidence) -> str:
    if "PATH_ALREADY_EXISTS" not in evidence.repeated:
        return ""
    return (
        "After a failure in mid-batch Spark runs the batch again, and then your query fails, because the folder of the batch "
        'exists already. Let it be replaced: `.mode("overwrite")`.'
    )


def _same_folder_fails(evidence: Evidence) -> str:
    if "PATH_ALREADY_EXISTS" not in evidence.error:
        return ""
    return (
        "The second batch failed, since the folder it writes to exists already: all batches go to one folder. Give each one of "
        "its own, named after `batch_id`."
    )


def _no_checkpoint(evidence: Evidence) -> str:
    if (
        "checkpointLocation must be specified" not in evidence.error
        and "no checkpoint of its own" not in evidence.difference
    ):
        return ""
    return (
        "The query has no checkpoint, so after a restart it would not know what it has read. Add "
        '`.option("checkpointLocation", …)` with a folder below `s3_lab9_output_uri`, beside the output and not in it.'
    )


def _in_one_folder(evidence: Evidence) -> str:
    query = evidence.query
    if query is None or not query.path or query.path.rstrip("/") != query.checkpoint.rstrip("/"):
        return ""
    return (
        "Output and checkpoint are the same folder, so Spark's own files lie among the log's. Name two folders, such as "
        "`sev0` and `checkpoint`."
    )


def _rows_before(evidence: Evidence) -> str:
    if not evidence.rows_before:
        return ""
    return (
        f"The output folder already holds {evidence.rows_before} rows that another query has written. This one would add to them or "
        "overwrite them, and nobody could tell whose is whose. Output and checkpoint belong together: empty both with *Start "
        "over*, or go on with the earlier query and its checkpoint."
    )


SAVING: Final = (
    Mistake(
        "csv-complete",
        "Complete mode into csv files",
        raised(
            "STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE",
            "The csv sink only adds files, so it knows one output mode: append, which fits, since a log only grows.",
        ),
        (Program(_SAVE, (_SINK % ("complete", "checkpoint")).strip()),),
        (_SAVE,),
    ),
    Mistake(
        "complete-without-aggregation",
        "Complete mode without an aggregation",
        raised(
            r"STREAMING_OUTPUT_MODE\.UNSUPPORTED_OPERATION",
            "Complete mode writes a whole result anew, which only an aggregation has. This log only grows at its end: use append, "
            "or leave the output mode out.",
        ),
        (
            program(
                _SAVE,
                'sev0SaveQuery = sev0.writeStream.queryName("sev0_log").outputMode("complete").format("memory").start()',
            ),
        ),
        (_SAVE,),
    ),
    Mistake(
        "no-path",
        "A csv sink without a path",
        raised(
            r"'path' is not specified",
            'The csv sink needs to know where to write. Give it a folder below `s3_lab9_output_uri`: `.option("path", …)`.',
        ),
        (
            program(
                _SAVE,
                """
                sev0SaveQuery = (
                    sev0.writeStream.format("csv").option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()
                )
                """,
            ),
        ),
        (_SAVE,),
    ),
    Mistake(
        "no-checkpoint",
        "Without a checkpoint",
        _no_checkpoint,
        (
            program(
                _SAVE,
                'sev0SaveQuery = sev0.writeStream.format("csv").option("path", f"{s3_lab9_output_uri}sev0").start()',
            ),
            _saving(f'{_ORDERED}.mode("overwrite").csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")', ""),
        ),
        (_SAVE,),
    ),
    Mistake(
        "in-one-folder",
        "Output and checkpoint in one folder",
        _in_one_folder,
        (Program(_SAVE, (_SINK % ("append", "sev0")).strip()),),
        (_SAVE,),
    ),
    Mistake(
        "output-of-another-checkpoint",
        "A new checkpoint, the old output",
        _rows_before,
        (
            Program(
                _SAVE,
                STEPS[_SAVE].code.replace("uri}checkpoint", "uri}another"),
                before=f'{STEPS[_SAVE].code}\ncopy_s3_file_to_live_folder("s115.csv")\n'
                "sev0SaveQuery.processAllAvailable()\nsev0SaveQuery.stop()",
            ),
        ),
        (_SAVE,),
    ),
    Mistake(
        "csv-unordered",
        "The csv sink, in no promised order",
        _unordered_sink,
        (Program(_SAVE, (_SINK % ("append", "checkpoint")).strip()),),
        (_SAVE,),
    ),
    Mistake(
        "batch-unordered",
        "A batch that is not sorted",
        _unordered_batch,
        (
            _saving('batch.coalesce(1).write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'),
            _saving(
                'batch.orderBy("serverID", "timestamp").coalesce(1)'
                '.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'
            ),
        ),
        (_SAVE,),
    ),
    Mistake(
        "last-batch-only",
        "Every batch overwrites one folder",
        _last_batch_only,
        (_saving(f'{_ORDERED}.mode("overwrite").csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (_SAVE,),
    ),
    Mistake(
        "folder-exists",
        "Every batch into one folder, without a mode",
        _same_folder_fails,
        (_saving(f'{_ORDERED}.csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (_SAVE,),
    ),
    Mistake(
        "batch-twice",
        "Appending in `foreachBatch`",
        _doubled,
        (_saving(f'{_ORDERED}.mode("append").csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (_SAVE,),
    ),
    Mistake(
        "not-repeatable",
        "A batch that cannot be repeated",
        _not_repeatable,
        (_saving(f'{_ORDERED}.csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")'),),
        (_SAVE,),
    ),
    Mistake(
        "batch-not-written-again",
        "A batch that is left out when it is repeated",
        _not_written_again,
        (_saving(f'{_ORDERED}.mode("ignore").csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")'),),
        (_SAVE,),
    ),
    Mistake(
        "batch-function",
        "A function of `foreachBatch` that fails",
        _batch_function,
        (
            _saving('batch.orderBy("time").write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'),
            program(
                _SAVE,
                """
                def save_batch(batch):
                    batch.orderBy("timestamp", "serverID").write.mode("overwrite").csv(s3_lab9_output_uri + "sev0")

                sev0SaveQuery = (
                    sev0.writeStream.foreachBatch(save_batch)
                    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()
                )
                """,
            ),
        ),
        (_SAVE,),
    ),
)
