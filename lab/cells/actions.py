"""Timeouts for Spark actions: an action that takes too long is cancelled, in Spark too."""

import threading
import time
from collections.abc import Callable
from typing import Any

from pyspark.sql import DataFrame

from lab.cells.advice import Refused
from lab.cells.bounds import Run
from lab.engine.bounded import bounded
from lab.engine.codegen import generated_if_worth_it


def within_limits(run: Run, action: Callable[[], Any], frame: DataFrame | None = None) -> Any:
    """Return the result of an action, such as a job on a frame; on timeout cancel its jobs and raise Refused."""
    seconds = seconds_left(run)
    with bounded(seconds) as late:
        try:
            if frame is None or frame.isStreaming:
                return action()
            with generated_if_worth_it(frame):
                return action()
        except Exception:
            if late.is_set():
                raise Refused(
                    f"{_time_taken(run, seconds)}, so the lab has cancelled it. Look at fewer rows, or join on fewer equal "
                    "values."
                ) from None
            raise


def wait_for(run: Run, action: Callable[[], Any], words: str) -> Any:
    """Return the result of an action that waits for something else; on timeout raise Refused, but let it go on."""
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
        taken = _time_taken(run, seconds, words)
        raise Refused(f"{taken}, so the cell no longer waits. The query goes on.")
    return results[0]()


def seconds_left(run: Run) -> float:
    """Return how many seconds the next action may take."""
    left = run.limits.cell_seconds - (time.monotonic() - run.began)
    return max(0.1, min(run.limits.action_seconds, left))


def _time_taken(run: Run, seconds: float, what: str = "This") -> str:
    """Return the start of a timeout message: the action took too long, or the cell as a whole did."""
    if seconds < run.limits.action_seconds:
        what, seconds = "This cell", run.limits.cell_seconds
    return f"{what} took more than {round(seconds, 1):g} seconds"


def _raise(error: Exception) -> None:
    raise error
