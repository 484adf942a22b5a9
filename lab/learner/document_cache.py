"""The documents of one learner, with the version of each that this process has seen."""

import threading
from collections.abc import Mapping
from typing import Any, Final

from lab.errors import LabError
from lab.store import NEVER, Document, DocumentKey, Store, Version

# Four bytes for each character of the longest field. A cell has fewer characters.
MAX_TEXT_BYTES: Final = 80_000


class OvertakenError(LabError):
    """A write based on an old text, which another browser or another server has changed since."""


class DocumentCache:
    """A cache of one learner's documents; safe to use from any thread.

    Every method raises LabError when the store is unreachable. `notice` is a sentence about the documents that the
    learner must read; empty if there is none.
    """

    def __init__(self, store: Store, learner_id: str) -> None:
        self._store = store
        self._learner_id = learner_id
        self._lock = threading.RLock()
        # The generation must come first: then a loss between the two calls is noticed later.
        self._generation = store.generation()
        self._known = dict(store.load(learner_id))
        self.notice = ""
        if store.lost and not self._known:
            self.notice = (
                f"{store.lost} If you were here before, what you wrote is only in a copy of that file, if there is one."
            )

    @property
    def documents(self) -> Mapping[DocumentKey, Any]:
        """The values of the known documents, by kind and key."""
        return {key: document.value for key, document in self._known.items()}

    def save(self, key: DocumentKey, value: Any) -> Document | None:
        """Save a document over the known version; return None if that worked, or the store already has this value.

        When the store has a newer document, write nothing: remember the newer one, and return it.
        """
        with self._lock:
            while True:
                self._bring_back()
                seen = self._known.get(key, Document()).version
                result = self._store.save(self._learner_id, key, value, seen)
                if isinstance(result, Document):
                    self._known[key] = result
                    return None
                if self._store.generation() != self._generation:
                    continue  # the file was deleted just now
                self._known[key] = result.newer
                return None if result.newer.value == value else result.newer

    def changed(self) -> Mapping[DocumentKey, Any]:
        """Return and remember what others have written since the last look; None stands for a deleted document."""
        with self._lock:
            self._bring_back()
            known = self._known
            versions = {key: document.version for key, document in known.items() if document.version != NEVER}
            if self._store.versions_of(self._learner_id) == versions:
                return {}
            self._known = dict(self._store.load(self._learner_id))
            nothing = Document()
            return {
                key: now.value
                for key in {*known, *self._known}
                if (now := self._known.get(key, nothing)).version != known.get(key, nothing).version
            }

    def keep_version(self, key: DocumentKey, text: str) -> None:
        """Save a text as an earlier version, next to the present document."""
        self._store.keep_version(self._learner_id, key, text)

    def versions(self, key: DocumentKey) -> tuple[Version, ...]:
        """Return the earlier versions of a document, newest first."""
        return self._store.versions(self._learner_id, key)

    def forget(self) -> None:
        """Delete everything of the learner, also in the store."""
        with self._lock:
            self._store.forget(self._learner_id)
            self._known.clear()
            self.notice = ""

    def _bring_back(self) -> None:
        """Write all known documents into the database if its file was created again."""
        if (generation := self._store.generation()) == self._generation:
            return
        known = {key: document for key, document in self._known.items() if document.version != NEVER}
        self._store.bring_back(self._learner_id, known)
        self._generation = generation
        self.notice = (
            f"{self._store.lost} What you wrote and reached stands in a new one; earlier versions of it are gone."
        )


def require_short(text: str) -> None:
    """Raise LabError for a text that is longer than any field may be."""
    if (size := len(text.encode("utf-8", errors="replace"))) > MAX_TEXT_BYTES:
        raise LabError(
            f"What you wrote is {size:,} bytes long, and a field may have {MAX_TEXT_BYTES:,}; it is not kept.",
            "Shorten it: what stood there before is still kept.",
        )
