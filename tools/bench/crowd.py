"""A class on one JVM: all deliver at once, all are idle, and the cost of one more learner."""

import gc
import time
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from threading import Barrier
from typing import TYPE_CHECKING, Any, Final

from lab.dataset import PAIRS
from lab.lesson.steps import answering
from tools.bench.ground import Ground, deliver, learning, write_log_file

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pyspark.sql import SparkSession

    from lab.judge.handout import HandoutWorkspace

VOLUME: Final = answering("volume").id
LOG: Final = answering("log").id
# Collect until a collection frees less than this, or so many times: Spark releases things only when Java's garbage
# collector reports them as unused.
FREED_BYTES: Final = 100_000
COLLECTIONS: Final = 20
PAUSE_SECONDS: Final = 0.5


@dataclass(frozen=True)
class Idle:
    """CPU of idle learners, in percent of one core."""

    java: float
    python: float

    @property
    def together(self) -> float:
        """The CPU of Java and Python together."""
        return self.java + self.python


@dataclass(frozen=True)
class Memory:
    """What one more learner costs in the JVM, in bytes: on the heap after a collection, and outside the heap."""

    heap: float
    outside: float


def burst(ground: Ground, learners: int, rounds: int) -> tuple[float, ...]:
    """Have all deliver at once, in each round; return each delivery's seconds until its result can be read."""
    with _class(ground, learners, VOLUME) as workspaces:
        for workspace in workspaces:
            write_log_file(workspace, "warm.csv")
            deliver(workspace, "warm.csv")
        return tuple(spent for number in range(rounds) for spent in _all_at_once(workspaces, f"round-{number}.csv"))


def _all_at_once(workspaces: "Sequence[HandoutWorkspace]", name: str) -> list[float]:
    for workspace in workspaces:
        write_log_file(workspace, name)
    together = Barrier(len(workspaces))

    def one(workspace: "HandoutWorkspace") -> float:
        together.wait()
        return deliver(workspace, name)

    with ThreadPoolExecutor(len(workspaces)) as pool:
        return list(pool.map(one, workspaces))


def idle(ground: Ground, learners: int, seconds: float, *, delivered: bool) -> Idle:
    """Measure the CPU while everybody's query runs and has nothing to do, after two deliveries if `delivered`.

    The measurement takes `seconds`. A quarter of that passes before it begins, so that the work after a batch is over.
    """
    with _class(ground, learners, VOLUME) as workspaces:
        if delivered:
            _deliver_pairs(workspaces)
        time.sleep(seconds / 4)
        java, python, begin = _java_seconds(ground.root), time.process_time(), time.perf_counter()
        time.sleep(seconds)
        percent = 100 / (time.perf_counter() - begin)
        return Idle((_java_seconds(ground.root) - java) * percent, (time.process_time() - python) * percent)


def memory(ground: Ground, few: int, many: int) -> Memory:
    """Measure what one more learner with both queries and both pairs costs: with few learners, then with many."""
    with _class(ground, few, VOLUME, LOG) as workspaces:
        _deliver_pairs(workspaces)
        heap, outside = _used(ground.root)
        with _class(ground, many - few, VOLUME, LOG, first=few) as further:
            _deliver_pairs(further)
            more_heap, more_outside = _used(ground.root)
    return Memory((more_heap - heap) / (many - few), (more_outside - outside) / (many - few))


@contextmanager
def _class(ground: Ground, learners: int, *steps: str, first: int = 0) -> "Iterator[Sequence[HandoutWorkspace]]":
    with ExitStack() as stack:
        yield [stack.enter_context(learning(ground, f"learner-{first + n}", *steps)) for n in range(learners)]


def _deliver_pairs(workspaces: "Sequence[HandoutWorkspace]") -> None:
    for workspace in workspaces:
        for pair in PAIRS:
            deliver(workspace, *pair.files)


def _java_seconds(root: "SparkSession") -> float:
    """Return the JVM's CPU seconds on all cores so far; Java knows them on every system."""
    jvm: Any = root._jvm
    spent: float = jvm.java.lang.ProcessHandle.current().info().totalCpuDuration().get().toMillis() / 1000
    return spent


def _used(root: "SparkSession") -> tuple[int, int]:
    """Return the bytes in use on the JVM's heap and outside of it, after collecting what is unreachable."""
    jvm: Any = root._jvm
    beans = jvm.java.lang.management.ManagementFactory.getMemoryMXBean()
    heap: int = beans.getHeapMemoryUsage().getUsed()
    for _ in range(COLLECTIONS):
        gc.collect()  # a JVM object stays in use as long as Python refers to it
        jvm.java.lang.System.gc()
        before, heap = heap, beans.getHeapMemoryUsage().getUsed()
        if before - heap < FREED_BYTES:
            break
        time.sleep(PAUSE_SECONDS)
    outside: int = beans.getNonHeapMemoryUsage().getUsed()
    return heap, outside
