"""The rows of a text, prepared for comparison: all of them, as numbers, or an error that says what is wrong."""

import math
import re
from collections.abc import Iterable

from lab.judge.rows.lines import read_rows
from lab.judge.rows.row import MAX_SHOWN, Kind, OddLine, Row
from lab.judge.rows.sentence import number_of


class UnreadableError(Exception):
    """A line of a result that does not have the required form."""


def all_rows(text: str, kind: Kind) -> tuple[Row, ...]:
    """Return all rows of a text.

    Raise UnreadableError for the first line that cannot be read, or when there are no rows.
    """
    reading = read_rows(text, kind)
    odd = reading.odd
    if not reading.rows and not odd:
        number, line = next((each for each in enumerate(text.splitlines(), start=1) if each[1].strip()), (1, text))
        odd = (OddLine(number, line.strip()[:MAX_SHOWN]),)
    if odd:
        raise UnreadableError(f"Line {odd[0].line}, {odd[0].text!r}, {odd[0].why}.")
    return reading.rows


def volume_of(row: Row) -> float:
    """Return the volume of a row; raise UnreadableError if the value is not a number."""
    number = number_of(row.value)
    # Python reads "nan" and "inf" as numbers, but they cannot be compared with a volume.
    if number is None or not math.isfinite(number):
        raise UnreadableError(f"Line {row.line}: {row.value!r} is not a number.")
    return number


def timestamp_of(row: Row) -> int:
    """Return the timestamp of a row; raise UnreadableError if the value is not a whole number."""
    if not re.fullmatch(r"t?[0-9]{1,9}", row.value):
        raise UnreadableError(f"Line {row.line}: {row.value!r} is not a timestamp, which is a whole number.")
    return int(row.value.removeprefix("t"))


def server_of(row: Row, known: Iterable[str]) -> str:
    """Return the server of a row; a known one is found in any letter case."""
    names = sorted(known)
    same = (name for name in names if name.lower() == row.server.lower())
    return row.server if row.server in names else next(same, row.server)
