"""The recorder, which takes snapshots of the reports after each delivery while a notebook is run again."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from typing import Any, Final, Protocol

from lab.bucket import LOG_DATA_LIVE, OUTPUT, Bucket, files_in, is_read_by_spark, key_of
from lab.cells.articles import a
from lab.engine import facts
from lab.engine.failures import explain
from lab.engine.observe import Table
from lab.engine.workspace import READ_SECONDS
from lab.handin.grader.rerun import LOG_QUERY, VOLUME_QUERY, AskedFor, LogRow, Snapshot
from lab.sev0_output import read_log_output

# Only queries with these sinks can have written a log, whatever is in the output folder.
_WRITING: Final = frozenset({"csv", "foreachbatch"})
_ASKED: Final = {VOLUME_QUERY: frozenset({"memory"}), LOG_QUERY: _WRITING}
_COLUMNS: Final = {"serverID", "avgVolume"}


class Watched(Protocol):
    """The place in which a notebook runs: a `Workspace`, or a kernel."""

    names: dict[str, Any]

    @property
    def bucket(self) -> Bucket:
        """Its three folders."""

    @property
    def active(self) -> tuple[Any, ...]:
        """The queries that are running."""

    @property
    def started(self) -> frozenset[str]:
        """The run ids of all queries that were started, as far as they are known."""

    def wait_until_read(self, seconds: float) -> bool:
        """Wait until the running queries have read what is in the live folder; return False after the timeout."""


class Recorder:
    """Wraps the delivery functions of a workspace; it never waits beyond `deadline` (`time.monotonic`).

    `asked_for` says with which files in the live folder results are read.
    """

    def __init__(self, workspace: Watched, deadline: float, asked_for: AskedFor) -> None:
        self._workspace = workspace
        self._asked_for = asked_for
        self._deadline = deadline
        self._thread = threading.current_thread()
        self._delivered = False
        self._runs: frozenset[str] = frozenset()
        # The run ids of queries that cannot have written a log.
        self._others: frozenset[str] = frozenset()
        # The keys of folders that a cell has written itself; once a batch writes there, the keys of the cell's files.
        self._by_cells: set[str] = set()
        self.snapshots: list[Snapshot] = []
        # Whether a query has not read its files in time.
        self.late = False
        self._deliver: Callable[..., None] = workspace.names["copy_s3_file_to_live_folder"]
        self._empty: Callable[..., None] = workspace.names["empty_s3_folder"]
        workspace.names.update(
            copy_s3_file_to_live_folder=self.copy_s3_file_to_live_folder,
            empty_s3_folder=self.empty_s3_folder,
            wait_until_read=self.wait_until_read,
        )

    def copy_s3_file_to_live_folder(self, *arguments: str, **named: str) -> None:
        """Deliver, after a snapshot of the delivery before if one is needed."""
        self._before_change()
        self._deliver(*arguments, **named)
        self._delivered = True

    def empty_s3_folder(self, *arguments: str, **named: str) -> None:
        """Empty the live folder, after a snapshot of the delivery before if one is needed."""
        self._before_change()
        self._empty(*arguments, **named)
        self._delivered = bool(self._live()) and self._delivered

    def wait_until_read(self, *_: object) -> None:
        """Wait for the running queries; ignore the timeout that a notebook may pass."""
        self._wait()

    def sleep(self, _: float) -> None:
        """Wait for the queries, which is what a sleep is for. A foreachBatch function, in another thread, goes on."""
        if threading.current_thread() is self._thread:
            self._wait()

    def before_write(self, address: str, in_batch: bool) -> None:  # noqa: FBT001 - see `Limits`
        """Record whether a cell or a batch writes: only files that the batches of a query have written are the log."""
        if not (key := key_of(self._workspace.bucket, address)):
            return
        if not in_batch:
            self._by_cells.add(key)
        elif key in self._by_cells:
            # The files that are there now are the cell's: a batch that overwrites the folder gives its files other
            # names, and one that appends leaves these.
            self._by_cells |= {entry.key for entry in self._workspace.bucket.list(f"{key}/")}
            self._by_cells.discard(key)

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about what is odd in the run."""
        late = ("A query did not read in time what had been delivered.",) if self.late else ()
        beside = ("A cell wrote files into the output folder itself. They are not counted as the log of a query.",)
        return (*late, *(beside if any(key.startswith(OUTPUT) for key in self._by_cells) else ()))

    def after_cell(self) -> None:
        """Take a snapshot if a cell has delivered, or has started a query on what was delivered before."""
        runs = frozenset(run_id for run_id, _ in self._queries())
        if self._live() and (self._delivered or runs - self._runs):
            self._take()
        self._runs |= runs

    def _before_change(self) -> None:
        # One cell may deliver both pairs, and the results after the first one are needed, too.
        if self._delivered and self._live() in self._asked_for:
            self._take()

    def _take(self) -> None:
        self._wait()
        self.snapshots.append(Snapshot(self._live(), self._volume(), self._log()))
        self._delivered = False

    def _wait(self) -> None:
        seconds = max(0.0, min(READ_SECONDS, self._deadline - time.monotonic()))
        if not self._workspace.wait_until_read(seconds):
            self.late = True

    def _live(self) -> frozenset[str]:
        entries = files_in(self._workspace.bucket, LOG_DATA_LIVE)
        return frozenset(entry.name for entry in entries if is_read_by_spark(entry.name))

    def _volume(self) -> Table | None:
        """Return the table of the volume query.

        If the learner has named it differently, return the only table with the columns of the report.
        """
        own = facts.memory_rows(self._workspace.names.get(VOLUME_QUERY))
        if own is not None:
            return own
        tables = [table for _, value in self._queries() if (table := facts.memory_rows(value)) is not None]
        likely = [table for table in tables if set(table.columns) == _COLUMNS]
        return likely[0] if len(likely) == 1 else None

    def _log(self) -> tuple[LogRow, ...] | None:
        rows = read_log_output(self._workspace.bucket, self._by_cells).rows
        own = facts.query(self._workspace.names.get(LOG_QUERY))
        if own and own.sink in _WRITING:
            return rows
        # A query with another name may have written the rows. If none can have, a batch job did, which does not count.
        found = {run_id: facts.query(value) for run_id, value in self._queries()}
        self._others |= {run_id for run_id, query in found.items() if query and query.sink not in _WRITING}
        saving = (self._workspace.started | found.keys()) - self._others
        return rows if rows and saving else None

    def states(self) -> dict[str, str]:
        """Return the states of the two queries, by variable; see `Rerun.queries`."""
        return {name: state_of(name, self._workspace.names) for name in (VOLUME_QUERY, LOG_QUERY)}

    @property
    def not_performed(self) -> frozenset[str]:
        """The variables of queries that failed because of something that the lab does not perform."""
        found = {name: facts.query(self._workspace.names.get(name)) for name in (VOLUME_QUERY, LOG_QUERY)}
        return frozenset(
            name for name, query in found.items() if query and query.failure and explain(query.failure).not_performed
        )

    @property
    def other_sinks(self) -> frozenset[str]:
        """The variables of queries that ran well, but with another sink than the task asks for."""
        found = {name: facts.query(self._workspace.names.get(name)) for name in (VOLUME_QUERY, LOG_QUERY)}
        return frozenset(
            name for name, query in found.items() if query and not query.failure and query.sink not in _ASKED[name]
        )

    def _queries(self) -> Iterator[tuple[str, Any]]:
        """Yield every query that a variable holds or that is running, with its run id."""
        known = set()
        for value in (*self._workspace.names.values(), *self._workspace.active):
            if (query := facts.query(value)) and query.run_id not in known:
                known.add(query.run_id)
                yield query.run_id, value


def state_of(name: str, names: Mapping[str, object]) -> str:
    """Return in words the state of the query that a variable should hold; empty if it has run well."""
    if name not in names:
        return "it is not defined"
    query = facts.query(names[name])
    if query is None:
        kind = type(names[name]).__name__
        return f"it is {a(kind)}, {'start() is missing' if kind == 'DataStreamWriter' else 'not a query'}"
    if query.failure:
        return explain(query.failure).sentence.rstrip(".")
    asked = "memory is" if name == VOLUME_QUERY else "csv files are"
    return "" if query.sink in _ASKED[name] else f"its sink is {query.sink}; {asked} asked for"
