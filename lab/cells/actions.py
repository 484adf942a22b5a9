"""Lets Spark work for a bounded time: what takes longer is cancelled, in Spark too."""

import contextlib
import threading
import time
import uuid
from collections.abc import Callable
from typing import Any, Final

from pyspark import SparkContext

from lab.cells.advice import Refused
from lab.cells.bounds import Run

# A job that is submitted after the first cancellation is cancelled by a later one.
_CANCEL_AGAIN_SECONDS: Final = 0.2


def within_limits(run: Run, action: Callable[[], Any]) -> Any:
    """What the action gives; the jobs of one that takes too long are cancelled."""
    context = SparkContext._active_spark_context
    if context is None:
        return action()
    seconds = seconds_left(run)
    tag = f"cell-{uuid.uuid4().hex}"
    watch = _Watch(context, tag, seconds)
    # A tag belongs to the thread, and to the jobs that it submits from here on.
    context.addJobTag(tag)
    watch.start()
    try:
        return action()
    except Exception:
        if watch.late:
            raise Refused(
                f"This took more than {seconds:g} seconds, so the lab has cancelled it. Look at fewer rows, or join on "
                "fewer equal values."
            ) from None
        raise
    finally:
        watch.done.set()
        with contextlib.suppress(Exception):  # when the JVM has died, the action has said so
            context.removeJobTag(tag)


def wait_for(run: Run, action: Callable[[], Any], words: str) -> Any:
    """What an action gives that waits for something else; it is left alone when it takes too long."""
    seconds = seconds_left(run)
    results: list[Callable[[], Any]] = []

    def perform() -> None:
        try:
            value = action()
        except Exception as error:
            failure = error
            results.append(lambda: _raise(failure))
        else:
            results.append(lambda: value)

    thread = threading.Thread(target=perform, daemon=True, name="cell-wait")
    thread.start()
    thread.join(seconds)
    if not results:
        raise Refused(f"{words} took more than {seconds:g} seconds, so the cell no longer waits. The query goes on.")
    return results[0]()


def seconds_left(run: Run) -> float:
    """How long the next action may take."""
    left = run.limits.cell_seconds - (time.monotonic() - run.began)
    return max(0.1, min(run.limits.action_seconds, left))


def _raise(error: Exception) -> None:
    raise error


class _Watch:
    """Cancels the jobs of a tag when the time is over.

    It has a thread, and is none: `threading.Thread` may use any name itself, as `_context` since Python 3.14.
    """

    def __init__(self, context: SparkContext, tag: str, seconds: float) -> None:
        self._context = context
        self._tag = tag
        self._seconds = seconds
        self.done = threading.Event()
        self.late = False

    def start(self) -> None:
        threading.Thread(target=self._run, daemon=True, name="cell-watch").start()

    def _run(self) -> None:
        if self.done.wait(self._seconds):
            return
        self.late = True
        with contextlib.suppress(Exception):  # when the JVM has died, there is nothing left to cancel
            self._context.cancelJobsWithTag(self._tag)
            while not self.done.wait(_CANCEL_AGAIN_SECONDS):
                self._context.cancelJobsWithTag(self._tag)
