"""Whose work it was when Java ended because its memory was used up. Java itself does not say."""

import time
from collections.abc import Callable, Iterable
from typing import Final

from lab.engine.cooldown import Cooldown

# How long a death is remembered.
MEMORY_SECONDS: Final = 10 * 60


class Suspects:
    """The learners who may have used up the memory: those at work at each of the latest deaths."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._left: set[Cooldown] = set()
        self._at = 0.0

    def died(self, at_work: Iterable[Cooldown]) -> Cooldown | None:
        """Record a death and who was at work; return the only one who can be to blame, None if there are several."""
        before, now = self._left if self._clock() - self._at <= MEMORY_SECONDS else set(), set(at_work)
        self._left, self._at = before & now or now, self._clock()
        return next(iter(self._left)) if len(self._left) == 1 else None


SUSPECTS: Final = Suspects()
