"""The rows of a text as whoever compares them needs them: all of them, as numbers, or a sentence that says what is wrong."""

import math
import re
from collections.abc import Iterable

from lab.judge.rows.lines import read_rows
from lab.judge.rows.row import MAX_SHOWN, Kind, OddLine, Row
from lab.judge.rows.sentence import number_of


class UnreadableError(Exception):
    """A line of a result that is not of the form asked for."""


def all_rows(text: str, kind: Kind) -> tuple[Row, ...]:
    """Return the rows of a text of which every line is understood.

    Raises UnreadableError that names the first that is not.
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
    """Return the volume of a row; raises UnreadableError if it is none."""
    number = number_of(row.value)
    # "nan" and "inf" are numbers to Python, and compare with nothing.
    if number is None or not math.isfinite(number):
        raise UnreadableError(f"Line {row.line}: {row.value!r} is not a number.")
    return number


def timestamp_of(row: Row) -> int:
    """Return the timestamp of a row; raises UnreadableError if it is none."""
    if not re.fullmatch(r"t?[0-9]{1,9}", row.value):
        raise UnreadableError(f"Line {row.line}: {row.value!r} is not a timestamp, which is a whole number.")
    return int(row.value.removeprefix("t"))


def server_of(row: Row, known: Iterable[str]) -> str:
    """Return the server of a row: of the known ones also if it was written with other capitals."""
    names = sorted(known)
    same = (name for name in names if name.lower() == row.server.lower())
    return row.server if row.server in names else next(same, row.server)
