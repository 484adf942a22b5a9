"""The smallest log on which an answer is wrong, found by trying the answer on small logs of our own.

A query is tried on small deliveries, one after another: what it gives may depend on what it has read before.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lab.engine.observe import Table
from lab.records import LogFile, Record

SECONDS: Final = 2.0
NAME: Final = "smallest.csv"
# What is larger shows nothing at a glance.
MAX_RECORDS: Final = 8
MAX_SHOWN: Final = 12
# It is kept with the feedback, and an answer may give rows of any length.
MAX_LINE: Final = 200


Records = tuple[Record, ...]


@dataclass(frozen=True)
class Example:
    """A log on which an answer is wrong: its records, what the lab's definition gives, and what the answer gives.

    A query's log is what was delivered to it, one after the other.
    """

    deliveries: tuple[Records, ...]
    expected: Table
    got: Table

    @property
    def log(self) -> str:
        """The records, a line each, with an empty line between two deliveries."""
        return "\n\n".join(LogFile(NAME, records).content.decode().rstrip("\n") for records in self.deliveries)


def as_text(table: Table) -> str:
    """Return a report or a log as lines: its columns, then its rows."""
    rows = [_line(row) for row in table.rows[:MAX_SHOWN]]
    return "\n".join([_line(table.columns), *(rows or ["(no rows)"])])


def _line(values: Sequence[object]) -> str:
    line = " ".join(
        f"{value:.4g}" if isinstance(value, float) else "null" if value is None else str(value) for value in values
    )
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


# An answer on a log file: what is expected, and what it gives; None if it is right there, or cannot be run.
Try = Callable[[LogFile], Example | None]
# A query on deliveries: the same when it has read the first of them after which it is wrong.
Trial = Callable[[Sequence[Records]], Example | None]


def log_of(text: str) -> tuple[Record, ...]:
    """Return records in short: `s1 2 5` is a SEV2 record of s1 at t5."""
    words = [part.split() for part in text.split(",")]
    return tuple(Record(server, int(severity), int(time)) for server, severity, time in words)


# Each shows something that others do not, such as a server without SEV2, two equal records, or a time unit without any.
SMALL: Final = tuple(
    map(
        log_of,
        (
            "s1 2 1",
            "s1 2 3",
            "s1 1 1",
            "s1 0 2",
            "s1 2 1, s1 2 1",
            "s1 2 1, s1 1 3",
            "s1 2 1, s1 2 3",
            "s1 0 1, s1 2 3",
            "s1 2 2, s2 2 5",
            "s1 0 1, s1 0 1",
            "s2 0 1, s1 0 2",
            "s1 2 1, s1 1 2, s1 0 4",
            "s1 2 1, s2 1 2, s2 2 5",
            "s1 1 1, s1 2 3, s1 2 3, s2 1 7",
        ),
    )
)


def smallest(try_on: Try, log: Sequence[Record] = (), clock: Callable[[], float] = time.monotonic) -> Example | None:
    """Return the smallest log that was found on which an answer is wrong; None if none was.

    SMALL are tried first. When the answer is right on all of them, `log`, on which it is wrong, is made smaller as long as
    it still is. After SECONDS, what was found until then counts. What a grade depends on must not be in `log`.
    """
    end = clock() + SECONDS
    for records in SMALL:
        if found := try_on(LogFile(NAME, records)):
            return found
        if clock() > end:
            return None
    return _shrunk(try_on, log, lambda: clock() > end) if log else None


def fewest_deliveries(
    try_on: Trial, deliveries: Sequence[Records], clock: Callable[[], float] = time.monotonic
) -> Example | None:
    """Return the fewest deliveries that were found after which a query is wrong; None if none were.

    All are delivered to one query until it is wrong. Then it is tried whether the last one would have done, or the last
    two, and so on, for SECONDS.
    """
    end = clock() + SECONDS
    found = try_on(deliveries)
    if found is None:
        return None
    for first in range(len(found.deliveries) - 1, 0, -1):
        if clock() > end:
            break
        if fewer := try_on(found.deliveries[first:]):
            return fewer
    return found


def _shrunk(try_on: Try, log: Sequence[Record], is_over: Callable[[], bool]) -> Example | None:
    """Leave out ever smaller parts of a log, as long as the answer is still wrong on the rest (Zeller's ddmin)."""
    best, records, parts = try_on(LogFile(NAME, tuple(log))), tuple(log), 2
    while best and len(records) > 1 and not is_over():
        smaller = _first(try_on, _without_parts(records, parts), is_over)
        if smaller:
            (records,) = smaller.deliveries
            best, parts = smaller, max(2, parts - 1)
        elif parts >= len(records):
            break
        else:
            parts = min(len(records), parts * 2)
    return best if len(records) <= MAX_RECORDS else None


def _without_parts(records: tuple[Record, ...], parts: int) -> Iterator[tuple[Record, ...]]:
    size = -(-len(records) // parts)
    for begin in range(0, len(records), size):
        yield records[:begin] + records[begin + size :]


def _first(try_on: Try, logs: Iterable[tuple[Record, ...]], is_over: Callable[[], bool]) -> Example | None:
    for records in logs:
        if is_over():
            return None
        if found := try_on(LogFile(NAME, records)):
            return found
    return None
