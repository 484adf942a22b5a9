"""What a cell looks for in texts, as with `contains`: a text that is written out, not the value of another column.

Spark compares it at each position of a text, and cannot be cancelled within a row. A file may hold a text of 50 MB: with
another such text to look for, one row would take days.
"""

from typing import Any, Final

from pyspark.sql import Column

from lab.cells.advice import Refused, refused

MAX_SOUGHT: Final = 1_000
_LITERAL: Final = "_lab_literal"


def remember_literal(column: Column, value: Any) -> None:
    """Store on a column that it is this value, because Spark's own object does not expose it."""
    vars(column)[_LITERAL] = value


def check_sought(where: str, value: Any) -> None:
    """Refuse to look for a column's values, or for a text of more than MAX_SOUGHT characters."""
    if isinstance(value, Column):
        if _LITERAL not in vars(value):
            raise refused_column(where)
        value = vars(value)[_LITERAL]
    if isinstance(value, str | bytes | bytearray) and len(value) > MAX_SOUGHT:
        raise refused(f"a text of {len(value):,} characters to look for", f"It has at most {MAX_SOUGHT:,}.")


def refused_column(where: str) -> Refused:
    """Return the refusal to look for the values of a column; `where` is the call."""
    return refused(f"{where} with a column to look for", "Write the text out, as in col('serverID').contains('s1').")
