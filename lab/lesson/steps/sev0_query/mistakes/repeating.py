"""Mistakes that show only with a second or a repeated batch; and a function that fails."""

from typing import Final

from lab.engine.conditions import is_condition
from lab.engine.failures import BATCH_FUNCTION_FAILED
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.lesson.steps.sev0_query import STEP
from lab.lesson.steps.sev0_query.mistakes.saving import ORDERED, saving


def _last_batch_only(evidence: Evidence) -> str:
    if len(evidence.log) < 2 or not evidence.difference:
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
        f"If Spark crashes and repeats a batch, your log has {rows} rows, expected {expected}: `append` adds the rows a second "
        "time. Write each batch to a folder named after `batch_id`, with `overwrite`: that prevents duplicates."
    )


def _not_written_again(evidence: Evidence) -> str:
    if not evidence.repeated or len(evidence.log) < len(evidence.expected_log) + 1:
        return ""
    rows, expected = len(evidence.log[-1]), len(evidence.expected_log[-1])
    if rows >= expected:
        return ""
    return (
        f"If Spark crashes before a batch is written and repeats it, your log has {rows} rows, expected {expected}: the folder "
        'exists, so nothing is written. Replace it: `.mode("overwrite")`.'
    )


def _batch_function(evidence: Evidence) -> str:
    found = BATCH_FUNCTION_FAILED.search(evidence.error)
    if not found:
        return ""
    where = f" in line {found['line']}" if found["line"] != "0" else ""
    return (
        f"The function of `foreachBatch` fails{where}: {found['message'].strip().rstrip('.;')}. Spark calls it only when files "
        "arrive, so `start()` showed no error."
    )


def _not_repeatable(evidence: Evidence) -> str:
    if not is_condition("path-exists", evidence.repeated):
        return ""
    return (
        "If Spark crashes and repeats a batch, your query fails, because the folder of the batch already exists. Replace it: "
        '`.mode("overwrite")`.'
    )


def _same_folder_fails(evidence: Evidence) -> str:
    if not is_condition("path-exists", evidence.error):
        return ""
    return (
        "The second batch failed: its folder already exists, because all batches go to one folder. Give each batch its own "
        "folder, named after `batch_id`."
    )


REPEATING: Final = (
    Mistake(
        "last-batch-only",
        "Every batch overwrites one folder",
        _last_batch_only,
        (saving(f'{ORDERED}.mode("overwrite").csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (STEP,),
    ),
    Mistake(
        "folder-exists",
        "Every batch into one folder, without a mode",
        _same_folder_fails,
        (saving(f'{ORDERED}.csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (STEP,),
    ),
    Mistake(
        "batch-twice",
        "Appending in `foreachBatch`",
        _doubled,
        (saving(f'{ORDERED}.mode("append").csv(f"{{s3_lab9_output_uri}}sev0")'),),
        (STEP,),
    ),
    Mistake(
        "not-repeatable",
        "A batch that cannot be repeated",
        _not_repeatable,
        (saving(f'{ORDERED}.csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")'),),
        (STEP,),
    ),
    Mistake(
        "batch-not-written-again",
        "A batch that is left out when it is repeated",
        _not_written_again,
        (saving(f'{ORDERED}.mode("ignore").csv(f"{{s3_lab9_output_uri}}sev0/batch={{batch_id}}")'),),
        (STEP,),
    ),
    Mistake(
        "batch-function",
        "A function of `foreachBatch` that fails",
        _batch_function,
        (
            saving('batch.orderBy("time").write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")'),
            program(
                STEP,
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
        (STEP,),
    ),
)
