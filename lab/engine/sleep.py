"""Idle queries sleep at no cost, and go on where they were when they are woken.

An idle query looks into its folder again after every `spark.sql.streaming.pollingDelay`. For each look, it takes its
progress lock (Spark 4.3: MicroBatchExecution.constructNextBatch, StreamExecution.awaitProgressLock). While another
thread holds that lock, the query waits for it at no cost. It keeps everything: its state, its table, its position in
the stream. Spark still reports it as running.
"""

import logging
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any, Final

from py4j.protocol import Py4JError
from pyspark import SparkContext

from lab.engine.observe import Observations

# A sleeping query looks into its folder this often, for files that appear there without a delivery.
LOOK_SECONDS: Final = 2.0
# A query that only takes a look is awake for one tick. A tick is shorter than `spark.sql.streaming.pollingDelay`, after
# which the query would take another look.
TICK_SECONDS: Final = 0.015
WAKE_SECONDS: Final = 5.0
# How long a delivery waits for queries to fall asleep. It does not wait longer for a query that is reading a batch.
FALL_ASLEEP_SECONDS: Final = 0.05

# The status messages of a query that has found nothing new (MicroBatchExecution.executeOneBatch).
_IDLE: Final = frozenset({"Waiting for data to arrive", "Waiting for next trigger"})

_log = logging.getLogger(__name__)


@dataclass
class _Query:
    execution: Any
    lock: Any
    unit: Any
    attention: "Attention"
    asleep: bool = False
    next_look: float = 0.0
    ended: bool = False

    def try_to_sleep(self, now: float) -> None:
        # With a timeout, even 0, tryLock respects the queue of the lock: a query that was woken for a look, and still
        # waits for a core, gets the lock first.
        if not self.lock.tryLock(0, self.unit):
            return
        try:
            self.asleep, self.next_look = self._is_idle(), now + LOOK_SECONDS
        finally:
            if not self.asleep:
                self.lock.unlock()

    def is_to_wake(self, now: float) -> bool:
        return not self.attention.must_stay_asleep and (now >= self.next_look or not self.attention.may_sleep)

    def wake(self) -> None:
        self.asleep = False
        self.lock.unlock()

    def _is_idle(self) -> bool:
        status = self.execution.status()
        return bool(self.execution.isActive()) and not status.isDataAvailable() and status.message() in _IDLE


class Keeper:
    """The holder of the locks of sleeping queries, in a thread of its own, which ends with the last query.

    A lock belongs to a thread of the JVM, and py4j uses one JVM thread for each Python thread.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queries: dict[str, _Query] = {}
        self._thread: threading.Thread | None = None

    @property
    def asleep(self) -> frozenset[str]:
        """The run ids of the queries that are asleep."""
        with self._changed:
            return frozenset(run_id for run_id, query in self._queries.items() if query.asleep)

    def add(self, run_id: str, execution: Any, attention: "Attention") -> None:
        """Watch a query that has been started; `execution` is Spark's StreamExecution."""
        with self._changed:
            unit = SparkContext._jvm.java.util.concurrent.TimeUnit.SECONDS  # type: ignore[union-attr]
            self._queries[run_id] = _Query(execution, execution.awaitProgressLock(), unit, attention)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def remove(self, run_id: str) -> None:
        """Forget a query that has ended, and release its lock."""
        with self._changed:
            if run_id in self._queries:
                # Spark reports the end before the query's last action, which needs the lock once more.
                self._queries[run_id].ended = True
            self._changed.notify_all()

    def wake(self, attention: "Attention") -> None:
        """Wake the queries of a workspace in which somebody is at work, and wait until they are awake."""
        self._wait_until(lambda: not any(query.asleep for query in self._of(attention)), WAKE_SECONDS)

    def calm(self, attention: "Attention") -> None:
        """Put the idle queries of a workspace to sleep, and wait for that, at most FALL_ASLEEP_SECONDS."""
        self._wait_until(lambda: all(query.asleep for query in self._of(attention)), FALL_ASLEEP_SECONDS)

    def _of(self, attention: "Attention") -> Iterator[_Query]:
        return (query for query in self._queries.values() if query.attention is attention)

    def _wait_until(self, reached: Callable[[], bool], seconds: float) -> None:
        with self._changed:
            if not reached():
                self._changed.notify_all()
                self._changed.wait_for(reached, seconds)

    def _keep(self) -> None:
        with self._changed:
            while self._queries:
                now = time.monotonic()
                for run_id, query in tuple(self._queries.items()):
                    try:
                        if query.ended:
                            self._queries.pop(run_id)
                            if query.asleep:
                                query.wake()
                        elif not query.asleep:
                            if query.attention.may_sleep:
                                query.try_to_sleep(now)
                        elif query.is_to_wake(now):
                            query.wake()
                    except (Py4JError, OSError):
                        # The query's JVM is gone, and the query with it.
                        self._queries.pop(run_id, None)
                    except Exception:
                        _log.exception("a query could be neither put to sleep nor woken")
                        self._queries.pop(run_id, None)
                self._changed.notify_all()
                self._changed.wait(self._seconds(now))
            self._thread = None

    def _seconds(self, now: float) -> float:
        """Return how many seconds the thread can wait for the next thing to do."""
        looks = [query.next_look - now if query.asleep else TICK_SECONDS for query in self._queries.values()]
        return max(TICK_SECONDS, min(looks, default=0.0))


KEEPER: Final = Keeper()


class Attention:
    """Whether somebody is at work in a workspace: then its queries are awake; afterwards, they fall asleep at once.

    Each look of a query that is awake costs processor time, which the queries of other learners need for their batches.
    """

    def __init__(self, seen: Observations) -> None:
        self._seen = seen
        self._lock = threading.Lock()
        self._at_work = 0
        self._placing = 0
        # The files of the last delivery, and until when (`time.monotonic`) queries stay awake to read them.
        self._expected: tuple[frozenset[str], float] = (frozenset(), 0.0)

    @contextmanager
    def keep_awake(self) -> Iterator[None]:
        """Keep the queries awake while the block works with them or waits for them."""
        with self._lock:
            self._at_work += 1
        try:
            KEEPER.wake(self)
            yield
        finally:
            with self._lock:
                self._at_work -= 1

    @contextmanager
    def keep_asleep(self) -> Iterator[None]:
        """Keep idle queries asleep while the block places files, so that they find all the files at one time."""
        with self._lock:
            self._placing += 1
        try:
            KEEPER.calm(self)
            yield
        finally:
            with self._lock:
                self._placing -= 1

    @property
    def must_stay_asleep(self) -> bool:
        """Whether files are being placed: then no sleeping query is woken, not even for a look."""
        with self._lock:
            return self._placing > 0

    @property
    def may_sleep(self) -> bool:
        """Whether the queries may fall asleep."""
        with self._lock:
            if self._placing:
                return True
            at_work = bool(self._at_work)
        return not at_work and not self._has_unread()

    def watch(self, run_id: str, execution: Any) -> None:
        """Watch a query that has been started in the workspace; `execution` is Spark's StreamExecution."""
        KEEPER.add(run_id, execution, self)

    def forget(self, run_id: str) -> None:
        """Forget a query that has ended."""
        KEEPER.remove(run_id)

    def expect(self, names: Iterable[str], seconds: float) -> None:
        """Keep queries awake until they have read these files, which are being delivered; at most for `seconds`."""
        self._expected = (frozenset(names), time.monotonic() + seconds)

    def _has_unread(self) -> bool:
        names, until = self._expected
        if time.monotonic() > until:
            return False
        return any(not names <= {file.name for file in run.files} for run in self._seen.runs if not run.ended)
