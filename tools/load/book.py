"""A record of what happened in a class: times, troubles and counts."""

import time
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """An action of a learner and its time; `at` is when it was done, in seconds since the class began."""

    what: str
    at: float
    seconds: float


@dataclass(frozen=True)
class Trouble:
    """Something that should not be: `kind` is error (on a page), broken (a page), or mixed up (a result)."""

    kind: str
    at: float
    who: str
    where: str
    text: str


class Book:
    """The record of a class; its learners share it, and all run in one event loop."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self.took: list[Took] = []
        self.troubles: list[Trouble] = []
        self.counts: Counter[str] = Counter()
        # The numbers of the learners who have reached four right results.
        self.finished: set[int] = set()
        self._told: set[tuple[str, str, str]] = set()

    @property
    def now(self) -> float:
        """Seconds since the class began."""
        return time.monotonic() - self._begin

    def note(self, what: str, seconds: float) -> None:
        """Record how long an action took."""
        self.took.append(Took(what, self.now, seconds))

    def count(self, what: str) -> None:
        """Count an event."""
        self.counts[what] += 1

    def trouble(self, kind: str, who: str, where: str, text: str) -> None:
        """Record a trouble once, although a page draws it again and again."""
        shown = " ".join(text.split())[:600]
        if (who, where, shown) not in self._told:
            self._told.add((who, where, shown))
            self.troubles.append(Trouble(kind, self.now, who, where, shown))
