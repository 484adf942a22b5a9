"""A timeout for micro-batches, as cells have one: a query whose batch takes longer is stopped."""

import contextlib
import threading
from collections.abc import Collection
from dataclasses import dataclass
from typing import Any, Final

from py4j.protocol import Py4JError

from lab.engine.codegen import Generation
from lab.engine.cooldown import Cooldown
from lab.engine.failures import Failure
from lab.engine.observe import Observations
from lab.engine.tasks import Task


@dataclass
class _Query:
    execution: Any
    seen: Observations
    cooldown: Cooldown
    # The current batch: its number, when it was last looked at, and how long it had worked by then.
    batch: int | None = None
    looked_at: float = 0.0
    spent: float = 0.0
    # Whether the query was asked to stop, and when `look` first saw that.
    stopping: bool = False
    stopped_at: float | None = None
    generation: Generation | None = None

    def look(self, now: float, *, works: bool) -> float:
        """Return how long the current batch has worked, in seconds; time that it waits for a core does not count."""
        batch = self._batch_under_way()
        if batch is None or batch != self.batch:
            self.spent = 0.0
        elif works:
            self.spent += now - self.looked_at
        self.batch, self.looked_at = batch, now
        return self.spent

    def _batch_under_way(self) -> int | None:
        status = self.execution.status()
        # A query that only looks for files has no current batch.
        if not (status.isTriggerActive() and status.isDataAvailable()):
            return None
        last = self.execution.lastProgress()
        return int(last.batchId()) + 1 if last else 0


class BatchTimeouts:
    """The running queries and their current batches; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._queries: dict[str, _Query] = {}

    def add(self, run_id: str, execution: Any, seen: Observations, cooldown: Cooldown) -> None:
        """Watch a query that has been started; `execution` is Spark's StreamExecution."""
        with self._lock:
            self._queries[run_id] = _Query(execution, seen, cooldown)

    def stopping(self, run_id: str) -> None:
        """Note that somebody is stopping a query, which must end soon afterwards."""
        with self._lock:
            if run_id in self._queries:
                self._queries[run_id].stopping = True

    def end(self, run_id: str, why: Failure) -> bool:
        """Stop a query in a thread of its own; `why` is what its learner is told. Return False if it ends already."""
        with self._lock:
            query = self._queries.get(run_id)
            if query is None or query.stopping:
                return False
            query.stopping = True
        query.seen.condemn(run_id, why)
        threading.Thread(target=_stop, args=(query.execution,), name="batch-stop", daemon=True).start()
        return True

    def remove(self, run_id: str) -> None:
        """Forget a query that has ended."""
        with self._lock:
            self._queries.pop(run_id, None)

    def expect(self, seen: Observations, size: int) -> None:
        """Note that the queries of a workspace are about to read `size` bytes, and choose code generation for that."""
        with self._lock:
            queries = [query for query in self._queries.values() if query.seen is seen]
        for query in queries:
            # Its JVM may be gone, and the query with it.
            with contextlib.suppress(Py4JError, OSError):
                query.generation = query.generation or Generation(query.execution.sparkSessionForStream())
                query.generation.choose(size)

    def clear(self) -> None:
        """Forget all queries: their JVM has ended."""
        with self._lock:
            self._queries.clear()

    def look(
        self, running: Collection[Task], cores: int, asleep: Collection[str], now: float, seconds: float, more: float
    ) -> Cooldown | None:
        """Stop queries whose batch takes more than `seconds`.

        Return the Cooldown of the learner whose query has not ended `more` seconds after it was stopped, or None.
        """
        with self._lock:
            queries = [(run_id, query) for run_id, query in self._queries.items() if run_id not in asleep]
        for run_id, query in queries:
            try:
                if query.stopping:
                    query.stopped_at = now if query.stopped_at is None else query.stopped_at
                    # `isActive` is False as soon as the stop begins, so the thread is asked instead.
                    if not query.execution.queryExecutionThread().isAlive():
                        self.remove(run_id)
                    elif now - query.stopped_at > more:
                        return query.cooldown
                    continue
                # If a core is free, a batch without a running task is not waiting for one, so its time counts.
                works = len(running) < cores or any(task.run_id == run_id for task in running)
                if query.look(now, works=works) > seconds:
                    query.stopped_at = now
                    self.end(run_id, _took_too_long(seconds))
            except (Py4JError, OSError):
                # Its JVM is gone, and the query with it.
                self.remove(run_id)
        return None


def _took_too_long(seconds: float) -> Failure:
    return Failure(
        f"A batch of this query took more than {seconds:g} seconds, so the lab has stopped the query. Have each batch do "
        "less, then start it again.",
        "",
    )


def _stop(execution: Any) -> None:
    # The stop may take longer than Spark's timeout; `look` checks later whether the query has ended.
    with contextlib.suppress(Exception):
        execution.stop()


BATCH_TIMEOUTS: Final = BatchTimeouts()
