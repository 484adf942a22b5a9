"""Brings rows from Spark: not only so many of them, but so large. One row can hold as much as a disk."""

from collections.abc import Callable
from typing import Any, Final

from pyspark.errors import PySparkException
from pyspark.sql import DataFrame
from pyspark.sql import functions as F  # as everybody has it

from lab.cells.actions import within_limits
from lab.cells.advice import Refused
from lab.cells.bounds import Run
from lab.engine.conditions import TOO_LARGE
from lab.engine.small_rows import size, small_rows

# Characters of all rows together, as Spark would print them: ten thousand records are 200,000.
MAX_RESULT: Final = 5_000_000


def bring(run: Run, frame: DataFrame, rows: int, action: Callable[[Any], Any]) -> Any:
    """Return what the action gives for the first rows of a frame.

    Refused before they are brought when they are too large.
    """
    try:
        small = small_rows(frame, rows, MAX_RESULT // rows)
        return run.bring(within_limits(run, lambda: action(small), frame))
    except PySparkException as error:
        if TOO_LARGE not in str(error):
            raise
    # Fewer rows may be larger. They are kept while they are counted, so that what is counted is what is brought.
    kept = frame.limit(rows).persist()
    try:
        total = within_limits(run, lambda: kept.agg(F.sum(size())).collect()[0][0], frame)
        if total > MAX_RESULT:
            raise Refused(
                f"These rows hold {total:,} characters, and the lab brings at most {MAX_RESULT:,}. Take fewer rows with "
                "limit(), or less of each with substr()."
            )
        return run.bring(within_limits(run, lambda: action(kept)))
    finally:
        kept.unpersist()


def bring_last(run: Run, frame: DataFrame, rows: int) -> Any:
    """Return the last rows of a frame; refused when they could be too large."""
    largest = within_limits(run, lambda: frame.agg(F.max(size())).collect()[0][0]) or 0
    if largest * rows > MAX_RESULT:
        raise Refused(
            f"A row holds {largest:,} characters, too many to bring {rows} of them. Use head(1), or substr()."
        )
    return run.bring(within_limits(run, lambda: frame.tail(rows)))
