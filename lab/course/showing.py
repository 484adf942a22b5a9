"""What the teacher shows to the class, shared through the store, so that labs with one database share it.

The store is authoritative. This module caches what was read last, for all pages of this lab.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lab.course.own_id import own_id
from lab.course.shown import Shown, bounded, document_of, read_shown
from lab.errors import LabError
from lab.store import NEVER, Document, DocumentKey, Store

# Many pages of a lab ask, so the database is read at most once in this time.
FRESH_SECONDS: Final = 0.5
# What is shown is saved at most once in SAVE_SECONDS; while nothing changes, it is saved again after BEAT_SECONDS.
SAVE_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 30.0
# After SILENT_SECONDS without a save, the teacher's window counts as closed; after OFF_SECONDS, the switch counts as
# off: left on in one lecture, it must not show the class what the teacher does before the next.
SILENT_SECONDS: Final = 2 * 60
OFF_SECONDS: Final = 10 * 60
# How long the class still sees what was shown last.
LAST_SECONDS: Final = 4 * 60 * 60
# A moment after this has no date that Python can write.
_LAST: Final = 200_000_000_000
_KEY: Final[DocumentKey] = ("shown", "")


@dataclass(frozen=True)
class ShowingStatus:
    """What is shown to the class. `at` is when the teacher's window last saved it, in seconds since 1970.

    `is_on` says that the class may watch, `is_live` that the teacher is showing something now. `version` is the version
    of the document. `error` is why the store could not be read; then the other values are the last known ones.
    """

    shown: Shown | None = None
    is_on: bool = False
    is_live: bool = False
    at: float = 0.0
    version: int = NEVER
    error: LabError | None = None

    @property
    def state(self) -> tuple[int, bool, bool]:
        """A value that changes when pages must be drawn again."""
        return self.version, self.is_live, self.error is not None


class Showing:
    """What a class is shown; safe to use from any thread."""

    def __init__(
        self, store: Callable[[], Store], class_code: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        """Keep where to read: `store` raises LabError when there is none; each class code has a showing of its own."""
        self._store = store
        self._class_code = class_code
        self._clock = clock
        self._lock = threading.Lock()
        self._document = Document()
        self._of = ""
        self._error: LabError | None = None
        self._looked_at = float("-inf")
        self._saved_at = float("-inf")

    def look(self) -> ShowingStatus:
        """Return what is shown now. Never raise: the result has the error."""
        with self._lock:
            self._look()
            return self._status()

    def let_watch(self, *, on: bool) -> None:
        """Turn watching on or off for the class; raise LabError when that cannot be kept.

        Turned off, the class still sees what was shown last. Turned on, what was shown earlier does not come back.
        """
        with self._lock:
            self._ask()
            before = self._status()
            if before.is_on != on:
                # If another window writes at the same moment, this save conflicts, and the other one wins.
                shown, at = (None, self._clock()) if on else (before.shown, before.at)
                self._save(shown, at, on=on)

    def show(self, shown: Shown, before: Shown | None) -> Shown | None:
        """Show this to the class, if it may watch; `before` is what this window of the teacher's has shown last.

        Return the new value of `before`. Of two windows, the class sees the one that changed last. It is saved at most
        once in SAVE_SECONDS, so call this again. Raises LabError when it cannot be kept.
        """
        shown = bounded(shown)
        with self._lock:
            now = self._clock()
            if 0 <= now - self._saved_at < SAVE_SECONDS:
                return before
            self._look()
            if self._error:
                raise self._error
            status = self._status()
            if not status.is_on:
                return None
            said = status.shown == shown and now - status.at < BEAT_SECONDS
            of_another = status.shown is not None and status.shown != before and shown == before
            if said or of_another:
                return shown
            return shown if self._save(shown, now, on=True) else before

    def _status(self) -> ShowingStatus:
        known = self._document.value if isinstance(self._document.value, dict) else {}
        at, on = known.get("at"), known.get("on")
        if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at < _LAST or not isinstance(on, bool):
            return ShowingStatus(version=self._document.version, error=self._error)
        silent = self._clock() - at
        shown = read_shown(known.get("shown")) if silent < LAST_SECONDS else None
        is_on = on and silent < OFF_SECONDS
        is_live = is_on and silent < SILENT_SECONDS and shown is not None
        return ShowingStatus(shown, is_on, is_live, float(at), self._document.version, self._error)

    def _look(self) -> None:
        now = self._clock()
        if self._of == self._id and 0 <= now - self._looked_at < FRESH_SECONDS:
            return
        self._looked_at = now
        try:
            self._ask()
        except LabError as error:
            self._error = error

    def _ask(self) -> None:
        """Read the document from the store, unless its version is the cached one."""
        store, known = self._store(), self._id
        if self._of != known:
            self._of, self._document = known, Document()
        version = store.versions_of(known).get(_KEY, NEVER)
        if version != self._document.version:
            self._document = store.load(known).get(_KEY, Document())
        self._error = None

    def _save(self, shown: Shown | None, at: float, *, on: bool) -> bool:
        """Save it; return False if another window has written meanwhile. Then cache what that one wrote."""
        value: dict[str, Any] = {"on": on, "at": at, "shown": shown and document_of(shown)}
        kept = self._store().save(self._id, _KEY, value, self._document.version)
        self._saved_at = self._looked_at = self._clock()
        if isinstance(kept, Document):
            self._document = kept
            return True
        self._document = kept.newer
        return False

    @property
    def _id(self) -> str:
        return own_id("showing", self._class_code())
