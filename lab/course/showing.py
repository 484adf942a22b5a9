"""The teacher's showing to the class, by the store: so teacher and learners may be on labs that share a database.

The store is where it is true. What is known here is what was read last, for all pages of this lab together.
"""

import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from lab.course.own_id import own_id
from lab.course.shown import Shown, bounded, document_of, read_shown
from lab.errors import LabError
from lab.store import NEVER, Document, Place, Store

# Many pages of a lab ask; the database is asked once in so long.
FRESH_SECONDS: Final = 0.5
# What is shown is kept so often at most, and said again so often while nothing changes.
SAVE_SECONDS: Final = 1.0
BEAT_SECONDS: Final = 30.0
# After so long without a word, the teacher's window is taken for closed, and later the switch for off: left on in
# one lecture, it must not show the class what is done before the next.
SILENT_SECONDS: Final = 2 * 60
OFF_SECONDS: Final = 10 * 60
# So long, the last picture stays for the class.
LAST_SECONDS: Final = 4 * 60 * 60
# A moment after this has no date that Python can write.
_LAST: Final = 200_000_000_000
_PLACE: Final[Place] = ("shown", "")


@dataclass(frozen=True)
class Seen:
    """What is shown to the class. `at` is when the teacher last said so, in seconds since 1970.

    `is_on` says that the class may watch, `is_live` that the teacher shows something just now. `version` tells one state
    from another. `error` is why the store could not be asked; then the others are those of before.
    """

    shown: Shown | None = None
    is_on: bool = False
    is_live: bool = False
    at: float = 0.0
    version: int = NEVER
    error: LabError | None = None

    @property
    def state(self) -> tuple[int, bool, bool]:
        """By which a page knows that it must be drawn anew."""
        return self.version, self.is_live, self.error is not None


class Showing:
    """What a class is shown; safe to use from any thread."""

    def __init__(
        self, store: Callable[[], Store], class_code: Callable[[], str], clock: Callable[[], float] = time.time
    ) -> None:
        """`store` raises LabError when there is none; each class code has a showing of its own."""
        self._store = store
        self._class_code = class_code
        self._clock = clock
        self._lock = threading.Lock()
        self._document = Document()
        self._of = ""
        self._error: LabError | None = None
        self._looked_at = float("-inf")
        self._saved_at = float("-inf")

    def look(self) -> Seen:
        """Look at what is shown now. It never raises: what is wrong is in what it gives."""
        with self._lock:
            self._look()
            return self._seen()

    def let_watch(self, *, on: bool) -> None:
        """Let the class watch from now on, or no more; raises LabError when it cannot be kept.

        What was shown last stays there for the class; what was shown in an earlier hour does not come back.
        """
        with self._lock:
            self._ask()
            before = self._seen()
            if before.is_on != on:
                # Someone else may have done so at this moment: then it is as they want it.
                shown, at = (None, self._clock()) if on else (before.shown, before.at)
                self._save(shown, at, on=on)

    def show(self, shown: Shown, before: Shown | None) -> Shown | None:
        """Show this to the class, if it may watch; `before` is what this window of the teacher's has shown last.

        Gives what the window has shown last now: of two windows, the class sees the one in which something has changed
        last. It is kept at most once in SAVE_SECONDS, so ask again. Raises LabError when it cannot be kept.
        """
        shown = bounded(shown)
        with self._lock:
            now = self._clock()
            if 0 <= now - self._saved_at < SAVE_SECONDS:
                return before
            self._look()
            if self._error:
                raise self._error
            seen = self._seen()
            if not seen.is_on:
                return None
            said = seen.shown == shown and now - seen.at < BEAT_SECONDS
            of_another = seen.shown is not None and seen.shown != before and shown == before
            if said or of_another:
                return shown
            return shown if self._save(shown, now, on=True) else before

    def _seen(self) -> Seen:
        known = self._document.value if isinstance(self._document.value, dict) else {}
        at, on = known.get("at"), known.get("on")
        if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at < _LAST or not isinstance(on, bool):
            return Seen(version=self._document.version, error=self._error)
        silent = self._clock() - at
        shown = read_shown(known.get("shown")) if silent < LAST_SECONDS else None
        is_on = on and silent < OFF_SECONDS
        is_live = is_on and silent < SILENT_SECONDS and shown is not None
        return Seen(shown, is_on, is_live, float(at), self._document.version, self._error)

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
        """Know what stands in the store; what has not changed is not read."""
        store, known = self._store(), self._id
        if self._of != known:
            self._of, self._document = known, Document()
        version = store.versions_of(known).get(_PLACE, NEVER)
        if version != self._document.version:
            self._document = store.load(known).get(_PLACE, Document())
        self._error = None

    def _save(self, shown: Shown | None, at: float, *, on: bool) -> bool:
        """Keep it; gives whether it was. What another window has written meanwhile is known then, and counts."""
        value: dict[str, Any] = {"on": on, "at": at, "shown": shown and document_of(shown)}
        kept = self._store().save(self._id, _PLACE, value, self._document.version)
        self._saved_at = self._looked_at = self._clock()
        if isinstance(kept, Document):
            self._document = kept
            return True
        self._document = kept.newer
        return False

    @property
    def _id(self) -> str:
        return own_id("showing", self._class_code())
