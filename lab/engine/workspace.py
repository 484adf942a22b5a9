"""The workspace of one learner: a Spark session, a part of the bucket, the names from cells, and their queries."""

import contextlib
import itertools
import re
import threading
from collections.abc import Collection, Iterator
from contextlib import AbstractContextManager
from datetime import UTC, datetime
from typing import Any, Final

from py4j.protocol import Py4JError, Py4JNetworkError
from pyspark.sql import SparkSession
from pyspark.sql.streaming.query import StreamingQuery

from lab.bucket import (
    FOLDERS,
    LOG_DATA_LIVE,
    Bucket,
    deliver,
    files_in,
    is_read_by_spark,
    is_short,
    key_of,
    read_folder,
)
from lab.bucket.setup import set_up
from lab.dataset import SHIPPED, Dataset
from lab.engine.arrivals import Arrival
from lab.engine.batches import BATCH_TIMEOUTS
from lab.engine.cooldown import Cooldown
from lab.engine.failures import BATCH_FUNCTION_FAILED, Refusal
from lab.engine.listener import Listener
from lab.engine.observe import Observations
from lab.engine.sleep import Attention
from lab.engine.tasks import OWNER
from lab.engine.work import WORK
from lab.errors import LabError
from lab.records import LogFile

READ_SECONDS: Final = 20
SETTLE_SECONDS: Final = 5
POOLS: Final = 64
# How many refusals in foreachBatch functions are kept; a query ends with its first one.
MAX_REFUSED: Final = 50

_numbers = itertools.count()


