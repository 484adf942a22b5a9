"""A timeout for Spark jobs: jobs that take longer are cancelled."""

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
    """Cancel the jobs of this thread after some seconds; yield an event that is set when that happens.

    A job that goes on in spite of this is left to the watchdog.
    """
    late = threading.Event()
    context = SparkContext._active_spark_context
    if context is None:
        yield late
        return
    tag = f"bounded-{uuid.uuid4().hex}"
    done = threading.Event()
    # A tag belongs to this thread, and to the jobs that it submits from now on.
    context.addJobTag(tag)
    threading.Thread(target=_watch, args=(context, tag, seconds, done, late), daemon=True, name="job-watch").start()
    try:
        yield late
    finally:
        done.set()
        with contextlib.suppress(Exception):  # if the JVM has died, the caller's action has already raised that
            context.removeJobTag(tag)


def _watch(context: SparkContext, tag: str, seconds: float, done: threading.Event, late: threading.Event) -> None:
    if done.wait(seconds):
        return
    late.set()
    with contextlib.suppress(Exception):  # if the JVM has died, there is nothing left to cancel
        context.cancelJobsWithTag(tag)
        while not done.wait(_CANCEL_AGAIN_SECONDS):
            context.cancelJobsWithTag(tag)
