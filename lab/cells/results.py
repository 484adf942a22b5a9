"""Rows brought from Spark, limited in number and in size: a single row can be as large as a disk."""

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

# Characters of all rows together, as Spark would print them. Ten thousand records have 200,000.
MAX_RESULT: Final = 5_000_000


def bring(run: Run, frame: DataFrame, rows: int, action: Callable[[Any], Any]) -> Any:
    """Return the result of the action on the first rows of a frame.

    Raise Refused before rows that are too large are brought.
    """
    try:
        small = small_rows(frame, rows, MAX_RESULT // rows)
        return run.bring(within_limits(run, lambda: action(small), frame))
    except PySparkException as error:
        if TOO_LARGE not in str(error):
            raise
    # Fewer rows may be larger each. They are persisted, so that the rows measured are the rows brought.
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
    """Return the last rows of a frame; raise Refused when they could be too large."""
    largest = within_limits(run, lambda: frame.agg(F.max(size())).collect()[0][0]) or 0
    if largest * rows > MAX_RESULT:
        raise Refused(
            f"A row holds {largest:,} characters, too many to bring {rows} of them. Use head(1), or substr()."
        )
    return run.bring(within_limits(run, lambda: frame.tail(rows)))
