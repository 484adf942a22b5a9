"""Rows of a server and a value, read from text as people write results: tables, lists, sentences; nothing is executed.

A page and a grade read a result by the same code, so they cannot disagree. Rows are found by their form alone: no
expected number is searched for, and what is neither a row nor plain prose is named, never skipped.
"""

from lab.judge.rows.lines import read_rows
from lab.judge.rows.markup import has_picture
from lab.judge.rows.row import MAX_TEXT, Kind, OddLine, Reading, Row
from lab.judge.rows.values import UnreadableError, all_rows, server_of, timestamp_of, volume_of

__all__ = [
    "MAX_TEXT",
    "Kind",
    "OddLine",
    "Reading",
    "Row",
    "UnreadableError",
    "all_rows",
    "has_picture",
    "read_rows",
    "server_of",
    "timestamp_of",
    "volume_of",
]
