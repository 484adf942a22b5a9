"""How long a learner has worked on the lab, measured by their activity.

A sign of activity is a change that they make or a page that they open, in any tab. The time between two signs counts,
unless it is longer than PAUSE_SECONDS: then they did something else.
"""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import suppress
from typing import Any, Final

from lab.errors import LabError
from lab.store import Document

TIME: Final = "time"
PAUSE_SECONDS: Final = 10 * 60
# A crash loses at most this much. Every keystroke is a sign, and must not cause a second write to the database.
SAVE_SECONDS: Final = 30

# Saves a document; returns the newer one if another server has saved it meanwhile, else None.
Save = Callable[[str, str, Any], Document | None]


class TimeSpent:
    """The time of one learner; safe to use from several tabs."""

    def __init__(
        self, save: Save, documents: Mapping[tuple[str, str], Any], clock: Callable[[], float] = time.time
    ) -> None:
        """`save` saves a document by kind and key, unless the store has a newer one; `documents` are the saved ones.

        The clock returns seconds since 1970, so that the measurement continues after a restart.
        """
        self._save = save
        self._clock = clock
        self._lock = threading.Lock()
        self._seconds, self._last = _read(documents.get((TIME, "")))
        # How many seconds the store has.
        self._saved = self._seconds

    @property
    def seconds(self) -> float:
        """The seconds measured until the last sign."""
        return self._seconds

    def sign(self) -> None:
        """Record a sign of activity. Never raise: time that cannot be saved now is saved with a later sign."""
        with self._lock:
            now = self._clock()
            # A clock that was set back counts as a pause.
            if self._last is not None and 0 <= now - self._last <= PAUSE_SECONDS:
                self._seconds += now - self._last
            self._last = now
            # Save nothing for a learner who has only opened a page.
            if self._seconds - self._saved >= (SAVE_SECONDS if self._saved else 1):
                with suppress(LabError):
                    self._keep(now)

    def adopt(self, document: object) -> None:
        """Take over the time that another server has saved, and add what was measured here since."""
        with self._lock:
            self._adopt(document)

    def forget(self) -> None:
        """Start again at zero; the store has forgotten the time already."""
        with self._lock:
            self._seconds = self._saved = 0.0
            self._last = None

    def _keep(self, now: float) -> None:
        while newer := self._save(TIME, "", {"seconds": self._seconds, "last": now}):
            self._adopt(newer.value)
        self._saved = self._seconds

    def _adopt(self, document: object) -> None:
        kept, last = _read(document)
        self._seconds, self._saved = kept + self._seconds - self._saved, kept
        self._last = max(filter(None, (last, self._last)), default=None)


def in_words(seconds: float) -> str:
    """Return a duration as text for people, in hours and whole minutes."""
    hours, minutes = divmod(int(seconds // 60), 60)
    if not hours and not minutes:
        return "less than a minute"
    return " ".join(part for part in (f"{hours} h" * bool(hours), f"{minutes} min" * bool(minutes)) if part)


def _read(document: object) -> tuple[float, float | None]:
    if not isinstance(document, Mapping):
        return 0.0, None
    seconds, last = document.get("seconds"), document.get("last")
    if not isinstance(seconds, int | float) or not isinstance(last, int | float) or not 0 <= seconds < float("inf"):
        return 0.0, None
    return float(seconds), float(last)
