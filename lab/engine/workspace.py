"""What belongs to one learner: a Spark session, a part of the bucket, what cells have defined, and their queries."""

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
from lab.engine.batches import BATCHES
from lab.engine.failures import BATCH_FUNCTION_FAILED, Refusal
from lab.engine.listener import Listener
from lab.engine.observe import Observations
from lab.engine.rest import Rest
from lab.engine.sleep import Attention
from lab.engine.tasks import OWNER
from lab.engine.work import WORK
from lab.errors import LabError
from lab.records import LogFile

READ_SECONDS: Final = 20
SETTLE_SECONDS: Final = 5
POOLS: Final = 64
# Of refusals in foreachBatch functions: a query ends with its first.
MAX_REFUSED: Final = 50

_numbers = itertools.count()


class Workspace:
    """One learner's workspace. Its bucket and its observations outlive a JVM: `open` it again on the next one.

    `rest` begins when Spark has to be ended because of what was done here; a learner has one for all that works for them.
    """

    def __init__(self, bucket: Bucket, dataset: Dataset = SHIPPED, rest: Rest | None = None) -> None:
        self.bucket = bucket
        self.rest = rest or Rest()
        # What the four log files in LogData are at first.
        self.dataset = dataset
        # What was refused in foreachBatch functions, by the first line of what Spark tells of it.
        self._refused: dict[str, Refusal] = {}
        self.observations = Observations()
        self.names: dict[str, Any] = {}
        # Of these, the names that every cell finds defined.
        self.given: frozenset[str] = frozenset()
        # Spark's scheduler is fair between pools. It keeps a pool for ever, so learners of a process share POOLS of them.
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
        """While something is done in the workspace: nobody else does anything in it, and its queries are awake."""
        with self._lock, self.awake(), WORK.done_for(self.rest):
            if self._session:
                # Of this thread, and of the queries that are started in it. When the JVM is gone, that is said elsewhere;
                # of a context that PySpark has let go of, this is an AttributeError.
                with contextlib.suppress(Py4JError, OSError, AttributeError):
                    self._session.sparkContext.setLocalProperty("spark.scheduler.pool", self._pool)
                    self._session.sparkContext.setLocalProperty(OWNER, self.rest.id)
            yield

    def awake(self) -> AbstractContextManager[None]:
        """While its queries are not to go to sleep, whoever uses them."""
        return self._attention.paid()

    def note_refused(self, line: str, refusal: Refusal) -> None:
        """Keep what was refused in a foreachBatch function, by the first line of what Spark will tell of it."""
        # In a thread of Spark's, which must not wait for the lock: a cell may hold it that waits for the batch.
        self._refused = dict([*self._refused.items(), (line, refusal)][-MAX_REFUSED:])

    def refused_in(self, failure: str) -> Refusal | None:
        """Return what was refused in the foreachBatch function of a query that has failed, if that is why."""
        found = BATCH_FUNCTION_FAILED.search(failure)
        return self._refused.get(found["text"]) if found else None

    # --- the session

    @property
    def is_open(self) -> bool:
        """Whether there is a Spark session to run cells in."""
        return self._session is not None

    @property
    def session(self) -> SparkSession | None:
        """The Spark session in which cells are run, if there is one."""
        return self._session

    def is_open_on(self, root: SparkSession) -> bool:
        """Return whether the session is one of this very Spark, and not of one that is gone."""
        return self._session is not None and self._session.sparkContext is root.sparkContext

    def open(self, root: SparkSession) -> None:
        """Take a session of its own on a running Spark; cells have defined nothing in it yet."""
        with self.at_work():
            if self._deleted:
                raise LabError("This place was cleared away, for nobody was here for long.", "Reload the page.")
            self._session = root.newSession()
            self._listener = Listener(
                self._session, self.observations, self._attention, self.rest, self.bucket, self._log_file
            )
            self.names.clear()
            self.names.update(self._given(self._session))
            self.given = frozenset(self.names)

    def _given(self, session: SparkSession) -> dict[str, Any]:
        """Return what every cell finds defined."""
        return {"spark": session}

    def abandon(self, session: SparkSession | None) -> None:
        """Let go of a session whose JVM is gone, without asking anything of it; another one, of a new JVM, is kept."""
        with self._lock:
            if self._session is not session:
                return
            self._session = self._listener = None
            self.names.clear()
            self.observations.interrupt()

    def close(self) -> None:
        """Stop everything and let go of the session, so that the JVM can forget it."""
        with self.at_work():
            session, listener = self._session, self._listener
            # Of a JVM that is gone there is nothing left to be stopped; what cannot be stopped ends with it.
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
        """The runs of the queries that are running."""
        return frozenset(str(query.runId) for query in self.active)

    @property
    def started(self) -> frozenset[str]:
        """The runs of every query that was started."""
        return frozenset(run.run_id for run in self.observations.runs)

    def stop_queries(self, run_id: str = "") -> None:
        """Stop the running queries, or the one of a run."""
        with self.at_work():
            for query in self.active:
                if not run_id or str(query.runId) == run_id:
                    self.before_stop(query)
                    query.stop()
            self.settle()

    def stop_named(self, name: str) -> None:
        """Stop the running query of a name, whichever cell has started it."""
        for query in self.active:
            if query.name == name:
                self.stop_queries(str(query.runId))

    def run_id_of(self, name: str) -> str:
        """Return the run of the query that a name stands for; empty if it stands for none."""
        value = self.names.get(name)
        return str(value.runId) if isinstance(value, StreamingQuery) else ""

    def displaced(self, run_id: str, query_id: str, ended: Collection[str]) -> tuple[str, ...]:
        """Names of the queries that Spark has stopped by itself for a run that took over their checkpoint.

        A query is known by the id that its checkpoint bears. `ended` are the runs that had ended before.
        """
        return tuple(
            run.name or "a query without a name"
            for run in self.observations.runs
            if (run.query_id, run.ended, run.failure) == (query_id, True, None)
            and run.run_id not in {run_id, *ended, *self._asked_to_stop}
        )

    def before_stop(self, query: StreamingQuery) -> None:
        """Wait until the observations know the last batch of a query that is about to be stopped.

        Spark tells its listeners late, and a stop deletes what the listener reads of a batch.
        """
        self._asked_to_stop.add(str(query.runId))
        BATCHES.stopping(str(query.runId))
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
        """Wait until the observations have heard of every query that has stopped.

        Spark tells its listeners later than its callers: a page drawn in between would say "running".
        """
        running = {str(query.runId) for query in self.active}
        self.observations.wait_for(
            lambda: all(run.ended or run.run_id in running for run in self.observations.runs), SETTLE_SECONDS
        )

    def wait_until_read(self, seconds: float = READ_SECONDS) -> bool:
        """Wait until every running query has read what is in the live folder; False when the time is over.

        A query that fails is not waited for.
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

        BATCHES.expect(self.observations, sum(sizes[name] for name in unread()))
        with self.awake():
            return self.observations.wait_for(read, seconds)

    # --- the bucket

    def deliver(self, *names: str) -> tuple[LogFile, ...]:
        """Place log files from LogData in the live folder, together; see `lab.bucket.deliver`."""
        with self._lock, WORK.done_for(self.rest):
            self._attention.expect(names, READ_SECONDS)
            # Before it: a query that is reading a batch may find the first of two files alone.
            at = datetime.now(UTC)
            with self._attention.still():
                files = deliver(self.bucket, names, self._remember)
            with self.awake():
                self.observations.arrived(Arrival(at, files))
            return files

    def empty_live(self) -> None:
        """Delete every file in the live folder.

        Running queries first get the time to read what they have not read yet. Raises LabError when they do not read it:
        then nothing is deleted.
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
        """Back to the beginning: no query, empty folders, the four log files, nothing defined."""
        with self.at_work():
            session = self._session
            self.close()
            for prefix in FOLDERS:
                self.bucket.delete(prefix)
            set_up(self.bucket, self.dataset)
            self.observations.clear()
            self._log_files.clear()
            self._asked_to_stop.clear()
            # Should its JVM be gone, the next one is opened when it is needed.
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
        """Return whether a cell may use an address: it lies in the three folders, not deep there, and is no pattern."""
        key = key_of(self.bucket, address)
        if key is None or not is_short(key):
            return False
        return ".." not in key.split("/") and not re.search(r"[^\w./=-]", key, re.ASCII)

    # --- what was delivered

    def _remember(self, file: LogFile) -> None:
        self._log_files[file.name] = file

    def _log_file(self, name: str) -> LogFile:
        """Return the content of a file in the live folder by its name, also after the folder was emptied."""
        if name not in self._log_files:
            # Gone already: then its name is all there is to show.
            with contextlib.suppress(LabError, StopIteration):
                self._remember(next(file for file in read_folder(self.bucket, LOG_DATA_LIVE) if file.name == name))
        return self._log_files.get(name, LogFile(name, ()))
