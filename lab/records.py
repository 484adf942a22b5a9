"""The log record, and how a log file is read and refused.

A log file is UTF-8 text without a header, one record a line: `serverID,severity,timestamp`.
"""

import codecs
import re
from dataclasses import dataclass
from typing import Final, NamedTuple

from lab.errors import LabError

COLUMNS: Final = ("serverID", "severity", "timestamp")
SEVERITIES: Final = (0, 1, 2)
MAX_BYTES: Final = 1_000_000
MAX_TIMESTAMP: Final = 2**31 - 1  # Spark's IntegerType
MAX_PROBLEMS: Final = 20

_SERVER_ID = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_UNSIGNED = re.compile(r"[0-9]+")


class Record(NamedTuple):
    """One log record; `timestamp` counts time units from 1 and is no clock time."""

    serverID: str  # noqa: N815 - the handout's column name
    severity: int
    timestamp: int


@dataclass(frozen=True)
class Problem:
    """Why a line of a log file is no record; `line` counts from 1 and is 0 for the file as a whole."""

    file: str
    line: int
    value: str
    reason: str

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        value = self.value if len(self.value) <= 60 else self.value[:57] + "…"
        return f"{where}: {value!r} {self.reason}" if value else f"{where} {self.reason}"


@dataclass(frozen=True)
class LogFile:
    """A log file as read: its well-formed records in file order, and what was wrong with the other lines."""

    name: str
    records: tuple[Record, ...]
    problems: tuple[Problem, ...] = ()

    @property
    def window(self) -> tuple[int, int] | None:
        """The first and the last time unit, or None without records."""
        times = [record.timestamp for record in self.records]
        return (min(times), max(times)) if times else None

    @property
    def content(self) -> bytes:
        """Its records as they stand in a folder."""
        return "".join(f"{server},{severity},{timestamp}\n" for server, severity, timestamp in self.records).encode()


class BadLogFileError(LabError):
    """A log file that is not of the lab's form; `problems` says where and why."""

    def __init__(self, problems: tuple[Problem, ...]) -> None:
        least = "at least " if len(problems) == MAX_PROBLEMS else ""
        more = f" (and {least}{len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(
            f"{problems[0]}{more}.",
            "Nothing was delivered. Correct the file in LogData, then deliver it again.",
        )
        self.problems = problems


def read_log_file(name: str, data: bytes) -> LogFile:
    """Read the bytes of a log file; never raises, a line that is no record becomes a `Problem`.

    At most MAX_PROBLEMS problems are kept. A file over MAX_BYTES is not read at all.
    """
    if len(data) > MAX_BYTES:
        return too_large(name, len(data))
    if not data.strip():
        return LogFile(name, (), (Problem(name, 0, "", "is empty"),))
    if data.startswith(codecs.BOM_UTF8):
        reason = "is a byte order mark (BOM); save the file as plain UTF-8"
        return LogFile(name, (), (Problem(name, 1, "0xefbbbf", reason),))
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        value = data[error.start : error.start + 1].hex()
        return LogFile(name, (), (Problem(name, number, f"0x{value}", "is not UTF-8"),))

    records: list[Record] = []
    problems: list[Problem] = []
    for number, line in enumerate(text.removesuffix("\n").split("\n"), start=1):
        outcome = _read_line(line)
        if isinstance(outcome, Record):
            records.append(outcome)
        elif len(problems) < MAX_PROBLEMS:
            problems.append(Problem(name, number, *outcome))
    return LogFile(name, tuple(records), tuple(problems))


def too_large(name: str, size: int) -> LogFile:
    """A file of more than MAX_BYTES, of which nothing was read."""
    reason = f"has {size:,} bytes, more than the {MAX_BYTES:,} that a log file of this lab may have"
    return LogFile(name, (), (Problem(name, 0, "", reason),))


def require_records(log_file: LogFile) -> LogFile:
    """Give the file back if every line is a record; raises BadLogFileError otherwise."""
    if log_file.problems:
        raise BadLogFileError(log_file.problems)
    return log_file


def _read_line(line: str) -> Record | tuple[str, str]:
    """A record, or the value that is wrong and the reason."""
    if line.endswith("\r"):
        return line.removesuffix("\r"), "ends in CRLF; save the file with Unix line ends (LF)"
    if not line.strip():
        return "", "is blank"
    fields = line.split(",")
    if len(fields) != len(COLUMNS):
        values = "1 value" if len(fields) == 1 else f"{len(fields)} values"
        return line, f"has {values}, expected {len(COLUMNS)}: {','.join(COLUMNS)}"
    if tuple(fields) == COLUMNS:
        return line, "is a header; log files of this lab have none"
    server, severity, timestamp = fields
    if not _SERVER_ID.fullmatch(server):
        return server, "is not a serverID (letters, digits, '_', '.', '-')"
    if severity not in {str(known) for known in SEVERITIES}:
        return severity, "is not a severity, expected 0, 1 or 2"
    # The digits are bounded before int() so that a megabyte of them costs nothing.
    if not _UNSIGNED.fullmatch(timestamp) or len(timestamp) > 10 or not 1 <= int(timestamp) <= MAX_TIMESTAMP:
        return timestamp, f"is not a timestamp, expected a whole number from 1 to {MAX_TIMESTAMP}"
    return Record(server, int(severity), int(timestamp))
