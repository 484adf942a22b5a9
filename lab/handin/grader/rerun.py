"""What running a notebook again has shown, as values: the two reports after each delivery, and what failed."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Final

from lab.engine.observe import Table
from lab.handin.grader.student_cells import CodeCell
from lab.lesson.steps import answering

VOLUME_QUERY: Final = answering("volume").variable
LOG_QUERY: Final = answering("log").variable

# The names of files that the live folder holds when a result group is asked for: of the first pair, of both.
AskedFor = tuple[frozenset[str], frozenset[str]]
LogRow = tuple[int, str, int | None]


def asked_for(files: Sequence[str]) -> AskedFor:
    """When a result is asked for of log files, by their names in the order of delivery."""
    return frozenset(files[: len(files) // 2]), frozenset(files)


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
    """A cell that failed, and why, in a sentence.

    Of one that is `not_performed` the lab has left out the statement in a `line` (from 1), which it does not perform.
    `undefined` is the name that was not defined, if that is why.
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

    `queries` are the states of the two queries at the end, by the names of their variables: why one has failed, or what
    stands in its place; empty for one that has run well. `ended` says why the run ended before its last cell.
    `not_performed` are the variables of the queries that have failed because of what the lab does not perform, and
    `other_sinks` those of queries that have run well, into another sink than asked for.
    """

    snapshots: tuple[Snapshot, ...] = ()
    failed: tuple[FailedCell, ...] = ()
    queries: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    ended: str = ""
    notes: tuple[str, ...] = ()
    not_performed: frozenset[str] = frozenset()
    other_sinks: frozenset[str] = frozenset()
