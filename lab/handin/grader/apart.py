"""Runs notebooks again in a process of their own: whatever one does to Python or Java, the others are graded.

The bounds of the cell reader are meant to hold. Where one does not, the process ends, the notebook is not graded, and the
next one gets a new process with a new Spark.
"""

import logging
import os
import pickle
import signal
import threading
from contextlib import suppress
from multiprocessing import get_context
from multiprocessing.connection import Connection, wait
from multiprocessing.reduction import ForkingPickler
from types import MappingProxyType
from typing import TYPE_CHECKING, Any

from lab.dataset import Dataset
from lab.engine.engine import STOP_SECONDS, WAIT_SECONDS
from lab.errors import LabError
from lab.handin.grader.grade import ATTEMPTS, GRACE_SECONDS, CellReaderRuns
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.submission import Submission
from lab.lesson.warm_up import lesson_engine

if TYPE_CHECKING:
    from multiprocessing.context import SpawnProcess

_log = logging.getLogger(__name__)


def _proxy(mapping: dict[Any, Any]) -> MappingProxyType[Any, Any]:
    return MappingProxyType(mapping)


# Submissions and reruns hold some, which Python cannot send by itself.
ForkingPickler.register(MappingProxyType, lambda proxy: (_proxy, (dict(proxy),)))


class RunsApart:
    """Runs notebooks with the cell reader in a process of its own; see `grade.RunsAgain`. Close it at the end."""

    def __init__(self, time_limit: float) -> None:
        self._time_limit = time_limit
        self._process: SpawnProcess | None = None
        self._connection: Connection[Any, Any] | None = None

    def start(self) -> None:
        """Start the process and its Spark. Raise LabError if Spark does not start."""
        context = get_context("spawn")
        ours, theirs = context.Pipe()
        self._process = context.Process(target=_serve, args=(theirs, self._time_limit), name="grade", daemon=True)
        self._process.start()
        theirs.close()
        self._connection = ours
        self._answer(WAIT_SECONDS + STOP_SECONDS)

    def __call__(self, submission: Submission, dataset: Dataset) -> Rerun:
        """Run it. Raise LabError with why it cannot be, also when the process has ended with it."""
        if self._connection is None:
            self.start()
        if self._connection:
            # Should it have ended since, the answer says so.
            with suppress(OSError):
                self._connection.send((submission, dataset))
        result = self._answer(ATTEMPTS * (WAIT_SECONDS + self._time_limit + GRACE_SECONDS))
        if not isinstance(result, Rerun):
            raise TypeError(f"{type(result).__name__} is no rerun")
        return result

    def interrupt(self) -> None:
        """End the process in the middle of a notebook, from another thread: who waits for that one gets a LabError."""
        if process := self._process:
            process.kill()

    def close(self) -> None:
        """End the process, and its Spark with it."""
        process, self._process = self._process, None
        connection, self._connection = self._connection, None
        if connection:
            connection.close()
        if process:
            process.join(2 * STOP_SECONDS)
            process.kill()
            process.join()

    def _answer(self, seconds: float) -> object:
        """Return what the process sends within some seconds; it is ended if it sends nothing."""
        if not self._process or not self._connection:
            raise RuntimeError("the process was not started")
        ended = f"after {seconds:g} seconds without an answer"
        if wait([self._connection, self._process.sentinel], seconds):
            try:
                answer = self._connection.recv()
            except (EOFError, OSError):
                self._process.join(STOP_SECONDS)
                ended = _how(self._process.exitcode)
            else:
                if isinstance(answer, Exception):
                    raise answer
                return answer
        process, self._process, self._connection = self._process, None, None
        process.kill()
        process.join()
        raise LabError(f"The process that ran this notebook was ended ({ended}).", "Look at it yourself.")


def _how(code: int | None) -> str:
    """Return how a process has ended, by its exit code."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _send(connection: "Connection[Any, Any]", answer: object) -> None:
    """Send an answer or, if it cannot be sent, why: else the other side would wait until its time is over."""
    with suppress(OSError):  # nobody is there any more
        try:
            connection.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            connection.send(RuntimeError(f"What came of the notebook cannot be sent: {error}"))


def _serve(connection: "Connection[Any, Any]", time_limit: float) -> None:
    """Run what is sent, until nobody is there to send anything.

    A thread does the work. This one waits, so that the end of the other side is noticed at once, in mid-notebook too.
    """
    # Ctrl+C in the terminal reaches this process, too; the other one ends it.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    engine = lesson_engine()
    run = CellReaderRuns(engine, time_limit)

    def work(job: tuple[Submission, Dataset] | None) -> None:
        answer: object
        try:
            answer = run(*job) if job else engine.wait().version
        except LabError as error:
            answer = error
        except Exception as error:
            _log.exception("a notebook could not be run")
            answer = RuntimeError(f"{type(error).__name__}: {error}")
        _send(connection, answer)

    job = None
    try:
        while True:
            threading.Thread(target=work, args=(job,), daemon=True).start()
            job = connection.recv()
    except (EOFError, OSError):
        engine.stop()
        # A thread may be in the middle of a cell.
        os._exit(0)
