"""Reruns of notebooks in a separate process, so that one which crashes Python or Java does not affect the others.

The limits of the cell reader should hold. If one does not, the process is ended, that notebook is not graded, and the
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


# Submissions and reruns contain mapping proxies, which Python cannot pickle by default.
ForkingPickler.register(MappingProxyType, lambda proxy: (_proxy, (dict(proxy),)))


class ProcessRuns:
    """Runs notebooks with the cell reader in a separate process; see `grade.RunsAgain`. Close it at the end."""

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
        """Run a notebook. Raise LabError with the reason if it cannot be run, also when the process ends during it."""
        if self._connection is None:
            self.start()
        if self._connection:
            # If the process has ended since, `_answer` notices and says so.
            with suppress(OSError):
                self._connection.send((submission, dataset))
        result = self._answer(ATTEMPTS * (WAIT_SECONDS + self._time_limit + GRACE_SECONDS))
        if not isinstance(result, Rerun):
            raise TypeError(f"{type(result).__name__} is no rerun")
        return result

    def interrupt(self) -> None:
        """Kill the process from another thread, even in the middle of a notebook; the waiting call raises LabError."""
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
        """Return what the process sends; kill it and raise LabError after a timeout of `seconds`."""
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
    """Return in words how a process has ended, from its exit code."""
    if code is not None and code < 0:
        with suppress(ValueError):
            return signal.Signals(-code).name
    return f"exit code {code}"


def _send(connection: "Connection[Any, Any]", answer: object) -> None:
    """Send an answer; if it cannot be pickled, send the error, so that the other side need not wait for the timeout."""
    with suppress(OSError):  # the other side has gone
        try:
            connection.send(answer)
        except (pickle.PicklingError, TypeError, AttributeError) as error:
            connection.send(RuntimeError(f"What came of the notebook cannot be sent: {error}"))


def _serve(connection: "Connection[Any, Any]", time_limit: float) -> None:
    """Run the notebooks that are sent, until the other side closes the connection.

    Another thread does the work. This one waits on the connection, so it notices its end even during a notebook.
    """
    # Ctrl+C in the terminal reaches this process, too. Ignore it: the parent process ends this one.
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
        # Do not wait for the worker thread, which may be in the middle of a cell.
        os._exit(0)
