"""Lets Spark work for a bounded time: the jobs of what takes longer are cancelled."""

import contextlib
import threading
import uuid
from collections.abc import Iterator
from typing import Final

from pyspark import SparkContext

# A job that is submitted after the first cancellation is cancelled by a later one.
_CANCEL_AGAIN_SECONDS: Final = 0.2


@contextlib.contextmanager
def bounded(seconds: float) -> Iterator[threading.Event]:
    """Cancel the jobs of this thread after so many seconds; gives an event that says whether that was done.

    What goes on all the same is the watchdog's.
    """
    late = threading.Event()
    context = SparkContext._active_spark_context
    if context is None:
        yield late
        return
    tag = f"bounded-{uuid.uuid4().hex}"
    done = threading.Event()
    # A tag belongs to the thread, and to the jobs that it submits from here on.
    context.addJobTag(tag)
    threading.Thread(target=_watch, args=(context, tag, seconds, done, late), daemon=True, name="job-watch").start()
    try:
        yield late
    finally:
        done.set()
        with contextlib.suppress(Exception):  # when the JVM has died, what was done has said so
            context.removeJobTag(tag)


def _watch(context: SparkContext, tag: str, seconds: float, done: threading.Event, late: threading.Event) -> None:
    if done.wait(seconds):
        return
    late.set()
    with contextlib.suppress(Exception):  # when the JVM has died, there is nothing left to cancel
        context.cancelJobsWithTag(tag)
        while not done.wait(_CANCEL_AGAIN_SECONDS):
            context.cancelJobsWithTag(tag)
