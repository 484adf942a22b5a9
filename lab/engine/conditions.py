"""Spark's error conditions, recognised by their text: the only place that searches in Spark's messages."""

import re
from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

# The error message for a row that is too large to collect (lab.engine.small_rows).
TOO_LARGE: Final = "lab: a row is too large"

# Names of conditions, classes or pieces of text, in one line where `.*` is between them; never `_LEGACY_ERROR_TEMP_*`,
# which Spark renames between releases.
_PATTERNS: Final = {
    "sorted-stream": r"Sorting is not supported on streaming",
    "already-active": r"Cannot start query with name|already active",
    "no-table": r"TABLE_OR_VIEW_NOT_FOUND",
    "action-on-stream": r"queries with streaming sources(?: must be executed with writeStream)?",
    "no-schema": r"Schema must be specified",
    "types": r"DATATYPE_MISMATCH",
    "types-of-sum": r"DATATYPE_MISMATCH.*(sum|avg)\(.*BOOLEAN",
    "types-of-count-if": r"DATATYPE_MISMATCH.*count_if\(",
    "types-of-times": r"DATATYPE_MISMATCH.*\"\(?(TIMESTAMP|DATE|INTERVAL)",
    "cast": r"CAST_INVALID_INPUT",
    "cast-of-severity": r"CAST_INVALID_INPUT.*SEV\d",
    "divided-by-zero": r"DIVIDE_BY_ZERO",
    "disk-full": r"No space left on device",
    "no-memory": r"OutOfMemoryError|Java heap space",
    "no-path": r"PATH_NOT_FOUND|Path does not exist",
    "path-exists": r"PATH_ALREADY_EXISTS",
    "path-left-out": r"'path' is not specified",
    "file-gone": r"FileNotFoundException",
    "permission": r"Permission denied|AccessControlException",
    "spark-gone": r"Py4JNetworkError|Connection(Refused|Reset)?Error|Connection refused|Answer from Java side is empty"
    r"|SparkContext was shut down",
    "bool-for-column": r"(?:should be (a )?Column or str, got|NOT_COLUMN_OR_STR).*bool",
    "column-as-bool": r"CANNOT_CONVERT_COLUMN_INTO_BOOL",
    "write-on-stream": r"CALL_ON_STREAMING_DATASET_UNSUPPORTED",
    "stream-of-batch": r"WRITE_STREAM_NOT_ALLOWED",
    "no-type": r"should be an instance of .*DataType",
    "type-not-parsed": r"CANNOT_PARSE_DATATYPE",
    "not-parsed": r"PARSE_SYNTAX_ERROR",
    "no-query-name": r"queryName must be specified for memory sink",
    "no-such-mode": r"STREAMING_OUTPUT_MODE\.INVALID\b",
    "mode-of-sink": r"STREAMING_OUTPUT_MODE.UNSUPPORTED_DATASOURCE",
    "mode-of-operation": r"STREAMING_OUTPUT_MODE\.UNSUPPORTED_OPERATION",
    "append-mode": r"\A(?=[\s\S]*STREAMING_OUTPUT_MODE)(?=[\s\S]*append)",
    "other-state": r"STATE_STORE_.*NOT_COMPATIBLE",
    "checkpoint-left-out": r"checkpointLocation must be specified",
    "row-too-large": TOO_LARGE,
}
# The parts of each pattern between `.*`. Whoever raises an error in a cell writes its text, and Python would try each
# part at each place of the earlier ones: 48,000 characters would hold its lock for minutes.
_CONDITIONS: Final[Mapping[str, tuple[re.Pattern[str], ...]]] = MappingProxyType(
    {
        code: tuple(re.compile(part, re.IGNORECASE) for part in pattern.split(".*"))
        for code, pattern in _PATTERNS.items()
    }
)
_IN_THE_WAY: Final = re.compile(r"Cannot start query with name (\w+)")
_TABLE: Final = re.compile(r"table or view `(\w+)`")


def is_condition(code: str, text: str) -> bool:
    """Return whether a text from Spark shows a condition; raise KeyError if the code is unknown."""
    parts = _CONDITIONS[code]
    if len(parts) == 1:
        return parts[0].search(text) is not None
    return any(_has_in_order(line, parts) for line in text.split("\n"))


def _has_in_order(line: str, parts: tuple[re.Pattern[str], ...]) -> bool:
    at = 0
    for part in parts:
        found = part.search(line, at)
        if not found:
            return False
        at = found.end()
    return True


def query_in_the_way(text: str) -> str:
    """Return the name of the query that is already active, if that is why Spark refuses another one; else empty."""
    found = _IN_THE_WAY.search(text)
    return found[1] if found else ""


def missing_table(text: str) -> str:
    """Return the name of the table that Spark does not find, if the text says so; else empty."""
    found = _TABLE.search(text) if is_condition("no-table", text) else None
    return found[1] if found else ""
