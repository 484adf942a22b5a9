"""How many learners one machine has room for, and the line of those who wait for a place."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.settings import Settings
from lab.system import memory

# What a learner costs in the JVM and in Python, and what the lab costs without any; docs/load-test.md has what was measured.
LEARNER_BYTES: Final = 32 * 2**20
LAB_BYTES: Final = 1536 * 2**20
# Whoever has not asked for this long is not waited for.
PATIENCE_SECONDS: Final = 15.0
# Who has lost the connection comes back to their place in the line for this long.
KEPT_SECONDS: Final = 5 * 60.0

_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


def learners(number: int) -> str:
    """So many of them, and the verb."""
    return "1 learner is" if number == 1 else f"{number} learners are"


class WaitError(LabError):
    """There is no place now, and there will be one."""


class FullError(WaitError):
    """There is no place; `ahead` learners come first."""

    def __init__(self, ahead: int, places: int) -> None:
        before = f"{learners(ahead)} ahead of you" if ahead else "You are the first in line"
        taken = "The only place of this lab is" if places == 1 else f"All {places} places of this lab are"
        super().__init__(f"{taken} taken. {before}.", "This page goes on by itself when one is free.")
        self.ahead = ahead


class Line:
    """Those who wait for a place, in the order in which they came; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # When each was last heard of.
        self._waiting: dict[str, float] = {}

    def ahead(self, who: str) -> int:
        """Join the line, or stay in it, or come back to it; gives how many come first of those who are there."""
        with self._lock:
            now = self._clock()
            for other in [other for other, asked in self._waiting.items() if now - asked > KEPT_SECONDS]:
                del self._waiting[other]
            self._waiting[who] = now
            before = list(self._waiting)[: list(self._waiting).index(who)]
            return sum(now - self._waiting[other] <= PATIENCE_SECONDS for other in before)

    def leave(self, who: str) -> None:
        """End the wait."""
        with self._lock:
            self._waiting.pop(who, None)


def places(settings: Settings) -> int:
    """Return how many learners there is room for: what `LAB_MAX_LEARNERS` says, else what the memory is enough for."""
    return settings.max_learners or max(1, (_memory() - LAB_BYTES) // LEARNER_BYTES)


def _memory() -> int:
    """Return how many bytes this process may use."""
    sizes = [memory().total]
    # Only Linux has it.
    with contextlib.suppress(OSError):
        text = _CGROUP.read_text(encoding="ascii").strip()
        # Else it is "max".
        if text.isdigit():
            sizes.append(int(text))
    return min(sizes)
