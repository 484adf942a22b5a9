"""Comparison of both reports with the expected ones: the only place that defines when a result is right."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, TypeVar

from lab import oracle
from lab.engine.observe import Table
from lab.oracle import near
from lab.records import LogFile

T = TypeVar("T")


@dataclass(frozen=True)
class VolumesOff:
    """How volumes differ: servers that are `missing`, those that are `unknown`, and those whose volume is `wrong`."""

    missing: tuple[str, ...]
    unknown: tuple[str, ...]
    wrong: tuple[str, ...]


@dataclass(frozen=True)
class LogOff:
    """How a log differs: rows that are `missing`, rows that are `surplus`, and the first `position` that differs.

    The position is None if one log is the beginning of the other.
    """

    missing: tuple[Any, ...]
    surplus: tuple[Any, ...]
    position: int | None

    @property
    def is_order(self) -> bool:
        """Whether all rows are there, but in another order."""
        return not self.missing and not self.surplus


def expected_report(files: Iterable[LogFile]) -> Table:
    """Return the volume report of log files, as a table."""
    return Table(oracle.REPORT_COLUMNS, tuple(oracle.volume_report(files).items()))


def expected_log(batches: Iterable[Iterable[LogFile]]) -> Table:
    """Return the SEV0 log of the log files of these batches, as a table."""
    return Table(oracle.LOG_COLUMNS, tuple(oracle.sev0_log(batches)))


def volumes(table: Table) -> dict[str, float | None] | None:
    """Return the volume of each server, finding the columns by name; None when a column is missing."""
    if not set(oracle.REPORT_COLUMNS) <= set(table.columns):
        return None
    server, volume = map(table.columns.index, oracle.REPORT_COLUMNS)
    return {str(row[server]): _as_number(row[volume]) for row in table.rows}


def volumes_off(got: Mapping[str, float | None], expected: Mapping[str, float | None]) -> VolumesOff | None:
    """Return how the volumes of servers differ from the expected ones; None if they are right."""
    off = VolumesOff(
        tuple(name for name in expected if name not in got),
        tuple(name for name in got if name not in expected),
        tuple(name for name in expected if name in got and not near(got[name], expected[name])),
    )
    return off if off.missing or off.unknown or off.wrong else None


def log_off(got: Sequence[T], expected: Sequence[T]) -> LogOff | None:
    """Return how the rows of a log differ from the expected ones, in their order; None if they are right."""
    if tuple(got) == tuple(expected):
        return None
    pairs = enumerate(zip(got, expected, strict=False))
    return LogOff(
        _without(expected, got),
        _without(got, expected),
        next((index for index, (one, other) in pairs if one != other), None),
    )


def _without(rows: Iterable[T], others: Iterable[T]) -> tuple[T, ...]:
    """Return the rows that the others lack, as often as they lack them (a multiset difference)."""
    left, found = Counter(others), []
    for row in rows:
        if left[row]:
            left[row] -= 1
        else:
            found.append(row)
    return tuple(found)


def _as_number(value: Any) -> float | None:
    try:
        return None if value is None else float(value)
    except (TypeError, ValueError):
        return None
