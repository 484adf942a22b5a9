"""What Spark tells of a batch, in its progress and in its source log, as values."""

import json
from collections.abc import Callable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any
from urllib.parse import unquote, urlparse

from lab.engine.observe import Batch, StateSize

# The order in which Spark's MicroBatchExecution goes through them; `triggerExecution` is their sum.
PHASES = ("latestOffset", "walCommit", "getBatch", "queryPlanning", "addBatch", "commitBatch", "commitOffsets")


def read_progress(progress: Mapping[str, Any]) -> Batch | None:
    """Return a finished batch from the JSON of Spark's StreamingQueryProgress; None when no batch was run."""
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
    """Return the number in the source log of the files that a batch read; None if it read none.

    A source counts the batches for which it had files. A query may run others besides, as for a watermark that has moved:
    then its own numbers are higher. The numbers are the offsets in its progress (Spark's FileStreamSourceOffset).
    """
    source = progress["sources"][0]
    start, end = source["startOffset"], source["endOffset"]
    return None if start == end else int(end["logOffset"])


def files_of_batch(read: Callable[[str], str | None], number: int) -> Mapping[str, datetime]:
    """Names of the files that a batch read, by its `number_in_source_log`, each with the time at which it was written.

    They stand in the source log of the query's checkpoint, `sources/0`, of which `read` gives a file by its name, None if
    there is none. The log has a file a batch, a line of JSON a source file (Spark's FileStreamSourceLog); every tenth is
    a compaction, `N.compact`, that repeats the earlier ones.
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
