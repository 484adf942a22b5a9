"""The form of a log record, and the descriptions of deviations from it."""

from dataclasses import dataclass
from typing import Final, Literal, NamedTuple

COLUMNS: Final = ("serverID", "severity", "timestamp")
SEVERITIES: Final = (0, 1, 2)
MAX_TIMESTAMP: Final = 2**31 - 1  # Spark's IntegerType


class Record(NamedTuple):
    """One log record; `timestamp` counts time units from 1 and is no clock time."""

    serverID: str  # noqa: N815 - the handout's column name
    severity: int
    timestamp: int


class Fault(NamedTuple):
    """What is wrong: the value, and the reason, which is the same text for all values with the same fault."""

    value: str
    reason: str


@dataclass(frozen=True)
class Problem:
    """Why a line of a log file is not a record; `line` counts from 1 and is 0 for the file as a whole.

    `lines` is the number of lines with the same fault; this is the first of them. `extent` is "all" if these are all
    lines of the file, and "the first" if they are all lines that were looked at.
    """

    file: str
    line: int
    value: str
    reason: str
    lines: int = 1
    extent: Literal["all", "the first", ""] = ""

    def __str__(self) -> str:
        where = f"{self.file}, line {self.line}" if self.line else self.file
        if self.lines > 1:
            both = self.extent == "all" and self.lines == 2
            counted = "both" if both else f"{self.extent} {self.lines:,}".strip()
            where += f" (the same in {counted} lines)"
        value = self.value if len(self.value) <= 60 else self.value[:57] + "…"
        return f"{where}: {value!r} {self.reason}" if value else f"{where} {self.reason}"
