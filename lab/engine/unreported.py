"""Batches that Spark has committed but not reported: they are read from the query's checkpoint.

Spark commits a batch before it reports it. If the query, the JVM or the bucket fails between these two steps, the next
run continues after that batch, and Spark never reports it.
"""

import json
from collections.abc import Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

from lab.engine.observe import Batch
from lab.engine.spark_progress import files_of_batch
from lab.records import LogFile

Read = Callable[[str], str | None]


def number_in_offsets(read: Read, number: int) -> int | None:
    """Return the number under which the source log lists the files that a committed batch read; None if it read none.

    `read` returns the text of a file of the checkpoint by its name, None if there is none. See `number_in_source_log`.
    """
    start, end = (_offset(read, each) for each in (number - 1, number))
    return None if start == end else end


def batch_of_checkpoint(read: Read, number: int) -> Batch:
    """Return a committed batch from its checkpoint, without its files, and without the numbers that only Spark reports.

    The file `offsets/N` of a batch has a line with a version, a line of JSON, and a line with the offset of each source
    (Spark 4.3: OffsetSeqLog).
    """
    text = read(f"offsets/{number}")
    about = json.loads(text.splitlines()[1]) if text else {}
    at = datetime.fromtimestamp(about.get("batchTimestampMs", 0) / 1000, UTC)
    return Batch(number, at, rows_in=0, rows_out=None, phases=())


def with_files(batch: Batch, read: Read, in_source: int | None, log_file: Callable[[str], LogFile]) -> Batch:
    """Return a batch with the log files that it read, and when each was written; `log_file` returns one by its name."""
    written = (
        [] if in_source is None else sorted(files_of_batch(lambda name: read(f"sources/0/{name}"), in_source).items())
    )
    files = tuple(log_file(name) for name, _ in written)
    rows = sum(len(file.records) + file.unreadable for file in files)
    return replace(batch, rows_in=batch.rows_in or rows, files=files, written=tuple(at for _, at in written))


def _offset(read: Read, number: int) -> int | None:
    text = read(f"offsets/{number}") if number >= 0 else None
    if text is None:
        return None
    offset: Mapping[str, Any] | None = json.loads(text.splitlines()[2]) if text.splitlines()[2] != "-" else None
    return int(offset["logOffset"]) if offset else None
