"""What a learner's queries did, as values. Everything a page shows of a stream comes from here."""

import json
import threading
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Literal
from urllib.parse import unquote, urlparse

from lab.engine.changes import Changes
from lab.engine.failures import Failure
from lab.records import LogFile

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Rows of a result, as read after a batch; `truncated` when there were more than were read."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool = False


@dataclass(frozen=True)
class Batch:
    """One micro-batch that a query has finished.

    `files` are the log files it read, `written` when each of them had been written (UTC); `phases` milliseconds by Spark's
    names, in the order in which they happen; `rows_out` is None for sinks that do not count; `table` the memory table as it
    was read when Spark told of the batch, None for other sinks and when the next batch was faster.
    """

    number: int
    at: datetime
    rows_in: int
    rows_out: int | None
    phases: tuple[tuple[str, int], ...]
    files: tuple[LogFile, ...] = ()
    written: tuple[datetime, ...] = ()
    table: Table | None = None

    @property
    def milliseconds(self) -> int:
        """How long the batch took."""
        return sum(spent for _, spent in self.phases)


@dataclass(frozen=True)
class QueryRun:
    """One run of a streaming query, from its start to its stop.

    A restart is another run with a `run_id` of its own. When it goes on from the checkpoint of an earlier run it has
    the same `query_id`, and its batches begin with that run's.
    """

    run_id: str
    query_id: str
    name: str
    batches: tuple[Batch, ...] = ()
    ended: bool = False
    failure: Failure | None = None

    @property
    def state(self) -> Literal["running", "stopped", "failed"]:
        """What a learner is told."""
        if self.failure:
            return "failed"
        return "stopped" if self.ended else "running"

    @property
    def last(self) -> Batch | None:
        """The newest batch."""
        return self.batches[-1] if self.batches else None

    @property
    def files(self) -> tuple[LogFile, ...]:
        """Every log file read in this run."""
        return tuple(file for batch in self.batches for file in batch.files)

    @property
    def written(self) -> Mapping[str, datetime]:
        """When each file that was read had been written, by its name."""
        return {
            file.name: written
            for batch in self.batches
            for file, written in zip(batch.files, batch.written, strict=True)
        }


INTERRUPTED = Failure("Spark stopped while this query was running.", "The JVM of the lab has ended.")

# The order in which Spark's MicroBatchExecution goes through them; `triggerExecution` is their sum.
PHASES = ("latestOffset", "walCommit", "getBatch", "queryPlanning", "addBatch", "commitBatch", "commitOffsets")


def read_progress(progress: Mapping[str, Any]) -> Batch | None:
    """A finished batch from the JSON of Spark's StreamingQueryProgress; None when no batch was run."""
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
    )


def number_in_source_log(progress: Mapping[str, Any]) -> int | None:
    """The number in the source log of the files that a batch read; None if it read none.

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


class Observations:
    """The runs of one learner's queries, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        self.changes = Changes()
        self._changed = threading.Condition()
        self._runs: dict[str, QueryRun] = {}
        # Why the lab is stopping a run, by its id.
        self._condemned: dict[str, Failure] = {}
        # Counts the changes.
        self.version = 0

    @property
    def runs(self) -> tuple[QueryRun, ...]:
        """Every run."""
        with self._changed:
            return tuple(self._runs.values())

    def started(self, run_id: str, query_id: str, name: str) -> None:
        """A query has been started."""
        with self._changed:
            earlier = next((run for run in reversed(self._runs.values()) if run.query_id == query_id), None)
            self._runs[run_id] = QueryRun(run_id, query_id, name, earlier.batches if earlier else ())
            self._tell()

    def finished(self, run_id: str, batch: Batch) -> None:
        """A batch has been finished; after a restart in mid-batch, again."""
        self._update(run_id, lambda run: replace(run, batches=_with(run.batches, batch)))

    def condemn(self, run_id: str, failure: Failure) -> None:
        """The lab is stopping a query, for a reason that is to be told once it has ended, however it does."""
        with self._changed:
            self._condemned[run_id] = failure

    def ended(self, run_id: str, failure: Failure | None) -> None:
        """A query has stopped."""
        with self._changed:
            known = self._condemned.pop(run_id, failure)
        self._update(run_id, lambda run: replace(run, ended=True, failure=known))

    def interrupt(self) -> None:
        """The JVM is gone, and with it every query that was running."""
        for run in self.runs:
            if not run.ended:
                self.ended(run.run_id, INTERRUPTED)

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._runs.clear()
            self._tell()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, looking after every event; False when the time is over."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def _update(self, run_id: str, change: Callable[[QueryRun], QueryRun]) -> None:
        with self._changed:
            # An event that comes after `clear` belongs to nobody.
            if run_id in self._runs:
                self._runs[run_id] = change(self._runs[run_id])
                self._tell()

    def _tell(self) -> None:
        self.version += 1
        self._changed.notify_all()
        self.changes.tell()


def _with(batches: tuple[Batch, ...], batch: Batch) -> tuple[Batch, ...]:
    return (*(known for known in batches if known.number != batch.number), batch)