class Workspace:
    """One learner's workspace. Its bucket and its observations outlive a JVM: `open` it again on the next one.

    `cooldown` begins when Spark has to be ended because of what was done here; all workspaces of a learner share it.
    """

    def __init__(self, bucket: Bucket, dataset: Dataset = SHIPPED, cooldown: Cooldown | None = None) -> None:
        self.bucket = bucket
        self.cooldown = cooldown or Cooldown()
        # The initial content of LogData: the four log files.
        self.dataset = dataset
        # Refusals in foreachBatch functions, by the first line of Spark's message.
        self._refused: dict[str, Refusal] = {}
        self.observations = Observations()
        self.names: dict[str, Any] = {}
        # The names that every cell finds defined, a part of `names`.
        self.given: frozenset[str] = frozenset()
        # Spark's scheduler is fair between pools. It never deletes a pool, so the learners of a process share POOLS of
        # them.
        self._pool = f"learners-{next(_numbers) % POOLS}"
        self._lock = threading.RLock()
        self._attention = Attention(self.observations)
        self._log_files: dict[str, LogFile] = {}
        self._asked_to_stop: set[str] = set()
        self._listener: Listener | None = None
        self._session: SparkSession | None = None
        self._deleted = False

    @contextlib.contextmanager
    def at_work(self) -> Iterator[None]:
        """Lock the workspace and keep its queries awake, while the block works in it."""
        with self._lock, self.awake(), WORK.done_for(self.cooldown):
            if self._session:
                # For this thread, and for the queries that it starts. If the JVM is gone, another place reports that;
                # for a context that PySpark has dropped, this is an AttributeError.
                with contextlib.suppress(Py4JError, OSError, AttributeError):
                    self._session.sparkContext.setLocalProperty("spark.scheduler.pool", self._pool)
                    self._session.sparkContext.setLocalProperty(OWNER, self.cooldown.id)
            yield

    def awake(self) -> AbstractContextManager[None]:
        """Return a context manager that keeps the queries awake, without locking the workspace."""
        return self._attention.keep_awake()

    def note_refused(self, line: str, refusal: Refusal) -> None:
        """Keep a refusal in a foreachBatch function, by the first line of the message that Spark will report."""
        # Without the lock: this runs in a thread of Spark, and a cell that waits for the batch may hold the lock.
        self._refused = dict([*self._refused.items(), (line, refusal)][-MAX_REFUSED:])

    def refused_in(self, failure: str) -> Refusal | None:
        """Return the refusal that made a query's foreachBatch function fail; None if it failed for another reason."""
        found = BATCH_FUNCTION_FAILED.search(failure)
        return self._refused.get(found["text"]) if found else None

    # --- the session

    @property
    def is_open(self) -> bool:
        """Whether there is a Spark session to run cells in."""
        return self._session is not None

    @property
    def session(self) -> SparkSession | None:
        """The Spark session for cells, None if there is none."""
        return self._session

    def is_open_on(self, root: SparkSession) -> bool:
        """Return whether the session belongs to this Spark, and not to an earlier one that is gone."""
        return self._session is not None and self._session.sparkContext is root.sparkContext

    def open(self, root: SparkSession) -> None:
        """Open a new session on a running Spark, without names from cells; raise LabError after `delete`."""
        with self.at_work():
            if self._deleted:
                raise LabError("This place was cleared away, for nobody was here for long.", "Open the lab anew.")
            self._session = root.newSession()
            self._listener = Listener(
                self._session, self.observations, self._attention, self.cooldown, self.bucket, self._log_file
            )
            self.names.clear()
            self.names.update(self._given(self._session))
            self.given = frozenset(self.names)

    def _given(self, session: SparkSession) -> dict[str, Any]:
        """Return the names that every cell finds defined, with their values."""
        return {"spark": session}

    def abandon(self, session: SparkSession | None) -> None:
        """Drop a session whose JVM is gone, without calling it; if there is already a newer session, keep that one."""
        with self._lock:
            if self._session is not session:
                return
            self._session = self._listener = None
            self.names.clear()
            self.observations.interrupt()

    def close(self) -> None:
        """Stop everything and drop the session, so that the JVM can free it."""
        with self.at_work():
            session, listener = self._session, self._listener
            # If the JVM is gone, everything in it has ended, too.
            with contextlib.suppress(Py4JError, ConnectionError):
                if session and listener:
                    self.stop_queries()
                    for view in session.sql("SHOW TABLES").collect():
                        if view.isTemporary:
                            session.catalog.dropTempView(view.tableName)
                    listener.remove()
            self.abandon(session)

    # --- queries

    @property
    def active(self) -> tuple[StreamingQuery, ...]:
        """The queries that are running."""
        session = self._session  # it may be abandoned at any moment
        return tuple(session.streams.active) if session else ()

    @property
    def active_runs(self) -> frozenset[str]:
        """The run ids of the running queries."""
        return frozenset(str(query.runId) for query in self.active)

    @property
    def started(self) -> frozenset[str]:
        """The run ids of all queries that were started."""
        return frozenset(run.run_id for run in self.observations.runs)

    def stop_queries(self, run_id: str = "") -> None:
        """Stop all running queries, or only the one with a run id."""
        with self.at_work():
            for query in self.active:
                if not run_id or str(query.runId) == run_id:
                    self.before_stop(query)
                    query.stop()
            self.settle()

    def stop_named(self, name: str) -> None:
        """Stop the running query with a name, no matter which cell has started it."""
        for query in self.active:
            if query.name == name:
                self.stop_queries(str(query.runId))

    def run_id_of(self, name: str) -> str:
        """Return the run id of the query in a variable of the cells; empty if it holds no query."""
        value = self.names.get(name)
        return str(value.runId) if isinstance(value, StreamingQuery) else ""

    def displaced(self, run_id: str, query_id: str, ended: Collection[str]) -> tuple[str, ...]:
        """Return the names of the queries that Spark itself has stopped because a new run took over their checkpoint.

        The id of a query is stored in its checkpoint. `ended` are the runs that had ended before.
        """
        return tuple(
            run.name or "a query without a name"
            for run in self.observations.runs
            if (run.query_id, run.ended, run.failure) == (query_id, True, None)
            and run.run_id not in {run_id, *ended, *self._asked_to_stop}
        )

    def before_stop(self, query: StreamingQuery) -> None:
        """Wait until the observations have the last batch of a query that is about to be stopped.

        Spark calls its listeners late, and a stop deletes the data that the listener reads for a batch.
        """
        self._asked_to_stop.add(str(query.runId))
        BATCH_TIMEOUTS.stopping(str(query.runId))
        last = query.lastProgress
        if last is not None and last.numInputRows:
            self.observations.wait_for(
                lambda: any(
                    run.ended or (run.last is not None and run.last.number >= last.batchId)
                    for run in self.observations.runs
                    if run.run_id == str(query.runId)
                ),
                SETTLE_SECONDS,
            )

    def settle(self) -> None:
        """Wait until the observations know that every stopped query has stopped.

        Spark tells the caller of `stop()` earlier than its listeners: a page drawn in between would say "running".
        """
        running = {str(query.runId) for query in self.active}
        self.observations.wait_for(
            lambda: all(run.ended or run.run_id in running for run in self.observations.runs), SETTLE_SECONDS
        )

    def wait_until_read(self, seconds: float = READ_SECONDS) -> bool:
        """Wait until every running query has read the files in the live folder; return False on timeout.

        Do not wait for a query that fails.
        """
        sizes = {
            entry.name: entry.size for entry in files_in(self.bucket, LOG_DATA_LIVE) if is_read_by_spark(entry.name)
        }
        waiting = {name for name, size in sizes.items() if size}

        def unread() -> set[str]:
            running = [run for run in self.observations.runs if not run.ended]
            return set().union(*(waiting - {file.name for file in run.files} for run in running))

        def read() -> bool:
            return not unread()

        BATCH_TIMEOUTS.expect(self.observations, sum(sizes[name] for name in unread()))
        with self.awake():
            return self.observations.wait_for(read, seconds)

    # --- the bucket

    def deliver(self, *names: str) -> tuple[LogFile, ...]:
        """Place log files from LogData in the live folder, together; see `lab.bucket.deliver`."""
        with self._lock, WORK.done_for(self.cooldown):
            self._attention.expect(names, READ_SECONDS)
            # The time before the delivery: a query may read the first of two files before the second is there.
            at = datetime.now(UTC)
            with self._attention.keep_asleep():
                files = deliver(self.bucket, names, self._remember)
            with self.awake():
                self.observations.arrived(Arrival(at, files))
            return files

    def empty_live(self) -> None:
        """Delete every file in the live folder.

        First wait for running queries to read what they have not read yet. If they do not, raise LabError and delete
        nothing.
        """
        with self.at_work():
            if not self.wait_until_read():
                raise LabError(
                    f"A running query has not read everything in LogDataLive within {READ_SECONDS} seconds, so nothing "
                    "was deleted.",
                    "Stop that query, or wait a little, then empty the folder again.",
                )
            self.bucket.delete(LOG_DATA_LIVE)
            self.observations.arrived(Arrival(datetime.now(UTC), ()))

    def start_over(self) -> None:
        """Reset the workspace: no query, empty folders, the four log files, nothing defined."""
        with self.at_work():
            session = self._session
            self.close()
            for prefix in FOLDERS:
                self.bucket.delete(prefix)
            set_up(self.bucket, self.dataset)
            self.observations.clear()
            self._log_files.clear()
            self._asked_to_stop.clear()
            # If the JVM is gone, a session is opened on the next one when it is needed.
            with contextlib.suppress(Py4JNetworkError, ConnectionError):
                if session:
                    self.open(session)

    def delete(self) -> None:
        """Stop everything, and leave nothing behind."""
        self._deleted = True
        try:
            self.close()
        finally:
            self.bucket.discard()

    def owns(self, address: str) -> bool:
        """Return whether a cell may use an address: it is in the three folders, not nested deep, and not a pattern."""
        key = key_of(self.bucket, address)
        if key is None or not is_short(key):
            return False
        return ".." not in key.split("/") and not re.search(r"[^\w./=-]", key, re.ASCII)

    # --- what was delivered

    def _remember(self, file: LogFile) -> None:
        self._log_files[file.name] = file

    def _log_file(self, name: str) -> LogFile:
        """Return a file of the live folder by its name, even after the folder was emptied."""
        if name not in self._log_files:
            # If the file is already gone, its name is all that can be shown.
            with contextlib.suppress(LabError, StopIteration):
                self._remember(next(file for file in read_folder(self.bucket, LOG_DATA_LIVE) if file.name == name))
        return self._log_files.get(name, LogFile(name, ()))
