"""Observations of a learner's queries, as values. Everything that a page shows of a stream comes from here."""

import threading
from collections import deque
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from typing import Any, Literal

from lab.engine.arrivals import MAX_ARRIVALS, Arrival
from lab.engine.changes import Changes
from lab.engine.failures import Failure
from lab.engine.snapshots import MAX_SNAPSHOTS, Snapshot
from lab.records import LogFile

Row = tuple[Any, ...]


@dataclass(frozen=True)
class Table:
    """Rows of a result, as read after a batch; `truncated` if there were more rows than were read."""

    columns: tuple[str, ...]
    rows: tuple[Row, ...]
    truncated: bool = False


@dataclass(frozen=True)
class StateSize:
    """The size of a query's state between batches: rows, rows that the batch has updated, and bytes in memory."""

    rows: int
    updated: int
    bytes: int


@dataclass(frozen=True)
class Batch:
    """One micro-batch that a query has finished.

    `files` are the log files that it read, and `written` the time at which each was written (UTC). `phases` are
    milliseconds by Spark's names of the phases, in the order in which they happen. `rows_out` is None for sinks that do
    not count rows. `table` is the memory table as it was read when Spark reported the batch; None for other sinks, and
    if the next batch was faster. `state` is None for a query without state.
    """

    number: int
    at: datetime
    rows_in: int
    rows_out: int | None
    phases: tuple[tuple[str, int], ...]
    files: tuple[LogFile, ...] = ()
    written: tuple[datetime, ...] = ()
    table: Table | None = None
    state: StateSize | None = None

    @property
    def milliseconds(self) -> int:
        """How long the batch took."""
        return sum(spent for _, spent in self.phases)

    @property
    def done(self) -> datetime:
        """When the batch was finished."""
        return self.at + timedelta(milliseconds=self.milliseconds)


@dataclass(frozen=True)
class QueryRun:
    """One run of a streaming query, from its start to its stop.

    A restart is another run with its own `run_id`. If it continues from the checkpoint of an earlier run, it has the
    same `query_id`, its batches start with those of that run, and `began` is the start of that run.
    """

    run_id: str
    query_id: str
    name: str
    batches: tuple[Batch, ...] = ()
    ended: bool = False
    failure: Failure | None = None
    began: datetime | None = None

    @property
    def state(self) -> Literal["running", "stopped", "failed"]:
        """The state as a learner sees it."""
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
        """When each file that was read in this run was written, by file name."""
        return {
            file.name: written
            for batch in self.batches
            for file, written in zip(batch.files, batch.written, strict=True)
        }


INTERRUPTED = Failure("Spark stopped while this query was running.", "The JVM of the lab has ended.")


class Observations:
    """The runs of one learner's queries, oldest first; safe to use from any thread."""

    def __init__(self) -> None:
        self.changes = Changes()
        self._changed = threading.Condition()
        self._runs: dict[str, QueryRun] = {}
        # Why the lab is stopping a run, by run id.
        self._condemned: dict[str, Failure] = {}
        self._arrivals: deque[Arrival] = deque(maxlen=MAX_ARRIVALS)
        # By query id, which stays the same after a restart, and batch number.
        self._snapshots: dict[tuple[str, int], Snapshot] = {}
        # The number of changes so far.
        self.version = 0

    @property
    def runs(self) -> tuple[QueryRun, ...]:
        """Every run."""
        with self._changed:
            return tuple(self._runs.values())

    @property
    def arrivals(self) -> tuple[Arrival, ...]:
        """The deliveries to the live folder, and when it was emptied, oldest first."""
        with self._changed:
            return tuple(self._arrivals)

    def snapshots(self, query_id: str) -> Mapping[int, Snapshot]:
        """Return the snapshots of the disk after the newest batches of a query, by batch number."""
        with self._changed:
            return {number: kept for (query, number), kept in self._snapshots.items() if query == query_id}

    def arrived(self, arrival: Arrival) -> None:
        """Note a delivery, or that the live folder was emptied. Notify nobody: the caller does that."""
        with self._changed:
            self._arrivals.append(arrival)

    def keep(self, query_id: str, number: int, **parts: Any) -> None:
        """Keep parts of the snapshot of a batch. Do not notify `changes`: only the batch itself counts as a change."""
        with self._changed:
            if any(run.query_id == query_id for run in self._runs.values()):
                known = self._snapshots.pop((query_id, number), Snapshot())
                self._snapshots[query_id, number] = replace(known, **parts)
                while len(self._snapshots) > MAX_SNAPSHOTS:
                    del self._snapshots[next(iter(self._snapshots))]
                self._changed.notify_all()

    def started(self, run_id: str, query_id: str, name: str) -> None:
        """Note that a query has been started."""
        with self._changed:
            earlier = next((run for run in reversed(self._runs.values()) if run.query_id == query_id), None)
            batches, began = (earlier.batches, earlier.began) if earlier else ((), datetime.now(UTC))
            self._runs[run_id] = QueryRun(run_id, query_id, name, batches, began=began)
            self._tell()

    def finished(self, run_id: str, batch: Batch) -> None:
        """Note a finished batch. After a restart in the middle of a batch, the same batch comes again."""
        self._update(run_id, lambda run: replace(run, batches=_with(run.batches, batch)))

    def add_unreported(self, run_id: str, batch: Batch) -> None:
        """Note a batch that Spark has not reported, unless it has reported it meanwhile."""

        def added(run: QueryRun) -> QueryRun:
            known = any(each.number == batch.number for each in run.batches)
            return run if known else replace(run, batches=_with(run.batches, batch))

        self._update(run_id, added)

    def condemn(self, run_id: str, failure: Failure) -> None:
        """Note why the lab is stopping a query. This failure is shown when the query has ended, in whatever way."""
        with self._changed:
            self._condemned[run_id] = failure

    def ended(self, run_id: str, failure: Failure | None) -> None:
        """Note that a query has ended."""
        with self._changed:
            known = self._condemned.pop(run_id, failure)
        self._update(run_id, lambda run: replace(run, ended=True, failure=known))

    def interrupt(self) -> None:
        """Note that the JVM is gone, with every query that was running."""
        for run in self.runs:
            if not run.ended:
                self.ended(run.run_id, INTERRUPTED)

    def clear(self) -> None:
        """Forget everything."""
        with self._changed:
            self._runs.clear()
            self._arrivals.clear()
            self._snapshots.clear()
            self._tell()

    def wait_for(self, condition: Callable[[], bool], seconds: float) -> bool:
        """Wait until the condition holds, and test it after every event; return False on timeout."""
        with self._changed:
            return self._changed.wait_for(condition, seconds)

    def _update(self, run_id: str, change: Callable[[QueryRun], QueryRun]) -> None:
        with self._changed:
            # An event that comes after `clear` has no run any more.
            if run_id in self._runs:
                self._runs[run_id] = change(self._runs[run_id])
                self._tell()

    def _tell(self) -> None:
        self.version += 1
        self._changed.notify_all()
        self.changes.notify()


def _with(batches: tuple[Batch, ...], batch: Batch) -> tuple[Batch, ...]:
    known = [each for each in batches if each.number != batch.number]
    return tuple(sorted([*known, batch], key=lambda each: each.number))
