"""The outcome of running a notebook again, as values: the two reports after each delivery, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lab.engine.observe import Table
from lab.handin.grader.student_cells import CodeCell
from lab.lesson.steps import answering

VOLUME_QUERY: Final = answering("volume").variable
LOG_QUERY: Final = answering("log").variable

# The file names in the live folder at which a result group is read: those of the first pair, those of both pairs.
AskedFor = tuple[frozenset[str], frozenset[str]]
LogRow = tuple[int, str, int | None]


def asked_for(files: Sequence[str]) -> AskedFor:
    """Return the contents of the live folder at which results are read; `files` are in the order of delivery."""
    return frozenset(files[: len(files) // 2]), frozenset(files)


@dataclass(frozen=True)
class Snapshot:
    """Both reports, after the running queries had read the files in the live folder, whose names are `live`.

    A report is None until its query has been started. A row of the log is batch, serverID, timestamp.
    """

    live: frozenset[str]
    volume: Table | None
    log: tuple[LogRow, ...] | None


@dataclass(frozen=True)
class FailedCell:
    """A cell that failed, and a sentence that says why.

    `not_performed` means that the lab has skipped the statement in `line` (from 1), because it does not perform it.
    `undefined` is the undefined name, if that is the cause.
    """

    cell: CodeCell
    sentence: str
    line: int = 0
    not_performed: bool = False
    undefined: str = ""

    def __str__(self) -> str:
        if self.not_performed:
            return f"{self.cell.place}, line {self.line} was not performed: {self.sentence.rstrip('.')}"
        return f"{self.cell.place} failed: {self.sentence.rstrip('.')}"


@dataclass(frozen=True)
class Rerun:
    """One run of a notebook on a set of log files.

    `queries` has the states of the two queries at the end, by variable: why a query has failed, or what the variable
    holds instead; empty for a query that has run well. `ended` says why the run ended before the last cell.
    `not_performed` has the variables of queries that failed because of something that the lab does not perform,
    `other_sinks` those of queries that ran well, but with another sink than the task asks for.
    """

    snapshots: tuple[Snapshot, ...] = ()
    failed: tuple[FailedCell, ...] = ()
    queries: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended: str = ""
    notes: tuple[str, ...] = ()
    not_performed: frozenset[str] = frozenset()
    other_sinks: frozenset[str] = frozenset()
