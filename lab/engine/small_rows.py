"""A limit for the size of rows: without it, a single row could be as large as a disk."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # the usual alias

from lab.engine.conditions import TOO_LARGE


def small_rows(frame: DataFrame, rows: int, characters: int) -> DataFrame:
    """Return the first rows of a frame; reading a row that Spark would print with more characters fails with TOO_LARGE.

    The check runs in the same job: Spark does not move a filter above a limit below it.
    """
    limited = frame.limit(rows)
    if not limited.columns:
        return limited
    small = F.when(size() <= characters, F.lit("true")).otherwise(F.raise_error(F.lit(TOO_LARGE))).cast("boolean")
    return limited.where(small)


def size() -> Column:
    """Return the number of characters of a row, as Spark prints it."""
    return F.length(F.struct("*").cast("string"))
