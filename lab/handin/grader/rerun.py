"""What running a notebook again has shown, as values: the two reports after each delivery, and what failed."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lab.dataset import FILES, FIRST
from lab.engine.observe import Table
from lab.handin.grader.student_cells import CodeCell

VOLUME_QUERY: Final = "volumeReportQuery"
LOG_QUERY: Final = "sev0SaveQuery"
# What the live folder holds when a result group is asked for.
ASKED_FOR: Final = (frozenset(FIRST.files), frozenset(FILES))

LogRow = tuple[int, str, int | None]


@dataclass(frozen=True)
class Snapshot:
    """Both reports when the running queries had read what was in the live folder, `live`.

    A report is None as long as its query has not been started. A row of the log is batch, serverID, timestamp.
    """

    live: frozenset[str]
    volume: Table | None
    log: tuple[LogRow, ...] | None


@dataclass(frozen=True)
class FailedCell:
    """A cell that failed, and why, in a sentence."""

    cell: CodeCell
    sentence: str

    def __str__(self) -> str:
        return f"{self.cell.place} failed: {self.sentence.rstrip('.')}"


@dataclass(frozen=True)
class Rerun:
    """One run of a notebook on a set of log files.

    `queries` are the states of the two queries at the end, by the names of their variables: why one has failed, or what
    stands in its place; empty for one that has run well. `ended` says why the run ended before its last cell.
    """

    snapshots: tuple[Snapshot, ...] = ()
    failed: tuple[FailedCell, ...] = ()
    queries: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended: str = ""
    notes: tuple[str, ...] = ()
