"""A parser for results as people write them: rows of a server and a value, in tables, lists or sentences.

It executes nothing. A page and a grade parse a result with the same code, so they cannot disagree. It finds rows only
by their form and never searches for an expected number. It reports what is neither a row nor plain prose, and never
skips it.
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
