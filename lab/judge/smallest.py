"""The search for the smallest log on which an answer is wrong: it tries the answer on small logs of our own.

It tries a query on small deliveries, one after another: its result may depend on what it has read before.
"""

import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lab.engine.observe import Table
from lab.records import LogFile, Record

SECONDS: Final = 2.0
NAME: Final = "smallest.csv"
# Larger logs and tables cannot be understood at a glance.
MAX_RECORDS: Final = 8
MAX_SHOWN: Final = 12
# The text is stored with the feedback, and an answer may make rows of any length.
MAX_LINE: Final = 200


Records = tuple[Record, ...]


@dataclass(frozen=True)
class Example:
    """A log on which an answer is wrong: its records, the right result by the lab's definition, and the answer's.

    For a query, the log is the sequence of deliveries to it.
    """

    deliveries: tuple[Records, ...]
    expected: Table
    got: Table

    @property
    def log(self) -> str:
        """The records, one per line, with an empty line between two deliveries."""
        return "\n\n".join(LogFile(NAME, records).content.decode().rstrip("\n") for records in self.deliveries)


def as_text(table: Table) -> str:
    """Return a report or a log as text: its columns, then its first MAX_SHOWN rows."""
    rows = [_line(row) for row in table.rows[:MAX_SHOWN]]
    return "\n".join([_line(table.columns), *(rows or ["(no rows)"])])


def _line(values: Sequence[object]) -> str:
    line = " ".join(
        f"{value:.4g}" if isinstance(value, float) else "null" if value is None else str(value) for value in values
    )
    return line if len(line) <= MAX_LINE else f"{line[:MAX_LINE]}…"


# Runs an answer on a log file. Returns the example if it is wrong there; None if it is right, or cannot be run.
Try = Callable[[LogFile], Example | None]
# Runs a query on deliveries. Returns the example up to the first delivery after which it is wrong; else None.
Trial = Callable[[Sequence[Records]], Example | None]


def log_of(text: str) -> tuple[Record, ...]:
    """Return the records of a short notation: `s1 2 5` is a SEV2 record of s1 at t5, and commas separate records."""
    words = [part.split() for part in text.split(",")]
    return tuple(Record(server, int(severity), int(time)) for server, severity, time in words)


# Each shows something that the others do not: a server without SEV2, two equal records, a time unit without records.
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
    """Return the smallest log found on which an answer is wrong; None if none was found.

    Try the logs in SMALL first. When the answer is right on all of them, shrink `log`, on which it is wrong, as long as
    it stays wrong. After SECONDS, return what was found until then. `log` must not have records that a grade depends
    on.
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
    """Return the fewest deliveries found after which a query is wrong; None if it is never wrong.

    Deliver all to one query until it is wrong. Then try whether the last delivery alone is enough, or the last two, and
    so on, for SECONDS.
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
    """Remove smaller and smaller parts of a log while the answer stays wrong on the rest (Zeller's ddmin)."""
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
