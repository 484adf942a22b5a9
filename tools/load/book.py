"""What happened in a class: how long things took, what went wrong, and what was counted."""

import time
from collections import Counter
from dataclasses import dataclass


@dataclass(frozen=True)
class Took:
    """Something that a learner did; `at` is when it had come, in seconds since the class began."""

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
    """Kept by all learners of a class, which run in one event loop."""

    def __init__(self) -> None:
        self._begin = time.monotonic()
        self.took: list[Took] = []
        self.troubles: list[Trouble] = []
        self.counts: Counter[str] = Counter()
        # The numbers of those who have come to four right results.
        self.finished: set[int] = set()
        self._told: set[tuple[str, str, str]] = set()

    @property
    def now(self) -> float:
        """Seconds since the class began."""
        return time.monotonic() - self._begin

    def note(self, what: str, seconds: float) -> None:
        """Something has come."""
        self.took.append(Took(what, self.now, seconds))

    def count(self, what: str) -> None:
        """Something has happened once more."""
        self.counts[what] += 1

    def trouble(self, kind: str, who: str, where: str, text: str) -> None:
        """Something is wrong. What stays on a page is drawn again and again, and told once."""
        shown = " ".join(text.split())[:600]
        if (who, where, shown) not in self._told:
            self._told.add((who, where, shown))
            self.troubles.append(Trouble(kind, self.now, who, where, shown))
