"""The export of a course as a file, and the reader for uploaded exports, which returns rows or raises LabError."""

import csv
import io
import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import astuple
from types import MappingProxyType
from typing import Any, Final

import pyarrow as pa
from pyarrow import parquet

from lab.course.export import COLUMNS, MAX_NUMBER, OUTCOMES, Fact
from lab.errors import LabError

# A class of 300 that tries each step twenty times has 60,000 rows.
MAX_ROWS: Final = 200_000
MAX_BYTES: Final = 20_000_000
_MAX_ID: Final = 60
_AGAIN: Final = "Take the CSV file that this page has given, as it is."
_INTEGER: Final = re.compile(r"\d{1,9}")
_ID: Final = re.compile(r"[a-z0-9-]+")
_KINDS: Final = frozenset({"attempt", "hint", "solution", "reset", "prediction", "vote"})
_OUTCOMES: Final = OUTCOMES | {"right", "wrong", "skipped"}
_SCHEMA: Final = pa.schema(
    [
        pa.field("learner", pa.int32(), nullable=False),
        pa.field("kind", pa.string(), nullable=False),
        pa.field("about", pa.string(), nullable=False),
        pa.field("number", pa.int32(), nullable=False),
        pa.field("outcome", pa.string(), nullable=False),
        pa.field("mistake", pa.string(), nullable=False),
        pa.field("worked", pa.int32()),
        pa.field("since_begin", pa.int32()),
    ]
)


def to_csv(facts: Sequence[Fact]) -> bytes:
    """Return the table as CSV."""
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\n")
    writer.writerow(COLUMNS)
    writer.writerows(map(astuple, facts))
    return text.getvalue().encode()


def to_parquet(facts: Sequence[Fact]) -> bytes:
    """Return the same table as Parquet, with a description in the metadata of each column."""
    columns = list(zip(*map(astuple, facts), strict=True)) or [()] * len(_SCHEMA)
    described = pa.schema([field.with_metadata({"description": COLUMNS[field.name]}) for field in _SCHEMA])
    table = pa.table(
        [pa.array(column, field.type) for column, field in zip(columns, described, strict=True)], described
    )
    file = io.BytesIO()
    parquet.write_table(table, file)
    return file.getvalue()


def read_csv(name: str, data: bytes) -> tuple[Fact, ...]:
    """Read an export; raise LabError with what is wrong with the file, and in which line."""
    if len(data) > MAX_BYTES:
        raise LabError(f"{name} has {len(data) / 1e6:,.0f} MB, more than an export has.", _AGAIN)
    try:
        text = data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise LabError(f"{name} is no text in UTF-8, so it is no export as CSV.", _AGAIN) from error
    lines = csv.reader(io.StringIO(text, newline=""), strict=True)
    facts: list[Fact] = []
    try:
        if next(lines, None) != list(COLUMNS):
            raise LabError(f"{name} does not begin with the columns of an export: {', '.join(COLUMNS)}.", _AGAIN)
        for row in lines:
            if len(facts) >= MAX_ROWS:
                raise LabError(f"{name} has more than {MAX_ROWS:,} rows, as no export has.", _AGAIN)
            facts.append(_fact(name, lines.line_num, row))
    except csv.Error as error:
        raise LabError(f"{name} is no CSV in line {lines.line_num}: {error}.", _AGAIN) from error
    return tuple(facts)


def _fact(name: str, line: int, row: Sequence[str]) -> Fact:
    if len(row) != len(COLUMNS):
        raise LabError(f"Line {line} of {name} has {len(row)} values, expected {len(COLUMNS)}.", _AGAIN)
    values = {}
    for column, text in zip(COLUMNS, row, strict=True):
        is_right, read = _READERS[column]
        if not is_right(text):
            raise LabError(f"Line {line} of {name} has {text[:40]!r} as {column}, as no export has.", _AGAIN)
        values[column] = read(text)
    return Fact(**values)


def _is_id(text: str) -> bool:
    return len(text) <= _MAX_ID and _ID.fullmatch(text) is not None


def _is_number(text: str) -> bool:
    return _INTEGER.fullmatch(text) is not None and text.isascii()


def _is_seconds(text: str) -> bool:
    return not text or _is_number(text)


def _seconds(text: str) -> int | None:
    return int(text) if text else None


# For each column: whether a text is valid there, and how to convert it.
_READERS: Final[Mapping[str, tuple[Callable[[str], bool], Callable[[str], Any]]]] = MappingProxyType(
    {
        "learner": (lambda text: _is_number(text) and int(text) <= MAX_NUMBER, int),
        "kind": (_KINDS.__contains__, str),
        "about": (_is_id, str),
        "number": (_is_number, int),
        "outcome": (_OUTCOMES.__contains__, str),
        "mistake": (lambda text: not text or _is_id(text), str),
        "worked": (_is_seconds, _seconds),
        "since_begin": (_is_seconds, _seconds),
    }
)
