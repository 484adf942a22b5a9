"""Spark's data about a batch, from its progress and its source log, as values."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlparse

from lab.engine.observe import Batch, StateSize

# In the order of Spark's MicroBatchExecution; `triggerExecution` is their sum.
PHASES = ("latestOffset", "walCommit", "getBatch", "queryPlanning", "addBatch", "commitBatch", "commitOffsets")


def read_progress(progress: Mapping[str, Any]) -> Batch | None:
    """Return a finished batch from the JSON of Spark's StreamingQueryProgress; None if no batch was run."""
    spent: Mapping[str, int] = progress["durationMs"]
    if "addBatch" not in spent:
        return None
    rows_out = progress["sink"].get("numOutputRows", -1)
    return Batch(
        number=progress["batchId"],
        at=datetime.fromisoformat(progress["timestamp"]),
        rows_in=progress["numInputRows"],
        rows_out=rows_out if rows_out >= 0 else None,
        phases=tuple((name, spent[name]) for name in PHASES if name in spent),
        state=_state(progress.get("stateOperators", ())),
    )


def _state(operators: Sequence[Mapping[str, Any]]) -> StateSize | None:
    if not operators:
        return None
    rows, updated, size = (
        sum(int(operator.get(name, 0)) for operator in operators)
        for name in ("numRowsTotal", "numRowsUpdated", "memoryUsedBytes")
    )
    return StateSize(rows, updated, size)


def number_in_source_log(progress: Mapping[str, Any]) -> int | None:
    """Return the number under which the source log lists the files that a batch read; None if it read none.

    A source counts only the batches for which it had files. A query may run other batches, too, for example when a
    watermark has moved; then the query's own numbers are higher. The source's numbers are the offsets in the progress
    (Spark's FileStreamSourceOffset).
    """
    source = progress["sources"][0]
    start, end = source["startOffset"], source["endOffset"]
    return None if start == end else int(end["logOffset"])


def files_of_batch(read: Callable[[str], str | None], number: int) -> Mapping[str, datetime]:
    """Return the names of the files that a batch read, each with the time at which it was written.

    `number` is the batch's `number_in_source_log`. `read` returns the text of a file of the source log by its name,
    None if there is none. The source log is in the query's checkpoint, in `sources/0`. It has one file per batch, with
    one line of JSON per source file (Spark's FileStreamSourceLog). Every tenth file is a compaction, `N.compact`, which
    repeats the earlier ones.
    """
    for name in (str(number), f"{number}.compact"):
        text = read(name)
        if text is not None:
            entries = [json.loads(line) for line in text.splitlines()[1:]]
            return {
                unquote(urlparse(entry["path"]).path).rpartition("/")[2]: datetime.fromtimestamp(
                    entry["timestamp"] / 1000, UTC
                )
                for entry in entries
                if entry["batchId"] == number
            }
    return {}
