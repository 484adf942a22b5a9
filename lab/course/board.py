"""The class board as values: learners and steps, who needs help first, and the current mistakes of the class."""

import statistics
from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Final

from lab.course.enrolled import Enrolled, State, StepProgress, Trouble
from lab.lesson.steps import EXERCISES

# A learner without activity for this long counts as away: to think and run a cell takes less.
AWAY_SECONDS: Final = 15 * 60
# Older mistakes are not shown as current ones.
MOMENT_SECONDS: Final = 15 * 60
MAX_MISTAKES: Final = 5


@dataclass(frozen=True)
class Row:
    """A learner, and whether they are away."""

    learner: Enrolled
    away: bool


@dataclass(frozen=True)
class Column:
    """A step: how many learners are in each state, and the median seconds of the `timed` learners; None without any."""

    step_id: str
    title: str
    counts: Mapping[State, int]
    median: float | None = None
    timed: int = 0


@dataclass(frozen=True)
class CurrentMistake:
    """A current mistake, how many learners have it, and the key of one of them as an example."""

    trouble: Trouble
    count: int
    example: str


@dataclass(frozen=True)
class Board:
    """The class at a moment. Rows begin with who needs help most; `queue` has who asked for help, in that order."""

    rows: tuple[Row, ...] = ()
    columns: tuple[Column, ...] = field(default=())
    mistakes: tuple[CurrentMistake, ...] = ()
    queue: tuple[Row, ...] = ()

    @property
    def here(self) -> int:
        """The number of learners who are not away."""
        return sum(not row.away for row in self.rows)


def board(learners: Iterable[Enrolled], now: float) -> Board:
    """Return the board of these learners at the time `now`, in seconds since 1970."""
    rows = tuple(sorted((Row(each, now - each.last > AWAY_SECONDS) for each in learners), key=_turn))
    return Board(
        rows,
        tuple(_column(place, rows) for place in range(len(EXERCISES))),
        _mistakes(rows, now),
        tuple(row for row in rows if row.learner.asked and not row.away),
    )


def _turn(row: Row) -> tuple[int, float, str, str]:
    """Return the sort key of a row: who asked, who is stuck, who made no progress for longest, who is done, is away."""
    learner = row.learner
    if row.away:
        rank, since = 4, -learner.last
    elif learner.asked:
        rank, since = 0, learner.asked.at
    elif learner.is_stuck:
        rank, since = 1, min(progress.since for progress in learner.progress if progress.state == "stuck")
    else:
        rank, since = (3, learner.moved) if learner.is_done else (2, learner.moved)
    return rank, since, learner.name.casefold(), learner.key


def _column(place: int, rows: tuple[Row, ...]) -> Column:
    step = EXERCISES[place]
    taken = [seconds for row in rows if (seconds := row.learner.seconds[place]) is not None]
    counts = Counter(row.learner.progress[place].state for row in rows)
    return Column(step.id, step.title, counts, statistics.median(taken) if taken else None, len(taken))


def _mistakes(rows: tuple[Row, ...], now: float) -> tuple[CurrentMistake, ...]:
    """Return the mistakes that most learners have now, each with the learner of the newest attempt as the example."""
    having: dict[tuple[str, str], dict[str, tuple[StepProgress, Trouble]]] = {}
    for row in rows:
        for progress in row.learner.progress:
            if progress.trouble and now - progress.at <= MOMENT_SECONDS:
                having.setdefault(progress.trouble.key, {})[row.learner.key] = progress, progress.trouble
    found = []
    for known in having.values():
        key, (newest, trouble) = max(known.items(), key=lambda item: (item[1][0].at, item[0]))
        found.append((-len(known), -newest.at, CurrentMistake(trouble, len(known), key)))
    return tuple(each[2] for each in sorted(found, key=lambda each: (*each[:2], each[2].trouble.key)))[:MAX_MISTAKES]
