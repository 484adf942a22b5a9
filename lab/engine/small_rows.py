"""Rows of which none is large, whoever asks for them: one row can hold as much as a disk."""

from pyspark.sql import Column, DataFrame
from pyspark.sql import functions as F  # as everybody has it

from lab.engine.conditions import TOO_LARGE


def small_rows(frame: DataFrame, rows: int, characters: int) -> DataFrame:
    """Return the first rows of a frame; reading them fails with TOO_LARGE at one that Spark would print in more characters.

    That is found out in the same job: a condition above a limit is not moved below it.
    """
    limited = frame.limit(rows)
    if not limited.columns:
        return limited
    small = F.when(size() <= characters, F.lit("true")).otherwise(F.raise_error(F.lit(TOO_LARGE))).cast("boolean")
    return limited.where(small)


def size() -> Column:
    """Return the characters of a row."""
    return F.length(F.struct("*").cast("string"))
