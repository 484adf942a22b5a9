"""The number of learners that one machine has room for, and the line of those who wait for a place."""

import contextlib
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.settings import Settings
from lab.system import memory

# Memory of one learner in the JVM and in Python, and of the lab without any; docs/load-test.md has the measurements.
LEARNER_BYTES: Final = 32 * 2**20
LAB_BYTES: Final = 1536 * 2**20
# Who has not asked for this long is passed over.
PATIENCE_SECONDS: Final = 15.0
# Who has lost the connection keeps their position in the line for this long.
KEPT_SECONDS: Final = 5 * 60.0

_CGROUP: Final = Path("/sys/fs/cgroup/memory.max")


def learners(number: int) -> str:
    """Return a number of learners with the verb: `1 learner is`, `2 learners are`."""
    return "1 learner is" if number == 1 else f"{number} learners are"


class WaitError(LabError):
    """There is no place now, but there will be one."""


class FullError(WaitError):
    """There is no place; `ahead` learners come first."""

    def __init__(self, ahead: int, places: int) -> None:
        before = f"{learners(ahead)} ahead of you" if ahead else "You are the first in line"
        taken = "The only place of this lab is" if places == 1 else f"All {places} places of this lab are"
        super().__init__(f"{taken} taken. {before}.", "This page goes on by itself when one is free.")
        self.ahead = ahead


class Line:
    """The learners who wait for a place, in the order in which they came; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        # The time when each last asked.
        self._waiting: dict[str, float] = {}

    def ahead(self, who: str) -> int:
        """Join the line, or stay in it; return how many who are still there come first."""
        with self._lock:
            now = self._clock()
            for other in [other for other, asked in self._waiting.items() if now - asked > KEPT_SECONDS]:
                del self._waiting[other]
            self._waiting[who] = now
            before = list(self._waiting)[: list(self._waiting).index(who)]
            return sum(now - self._waiting[other] <= PATIENCE_SECONDS for other in before)

    def leave(self, who: str) -> None:
        """Leave the line."""
        with self._lock:
            self._waiting.pop(who, None)


def places(settings: Settings) -> int:
    """Return how many learners there is room for: `LAB_MAX_LEARNERS`, else as many as the memory is enough for."""
    return settings.max_learners or max(1, (_memory() - LAB_BYTES) // LEARNER_BYTES)


def _memory() -> int:
    """Return how many bytes this process may use."""
    sizes = [memory().total]
    # Only Linux has this file.
    with contextlib.suppress(OSError):
        text = _CGROUP.read_text(encoding="ascii").strip()
        # Without a limit, it says "max".
        if text.isdigit():
            sizes.append(int(text))
    return min(sizes)
