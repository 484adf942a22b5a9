"""How long a learner has worked on the lab, measured by what they do.

A sign of activity is a change that they make or a page that they open. The time between two signs counts, however many
tabs they come from, unless it is so long that they have been elsewhere.
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
# A crash loses no more than this; every keystroke is a sign, and is not to be a second write to the database.
SAVE_SECONDS: Final = 30

# Gives the newer document, should one stand there.
Save = Callable[[str, str, Any], Document | None]


class TimeSpent:
    """The time of one learner; safe to use from several tabs."""

    def __init__(
        self, save: Save, documents: Mapping[tuple[str, str], Any], clock: Callable[[], float] = time.time
    ) -> None:
        """`save` keeps a document by kind and key, unless a newer one stands there; `documents` are those that are kept.

        The clock gives seconds since 1970: what was measured before a restart goes on after it.
        """
        self._save = save
        self._clock = clock
        self._lock = threading.Lock()
        self._seconds, self._last = _read(documents.get((TIME, "")))
        # How much of it is kept.
        self._saved = self._seconds

    @property
    def seconds(self) -> float:
        """What has been measured until the last sign."""
        return self._seconds

    def sign(self) -> None:
        """Note that the learner is here. Never raises: what cannot be kept now is kept with a later sign."""
        with self._lock:
            now = self._clock()
            # A clock that was set back counts as a pause.
            if self._last is not None and 0 <= now - self._last <= PAUSE_SECONDS:
                self._seconds += now - self._last
            self._last = now
            # Whoever has only opened a page is not kept at all.
            if self._seconds - self._saved >= (SAVE_SECONDS if self._saved else 1):
                with suppress(LabError):
                    self._keep(now)

    def adopt(self, document: object) -> None:
        """Take over what another server has kept; what was measured here since is added."""
        with self._lock:
            self._adopt(document)

    def forget(self) -> None:
        """Begin at nothing; the store has forgotten it already."""
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
    """Return a time that a person can read, in whole minutes."""
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
