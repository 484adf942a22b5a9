"""The server's resources, measured from outside while a class is there, and from inside when it is empty."""

import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field

import psutil

from .server import Server

SAMPLE_SECONDS = 2.0
MEGABYTE = 1_000_000
# A leak grows with the class. These pools do not: they fill up to their limit.
SPARE_THREADS = 4
SPARE_FILES = 8


@dataclass(frozen=True)
class Sample:
    """One sample: CPU in percent of one core since the sample before, memory in megabytes."""

    at: float
    python_cpu: float
    jvm_cpu: float
    clients_cpu: float
    python_memory: float
    jvm_memory: float
    threads: int
    files: int


@dataclass(frozen=True)
class Census:
    """What the server holds when nobody is there; `files` are open files and sockets without those of the store."""

    threads: int
    files: int
    processes: int
    # Paths below the folder for temporary files.
    stored: frozenset[str]
    python_memory: float
    jvm_memory: float
    inside: Mapping[str, object] = field(repr=False)

    def more_files(self, before: "Census") -> tuple[str, ...]:
        """Return the new paths on the disk, without Spark's block folders, whose number is limited."""
        return tuple(sorted(name for name in self.stored - before.stored if "/blockmgr-" not in name))

    def is_at_rest(self, before: "Census") -> bool:
        """Return whether everything that ends by itself after a while has ended."""
        return (
            self.threads <= before.threads + SPARE_THREADS
            and self.files <= before.files + SPARE_FILES
            and self.processes <= before.processes
            and not self.more_files(before)
        )


class Sampler:
    """Takes samples from its creation until it is stopped."""

    def __init__(self, server: Server) -> None:
        self.samples: list[Sample] = []
        self._python = psutil.Process(server.process.pid)
        self._jvm = jvm_of(self._python)
        self._clients = psutil.Process()
        self._begin = time.monotonic()
        self._stopped = threading.Event()
        self._thread = threading.Thread(target=self._sample, daemon=True)
        self._thread.start()

    def stop(self) -> None:
        """Stop taking samples."""
        self._stopped.set()
        self._thread.join()

    def _sample(self) -> None:
        for process in (self._python, self._jvm, self._clients):
            process.cpu_percent()
        while not self._stopped.wait(SAMPLE_SECONDS):
            try:
                self.samples.append(self._now())
            except psutil.NoSuchProcess:
                return

    def _now(self) -> Sample:
        return Sample(
            time.monotonic() - self._begin,
            self._python.cpu_percent(),
            self._jvm.cpu_percent(),
            self._clients.cpu_percent(),
            self._python.memory_info().rss / MEGABYTE,
            self._jvm.memory_info().rss / MEGABYTE,
            self._python.num_threads(),
            self._python.num_fds(),
        )


def jvm_of(process: psutil.Process) -> psutil.Process:
    """Return the JVM of the server."""
    return next(child for child in process.children() if child.name() == "java")


def _of_store(server: Server, process: psutil.Process) -> int:
    """Return how many open files are the store's, whose connection pool has its own limit."""
    return sum(file.path.startswith(str(server.store)) for file in process.open_files())


def take_census(server: Server) -> Census:
    """Count what the server holds now."""
    inside = server.ask(look=True)
    process = psutil.Process(server.process.pid)
    stored = frozenset(str(path.relative_to(server.temporary)) for path in server.temporary.rglob("*"))
    return Census(
        process.num_threads(),
        process.num_fds() - _of_store(server, process),
        len(process.children(recursive=True)),
        stored,
        process.memory_info().rss / MEGABYTE,
        jvm_of(process).memory_info().rss / MEGABYTE,
        inside,
    )
