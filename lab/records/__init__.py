"""The log record, and how a log file is parsed and refused.

A log file is UTF-8 text without a header, with one record per line: `serverID,severity,timestamp`.
"""

from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import count
from typing import Final, Literal

from lab.errors import LabError
from lab.records.form import COLUMNS, MAX_TIMESTAMP, SEVERITIES, Fault, Problem, Record
from lab.records.lines import BLANK, HEADER, fault_of, record_of
from lab.records.text import text_of

__all__ = [
    "COLUMNS",
    "MAX_BYTES",
    "MAX_EXPLAINED",
    "MAX_PROBLEMS",
    "MAX_TIMESTAMP",
    "SEVERITIES",
    "BadLogFileError",
    "LogFile",
    "Problem",
    "Record",
    "read_log_file",
    "require_records",
    "too_large",
]

MAX_BYTES: Final = 1_000_000
MAX_PROBLEMS: Final = 20
# To find out why a line is not a record takes much longer than to parse one, and a file may have half a million lines.
MAX_EXPLAINED: Final = 2_000
_CRLF: Final = "ends in CRLF, as on Windows; save the file with Unix line ends (LF)"
_CR: Final = "has the line ends of old Macs (CR alone); save it with Unix line ends (LF)"


@dataclass(frozen=True)
class LogFile:
    """A parsed log file: its well-formed records in file order, and the problems of the other lines.

    `lines` are the line numbers of the records; it is empty if they are 1, 2, 3 and so on, as in every good file.
    """

    name: str
    records: tuple[Record, ...]
    problems: tuple[Problem, ...] = ()
    lines: tuple[int, ...] = ()

    @property
    def numbered(self) -> Iterator[tuple[int, Record]]:
        """Each record with the number of its line."""
        return zip(self.lines or count(1), self.records, strict=False)

    @property
    def window(self) -> tuple[int, int] | None:
        """The first and the last time unit, or None without records."""
        times = [record.timestamp for record in self.records]
        return (min(times), max(times)) if times else None

    @property
    def unreadable(self) -> int:
        """The number of lines that are not records, as far as their problems were kept."""
        return sum(problem.lines for problem in self.problems)

    @property
    def content(self) -> bytes:
        """The records as the bytes of a file."""
        return "".join(f"{server},{severity},{timestamp}\n" for server, severity, timestamp in self.records).encode()


class BadLogFileError(LabError):
    """A log file does not have the lab's form; `problems` says where and why."""

    def __init__(self, problems: tuple[Problem, ...], advice: str) -> None:
        least = "at least " if len(problems) == MAX_PROBLEMS else ""
        more = f" (and {least}{len(problems) - 1} more)" if len(problems) > 1 else ""
        super().__init__(f"{problems[0]}{more}.", advice)
        self.problems = problems


def read_log_file(name: str, data: bytes) -> LogFile:
    """Parse the bytes of a log file. Never raise; a line that is not a record becomes a `Problem`.

    Keep at most MAX_PROBLEMS problems; a fault that all lines share is one problem. Do not read a file over MAX_BYTES.
    """
    if len(data) > MAX_BYTES:
        return too_large(name, len(data))
    text, faults = text_of(data)
    found = [Problem(name, line, *fault) for line, fault in faults]
    if not text.strip():
        return LogFile(name, (), tuple(found))
    # If the bytes have a fault, no line can be trusted, so no records are kept.
    spoilt = bool(faults)
    if "\r" in text and "\n" not in text:
        spoilt = True
        found.append(Problem(name, 0, "", _CR))
        text = text.replace("\r", "\n")
    lines = text.removesuffix("\n").split("\n")
    found.extend(_windows_ends(name, lines, ended=text.endswith("\n")))
    records: list[Record] = []
    numbers: list[int] = []
    faults_of_lines: list[Fault | None] = []
    faulty = 0
    for number, line in enumerate(lines, start=1):
        record = record_of(line.removesuffix("\r"))
        if record and not spoilt and not line.endswith("\r"):
            records.append(record)
            numbers.append(number)
        if faulty < MAX_EXPLAINED:
            fault = None if record else fault_of(line.removesuffix("\r"))
            faulty += fault is not None
            faults_of_lines.append(fault)
    found.extend(_problems(name, faults_of_lines, whole=len(faults_of_lines) == len(lines)))
    as_counted = not numbers or numbers[-1] == len(numbers)
    return LogFile(name, tuple(records), tuple(found[:MAX_PROBLEMS]), () if as_counted else tuple(numbers))


def too_large(name: str, size: int) -> LogFile:
    """Return a LogFile for a file over MAX_BYTES: without records, and with a problem that says so."""
    reason = f"has {size:,} bytes, more than the {MAX_BYTES:,} that a log file of this lab may have; split it"
    return LogFile(name, (), (Problem(name, 0, "", reason),))


def require_records(log_file: LogFile, advice: str) -> LogFile:
    """Return the file if every line is a record; raise BadLogFileError with the advice otherwise."""
    if log_file.problems:
        raise BadLogFileError(log_file.problems, advice)
    return log_file


def _windows_ends(name: str, lines: Sequence[str], *, ended: bool) -> Iterator[Problem]:
    """Yield one problem for all lines that end in CRLF; if the text is not `ended`, the last line has no line end."""
    numbers = [number for number, line in enumerate(lines, start=1) if line.endswith("\r")]
    if numbers:
        all_of_them = len(numbers) == len(lines) - (not ended)
        line = lines[numbers[0] - 1].removesuffix("\r")
        yield Problem(name, numbers[0], line, _CRLF, len(numbers), "all" if all_of_them else "")


def _problems(name: str, faults: Sequence[Fault | None], *, whole: bool) -> Iterator[Problem]:
    """Yield the problems of lines, in order. A fault of all lines, except headers and blank lines, is one problem.

    `whole` is whether `faults` covers all lines of the file.
    """
    reasons = Counter(fault.reason for fault in faults if fault)
    others = len(faults) - reasons[HEADER] - reasons[BLANK]
    shared = next(
        (reason for reason, count in reasons.items() if reason not in {HEADER, BLANK} and count == others > 1), ""
    )
    extent: Literal["all", "the first", ""] = "" if others < len(faults) else "all" if whole else "the first"
    # Blank lines at the end are one problem, too.
    end = len(faults)
    while end and (last := faults[end - 1]) and last.reason == BLANK:
        end -= 1
    said = False
    for number, fault in enumerate(faults[:end], start=1):
        if fault and fault.reason != shared:
            yield Problem(name, number, *fault)
        elif fault and not said:
            said = True
            yield Problem(name, number, *fault, others, extent)
    if end < len(faults):
        yield Problem(name, end + 1, "", BLANK, len(faults) - end)
