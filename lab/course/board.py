"""The class board: learners and steps, who needs help first, the mistakes of the moment; as values, from what is kept."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lab.course.enrolled import Cell, Enrolled, State, Trouble
from lab.lesson.steps import EXERCISES

# Whoever has done nothing for so long is away: a cell and its thinking take less.
AWAY_SECONDS: Final = 15 * 60
# What was wrong longer ago is not of the moment.
MOMENT_SECONDS: Final = 15 * 60
MAX_MISTAKES: Final = 5


@dataclass(frozen=True)
class Row:
    """A learner, and whether they are away."""

    learner: Enrolled
    away: bool


@dataclass(frozen=True)
class Column:
    """A step: how many learners are how far, and how many seconds it took half of the `timed` at most; None if nobody."""

    step_id: str
    title: str
    counts: Mapping[State, int]
    median: float | None = None
    timed: int = 0


@dataclass(frozen=True)
class Met:
    """A mistake of the moment, how many have it, and one of them, by key, as an example."""

    trouble: Trouble
    count: int
    example: str


@dataclass(frozen=True)
class Board:
    """The class at a moment: who needs help first comes first. `queue` are those who have asked for help, in that order."""

    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = field(default=())
    mistakes: tuple[Met, ...] = ()
    queue: tuple[Row, ...] = ()

    @property
    def here(self) -> int:
        """How many are not away."""
        return sum(not row.away for row in self.rows)


def board(learners: Iterable[Enrolled], now: float) -> Board:
    """Make the board of some learners at a moment, in seconds since 1970."""
    rows = tuple(sorted((Row(each, now - each.last > AWAY_SECONDS) for each in learners), key=_turn))
    return Board(
        rows,
        tuple(_column(place, rows) for place in range(len(EXERCISES))),
        _mistakes(rows, now),
        tuple(row for row in rows if row.learner.asked and not row.away),
    )


def _turn(row: Row) -> tuple[int, float, str, str]:
    """Return by what rows are sorted: who asked, who is stuck, who has not got on for longest, who is done, who is away."""
    learner = row.learner
    if row.away:
        rank, since = 4, -learner.last
    elif learner.asked:
        rank, since = 0, learner.asked.at
    elif learner.is_stuck:
        rank, since = 1, min(cell.since for cell in learner.cells if cell.state == "stuck")
    else:
        rank, since = (3, learner.moved) if learner.is_done else (2, learner.moved)
    return rank, since, learner.name.casefold(), learner.key


def _column(place: int, rows: tuple[Row, ...]) -> Column:
    step = EXERCISES[place]
    taken = [seconds for row in rows if (seconds := row.learner.seconds[place]) is not None]
    counts = Counter(row.learner.cells[place].state for row in rows)
    return Column(step.id, step.title, counts, statistics.median(taken) if taken else None, len(taken))


def _mistakes(rows: tuple[Row, ...], now: float) -> tuple[Met, ...]:
    """Return those that most have now, each learner counted once for each; the example is the newest."""
    having: dict[tuple[str, str], dict[str, tuple[Cell, Trouble]]] = {}
    for row in rows:
        for cell in row.learner.cells:
            if cell.trouble and now - cell.at <= MOMENT_SECONDS:
                having.setdefault(cell.trouble.key, {})[row.learner.key] = cell, cell.trouble
    found = []
    for known in having.values():
        key, (newest, trouble) = max(known.items(), key=lambda item: (item[1][0].at, item[0]))
        found.append((-len(known), -newest.at, Met(trouble, len(known), key)))
    return tuple(met for *_, met in sorted(found, key=lambda each: (*each[:2], each[2].trouble.key)))[:MAX_MISTAKES]
