"""The documents of one learner, and which version of each this process has seen."""

import threading
from collections.abc import Mapping
from typing import Any, Final

from lab.errors import LabError
from lab.store import NEVER, Document, Place, Store, Version

# Four bytes for each character of the longest field there is. A cell has fewer.
MAX_TEXT_BYTES: Final = 80_000


class OvertakenError(LabError):
    """What was to be written goes back to something that somebody has changed since: another browser, on another server."""


class Shelf:
    """What is kept of one learner; safe to use from any thread. Every method raises LabError when the store cannot be asked.

    `notice` is what the learner must be told of it, in a sentence; empty if nothing.
    """

    def __init__(self, store: Store, learner_id: str) -> None:
        self._store = store
        self._learner_id = learner_id
        self._lock = threading.RLock()
        # In this order: what is lost in between is noticed later.
        self._generation = store.generation()
        self._known = dict(store.load(learner_id))
        self.notice = ""
        if store.lost and not self._known:
            self.notice = (
                f"{store.lost} If you were here before, what you wrote is only in a copy of that file, if there is one."
            )

    @property
    def documents(self) -> Mapping[Place, Any]:
        """What is known to stand there, by kind and key."""
        return {place: document.value for place, document in self._known.items()}

    def save(self, place: Place, value: Any) -> Document | None:
        """Keep a document in place of the one that is known.

        When a newer one stands there, nothing is written; that one is known from then on, and is given.
        """
        with self._lock:
            while True:
                self._bring_back()
                seen = self._known.get(place, Document()).version
                result = self._store.save(self._learner_id, place, value, seen)
                if isinstance(result, Document):
                    self._known[place] = result
                    return None
                if self._store.generation() != self._generation:
                    continue  # the file was deleted just now
                self._known[place] = result.newer
                return None if result.newer.value == value else result.newer

    def changed(self) -> Mapping[Place, Any]:
        """Return what others have written since it was seen, None for what they have deleted; it is known from then on."""
        with self._lock:
            self._bring_back()
            known = self._known
            versions = {place: document.version for place, document in known.items() if document.version != NEVER}
            if self._store.versions_of(self._learner_id) == versions:
                return {}
            self._known = dict(self._store.load(self._learner_id))
            nothing = Document()
            return {
                place: now.value
                for place in {*known, *self._known}
                if (now := self._known.get(place, nothing)).version != known.get(place, nothing).version
            }

    def keep_version(self, place: Place, text: str) -> None:
        """Keep a text that stood in a place, beside what stands there now."""
        self._store.keep_version(self._learner_id, place, text)

    def versions(self, place: Place) -> tuple[Version, ...]:
        """Return the texts that stood in a place, the newest first."""
        return self._store.versions(self._learner_id, place)

    def forget(self) -> None:
        """Delete everything."""
        with self._lock:
            self._store.forget(self._learner_id)
            self._known.clear()
            self.notice = ""

    def _bring_back(self) -> None:
        """Write everything that is known into the database if its file was made anew."""
        if (generation := self._store.generation()) == self._generation:
            return
        known = {place: document for place, document in self._known.items() if document.version != NEVER}
        self._store.bring_back(self._learner_id, known)
        self._generation = generation
        self.notice = (
            f"{self._store.lost} What you wrote and reached stands in a new one; earlier versions of it are gone."
        )


def require_short(text: str) -> None:
    """Raise LabError for a text that is longer than any field has to be."""
    if (size := len(text.encode("utf-8", errors="replace"))) > MAX_TEXT_BYTES:
        raise LabError(
            f"What you wrote is {size:,} bytes long, and a field may have {MAX_TEXT_BYTES:,}; it is not kept.",
            "Shorten it: what stood there before is still kept.",
        )
