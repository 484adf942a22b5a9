"""Puts queries to sleep that have nothing to read, and wakes them where they were.

An idle query looks into its folder again after every `spark.sql.streaming.pollingDelay`, for which it takes the lock of its
progress (Spark 4.3: MicroBatchExecution.constructNextBatch, StreamExecution.awaitProgressLock). While somebody else holds
that lock, the query waits in front of it at no cost, and with all that it has: its state, its table, its place in the
stream. For everybody who asks, it is running.
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

# A query that is asleep looks into its folder this often, for what comes into it without a delivery.
LOOK_SECONDS: Final = 2.0
# How long a query stays awake after the last work in its workspace.
QUIET_SECONDS: Final = 0.1
# Short, for a query that only has a look is awake for as long, and has another one after `spark.sql.streaming.pollingDelay`.
TICK_SECONDS: Final = 0.015
WAKE_SECONDS: Final = 5.0
# How long a delivery waits for queries that are about to sleep. One that reads a batch meanwhile is not waited for.
STILL_SECONDS: Final = 0.05

# What a query says of itself when it has found nothing new (MicroBatchExecution.executeOneBatch).
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
        # With a time, though none, it takes its turn: a query that was woken for a look and waits for a core has it first.
        if not self.lock.tryLock(0, self.unit):
            return
        try:
            self.asleep, self.next_look = self._is_idle(), now + LOOK_SECONDS
        finally:
            if not self.asleep:
                self.lock.unlock()

    def is_to_wake(self, now: float) -> bool:
        return not self.attention.is_still and (now >= self.next_look or not self.attention.is_quiet(now))

    def wake(self) -> None:
        self.asleep = False
        self.lock.unlock()

    def _is_idle(self) -> bool:
        status = self.execution.status()
        return bool(self.execution.isActive()) and not status.isDataAvailable() and status.message() in _IDLE


class Keeper:
    """Holds the locks of the queries that are asleep, in a thread of its own, which ends with the last query.

    A lock belongs to a thread of the JVM, and py4j has one for each thread of Python.
    """

    def __init__(self) -> None:
        self._changed = threading.Condition()
        self._queries: dict[str, _Query] = {}
        self._thread: threading.Thread | None = None

    @property
    def asleep(self) -> frozenset[str]:
        """The runs of the queries that are asleep."""
        with self._changed:
            return frozenset(run_id for run_id, query in self._queries.items() if query.asleep)

    def add(self, run_id: str, execution: Any, attention: "Attention") -> None:
        """Take in a query that has been started; `execution` is Spark's StreamExecution."""
        with self._changed:
            unit = SparkContext._jvm.java.util.concurrent.TimeUnit.SECONDS  # type: ignore[union-attr]
            self._queries[run_id] = _Query(execution, execution.awaitProgressLock(), unit, attention)
            if self._thread is None:
                self._thread = threading.Thread(target=self._keep, name="query-keeper", daemon=True)
                self._thread.start()
            self._changed.notify_all()

    def remove(self, run_id: str) -> None:
        """Let go of a query that has ended."""
        with self._changed:
            if run_id in self._queries:
                # Its last act, of which Spark tells before it, takes the lock once more.
                self._queries[run_id].ended = True
            self._changed.notify_all()

    def wake(self, attention: "Attention") -> None:
        """Wake the queries of a workspace that somebody is at work in, and wait until they are."""
        self._wait_until(lambda: not any(query.asleep for query in self._of(attention)), WAKE_SECONDS)

    def calm(self, attention: "Attention") -> None:
        """Put the queries of a workspace to sleep that have nothing to read, and wait until they are, for a moment."""
        self._wait_until(lambda: all(query.asleep for query in self._of(attention)), STILL_SECONDS)

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
                            if query.attention.is_quiet(now):
                                query.try_to_sleep(now)
                        elif query.is_to_wake(now):
                            query.wake()
                    except (Py4JError, OSError):
                        # Its JVM is gone, and the query with it.
                        self._queries.pop(run_id, None)
                    except Exception:
                        _log.exception("a query could be neither put to sleep nor woken")
                        self._queries.pop(run_id, None)
                self._changed.notify_all()
                self._changed.wait(self._seconds(now))
            self._thread = None

    def _seconds(self, now: float) -> float:
        """Return how long there is nothing to do."""
        looks = [query.next_look - now if query.asleep else TICK_SECONDS for query in self._queries.values()]
        return max(TICK_SECONDS, min(looks, default=0.0))


KEEPER: Final = Keeper()


class Attention:
    """Whether somebody is at work in a workspace. Meanwhile its queries are awake, and soon afterwards asleep."""

    def __init__(self, seen: Observations) -> None:
        self._seen = seen
        self._lock = threading.Lock()
        self._at_work = 0
        self._placing = 0
        self._left_at = 0.0
        # What was delivered last, and until when (`time.monotonic`) queries stay awake to read it.
        self._expected: tuple[frozenset[str], float] = (frozenset(), 0.0)

    @contextmanager
    def paid(self) -> Iterator[None]:
        """While something is done with the queries, or waited for from them."""
        with self._lock:
            self._at_work += 1
        try:
            KEEPER.wake(self)
            yield
        finally:
            with self._lock:
                self._at_work -= 1
                self._left_at = time.monotonic()

    @contextmanager
    def still(self) -> Iterator[None]:
        """While files are placed: queries that have nothing to read sleep, so that they find all the files at one time."""
        with self._lock:
            self._placing += 1
        try:
            KEEPER.calm(self)
            yield
        finally:
            with self._lock:
                self._placing -= 1

    @property
    def is_still(self) -> bool:
        """Whether files are being placed: then no query that sleeps is woken, not even for a look."""
        with self._lock:
            return self._placing > 0

    def is_quiet(self, now: float) -> bool:
        """Return whether the queries may sleep; `now` is of `time.monotonic`."""
        with self._lock:
            if self._placing:
                return True
            quiet = not self._at_work and now - self._left_at > QUIET_SECONDS
        return quiet and not self._has_unread()

    def watch(self, run_id: str, execution: Any) -> None:
        """Watch a query that has been started in the workspace; `execution` is Spark's StreamExecution."""
        KEEPER.add(run_id, execution, self)

    def forget(self, run_id: str) -> None:
        """Forget a query that has ended."""
        KEEPER.remove(run_id)

    def expect(self, names: Iterable[str], seconds: float) -> None:
        """Keep queries awake until they have read these files, which are being delivered, at most for so long."""
        self._expected = (frozenset(names), time.monotonic() + seconds)

    def _has_unread(self) -> bool:
        names, until = self._expected
        if time.monotonic() > until:
            return False
        return any(not names <= {file.name for file in run.files} for run in self._seen.runs if not run.ended)
