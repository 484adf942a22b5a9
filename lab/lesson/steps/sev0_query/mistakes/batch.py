"""Mistakes in what the function of `foreachBatch` does with a batch."""

import re
from typing import Final

from lab.engine.failures import BATCH_FUNCTION_FAILED
from lab.judge.evidence import Evidence
from lab.judge.mistake import Mistake, program
from lab.judge.statements import thrown_away
from lab.lesson.steps.sev0_query import STEP
from lab.lesson.steps.sev0_query.check import OTHER_ORDER


def _called_too_early(evidence: Evidence) -> str:
    if not evidence.is_decided or not re.search(r"foreachBatch\(\s*\w+\(", evidence.text):
        return ""
    return (
        "`foreachBatch` takes the function itself, which Spark will call with each batch: `foreachBatch(save_batch)`, without "
        "parentheses behind the name."
    )


_SORTING: Final = frozenset({"orderBy", "sort", "sortWithinPartitions"})


def _sorted_for_nobody(evidence: Evidence) -> str:
    method = thrown_away(evidence.text, _SORTING)
    if not method or evidence.difference is None or evidence.difference.kind != OTHER_ORDER:
        return ""
    return (
        f"{evidence.difference.sentence} `.{method}(…)` does not change the batch: it gives a new DataFrame, which the function does not "
        f"keep. Give that a name, `ordered = batch.{method}(…)` say, and write `ordered`; or write it at once: "
        f"`.{method}(…).coalesce(1).write` and so on."
    )


def _empty_batch(evidence: Evidence) -> str:
    found = BATCH_FUNCTION_FAILED.search(evidence.error)
    if not found or len(evidence.expected_log) < 2 or evidence.expected_log[-1] != evidence.expected_log[-2]:
        return ""
    return (
        f"A delivery without any SEV0 record gives a batch without any row, and with that the function of `foreachBatch` fails "
        f"in line {found['line']}: {found['message'].strip().rstrip('.')}. Then the query ends. Do not rely on a first row: "
        "sort and write the batch as it is, or ask `batch.isEmpty()` first."
    )


BATCH: Final = (
    Mistake(
        "called-too-early",
        "Calling the function of `foreachBatch`",
        _called_too_early,
        (
            program(
                STEP,
                """
                def save_batch(batch, batch_id):
                    batch.orderBy("timestamp", "serverID").write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                sev0SaveQuery = sev0.writeStream.foreachBatch(save_batch(sev0, 1)).start()
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "sorted-for-nobody",
        "A sorted batch that nobody keeps",
        _sorted_for_nobody,
        (
            program(
                STEP,
                """
                def save_batch(batch, batch_id):
                    batch.orderBy("timestamp", "serverID")
                    batch.coalesce(1).write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

                sev0SaveQuery = (
                    sev0.writeStream.foreachBatch(save_batch)
                    .option("checkpointLocation", f"{s3_lab9_output_uri}checkpoint").start()
                )
                """,
            ),
        ),
        (STEP,),
    ),
    Mistake(
        "empty-batch",
        "A batch without any row",
        _empty_batch,
        (
            program(
                STEP,
                """
                def save_batch(batch, batch_id):
                    ordered = batch.orderBy("timestamp", "serverID").coalesce(1)
                    print("from time unit", ordered.first()["timestamp"])
                    ordered.write.mode("overwrite").csv(f"{s3_lab9_output_uri}sev0/batch={batch_id}")

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
