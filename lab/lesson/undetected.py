"""Wrong ways to compute the reports that are right on some log files, so that only hidden records reveal them."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from lab.dataset import Dataset
from lab.formulas import ALL
from lab.judge.comparison import log_off, volumes_off
from lab.oracle import SEV0, sev0_log, volume_report
from lab.records import LogFile

_Rows = list[tuple[str, int]]


@dataclass(frozen=True)
class Undetected:
    """The titles of wrong formulas and wrong SEV0 logs that give the right result after the first `pairs`."""

    pairs: int
    formulas: tuple[str, ...]
    logs: tuple[str, ...]


def undetected_mistakes(dataset: Dataset) -> tuple[Undetected, ...]:
    """Return which mistakes give the right result on these log files, after the first pair and after both."""
    return tuple(
        Undetected(pairs, tuple(_formulas(dataset.batches(pairs))), tuple(_logs(dataset.batches(pairs))))
        for pairs in range(1, len(dataset.pairs) + 1)
    )


def in_words(found: Sequence[Undetected]) -> tuple[str, ...]:
    """Return the findings of `undetected_mistakes` as sentences; empty if these log files reveal every mistake."""
    lines = []
    for each in found:
        when = "the first pair" if each.pairs == 1 else "both pairs"
        for what, titles in (("the right volumes", each.formulas), ("the right SEV0 log", each.logs)):
            if titles:
                lines.append(f"After {when}, these give {what}, too: {'; '.join(titles)}.")
    if lines:
        lines.append(
            "So a result alone does not show these mistakes. The checks of the pages and the grader find them "
            "on hidden records."
        )
    return tuple(lines)


def _formulas(batches: Sequence[Sequence[LogFile]]) -> Iterator[str]:
    files = [file for batch in batches for file in batch]
    right = volume_report(files)
    for formula in ALL:
        if volumes_off(formula.volumes(files), right) is None:
            yield formula.title


def _logs(batches: Sequence[Sequence[LogFile]]) -> Iterator[str]:
    right = sev0_log(batches)
    for title, write in _WRONG_LOGS.items():
        if log_off([row for batch in batches for row in write(_rows(batch))], right) is None:
            yield title


def _rows(batch: Sequence[LogFile]) -> _Rows:
    return [(record.serverID, record.timestamp) for file in batch for record in file.records if record.severity == SEV0]


_WRONG_LOGS: Final[Mapping[str, Callable[[_Rows], _Rows]]] = {
    "Not sorted": lambda rows: rows,
    "Sorted by serverID first": sorted,
    "Sorted by timestamp, servers in the other order": lambda rows: sorted(
        sorted(rows, reverse=True), key=lambda row: row[1]
    ),
    "The newest first": lambda rows: sorted(sorted(rows), key=lambda row: row[1], reverse=True),
    "Equal rows once": lambda rows: sorted(set(rows), key=lambda row: (row[1], row[0])),
}
