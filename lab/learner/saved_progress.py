"""What a learner has written and reached, as it is saved in the store."""

import threading
import time
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final, TypeVar

from lab.engine.changes import Changes
from lab.learner import retrospective
from lab.learner.asking import ASKED, Asked, read_asked
from lab.learner.document_cache import DocumentCache, OvertakenError, require_short
from lab.learner.history import HISTORY, History
from lab.learner.identity import Identity
from lab.learner.kept import (
    ANSWER,
    DRAFT,
    EXECUTION,
    IDENTITY,
    PREDICTION,
    REASON,
    RECALL,
    RESULT,
    RETROSPECTIVE,
    SCRATCH,
    Answer,
    Result,
    read_answer,
    read_drafts,
    read_identity,
    read_result,
    read_text,
)
from lab.learner.retrospective import Retrospective
from lab.learner.time_spent import TIME, TimeSpent
from lab.lesson.steps import STEPS, Step
from lab.store import Document, DocumentKey, Store, Version


class SavedProgress:
    """What one learner has written: answers, results, predictions, the retrospective, the scratch cell, who they are.

    `history` has the events of each step, `time` the time worked.
    """

    def __init__(self, store: Store, learner_id: str, clock: Callable[[], float] = time.time) -> None:
        self._documents = DocumentCache(store, learner_id)
        self._answers: dict[str, Answer] = {}
        self._results: dict[str, Result] = {}
        self._predictions: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        # The text of the scratch cell.
        self.scratch = ""
        self.identity = Identity()
        self.retrospective = Retrospective()
        # The texts in the name and class code fields until their button is pressed.
        self.drafts: Mapping[str, str] = {}
        # Whether the notebook is being executed. It stays True when a server ends during the execution.
        self.executes = False
        # When the learner was last asked what they remember, in seconds since 1970.
        self.recalled_at = 0.0
        # The learner's request for help; None if there is none.
        self.asked: Asked | None = None
        self._clock = clock
        self.changes = Changes()
        # The number of changes so far.
        self.version = 0
        self._lock = threading.RLock()
        documents = self._documents.documents
        self.time = TimeSpent(self._save, documents, clock)
        self.history = History(self._save, documents, lambda: self.time.seconds, clock)
        for (kind, key), value in documents.items():
            self._put(kind, key, value)

    def answer(self, step: Step) -> Answer:
        """Return the answer to a step; its starter if there is none yet."""
        return self._answers.get(step.id, Answer(step.starter))

    def result(self, group_id: str) -> Result:
        """Return the result in a result group; an empty one if there is none."""
        return self._results.get(group_id, Result())

    def prediction(self, prediction_id: str) -> str | None:
        """Return the prediction; SKIPPED if the learner did not want to make one, None if they were not asked yet."""
        return self._predictions.get(prediction_id)

    def reason(self, prediction_id: str) -> str:
        """Return the learner's explanation of the outcome; empty if there is none."""
        return self._reasons.get(prediction_id, "")

    @property
    def notice(self) -> str:
        """A sentence that the learner must read, about what is saved; empty if there is none."""
        return self._documents.notice

    def tell(self, sentence: str) -> None:
        """Set the notice; it is shown until the learner dismisses it."""
        self._documents.notice = sentence

    def dismiss(self) -> None:
        """Clear the notice after the learner has read it."""
        self._documents.notice = ""

    def catch_up(self) -> None:
        """Take over changes made elsewhere since the last look: a page never shows anything older than the store."""
        with self._lock:
            if changed := self._documents.changed():
                self._adopt(changed)

    def keep_version(self, kind: str, key: str, text: str) -> None:
        """Save a text as an earlier version of the document with this kind and key."""
        self._documents.keep_version((kind, key), text)

    def versions(self, kind: str, key: str) -> tuple[Version, ...]:
        """Return the earlier versions of the document with this kind and key, newest first."""
        return self._documents.versions((kind, key))

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._documents.forget()
            for kept in (self._answers, self._results, self._predictions, self._reasons):
                kept.clear()
            self.scratch = ""
            self.identity = Identity()
            self.retrospective = Retrospective()
            self.drafts = {}
            self.executes = False
            self.recalled_at = 0.0
            self.asked = None
            self.history.forget()
            self.time.forget()
            self._changed()

    def _keep(self, kind: str, key: str, make: Callable[[], Any], typed: Mapping[str, str] | None = None) -> None:
        """Save the document that `make` builds from the present state; change the state only after that.

        When the store has a newer document from elsewhere, take that over. Then, without `typed`, try again. With
        `typed` (texts that the learner typed, by key), save these texts as earlier versions and raise OvertakenError.
        """
        with self._lock:
            for text in (typed or {}).values():
                require_short(text)
            while newer := self._save(kind, key, value := make()):
                try:
                    for name, text in (typed or {}).items():
                        self.keep_version(kind, name, text)
                finally:
                    self._adopt({(kind, key): newer.value})
                if typed is not None:
                    self.catch_up()
                    raise self._overtaken()
            self._put(kind, key, value)
            self._changed()
            self.time.sign()

    def _save(self, kind: str, key: str, value: Any) -> Document | None:
        return self._documents.save((kind, key), value)

    def _overtaken(self) -> OvertakenError:
        error = OvertakenError(
            "This was changed elsewhere, in another browser or on another server, after this page had been drawn; what is "
            "newer is shown now.",
            "What you have just written is kept among the earlier versions, from which you can bring it back.",
        )
        self._documents.notice = str(error)
        return error

    def _adopt(self, documents: Mapping[DocumentKey, Any]) -> None:
        """Take over documents that were written elsewhere."""
        for (kind, key), value in documents.items():
            self._put(kind, key, value)
        self._changed()

    def _put(self, kind: str, key: str, value: Any) -> None:
        """Set the state from a document of the store; None means that it was deleted."""
        if kind == ANSWER and key in STEPS:
            _set(self._answers, key, read_answer(value))
        elif kind == RESULT:
            _set(self._results, key, read_result(value))
        elif kind == PREDICTION:
            _set(self._predictions, key, read_text(value))
        elif kind == REASON:
            _set(self._reasons, key, read_text(value))
        elif kind in _SINGLE:
            name, read = _SINGLE[kind]
            setattr(self, name, read(value))
        elif kind == HISTORY and key in STEPS:
            self.history.adopt(key, value)
        elif kind == TIME:
            self.time.adopt(value)

    def _changed(self) -> None:
        self.version += 1
        self.changes.notify()


_V = TypeVar("_V")


def _set(kept: dict[str, _V], key: str, value: _V | None) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value


# Kinds with a single document: the attribute that holds it, and the function that reads it.
_SINGLE: Final[Mapping[str, tuple[str, Callable[[object], Any]]]] = MappingProxyType(
    {
        SCRATCH: ("scratch", lambda value: read_text(value) or ""),
        IDENTITY: ("identity", read_identity),
        RETROSPECTIVE: ("retrospective", retrospective.read),
        DRAFT: ("drafts", read_drafts),
        EXECUTION: ("executes", lambda value: value is True),
        RECALL: ("recalled_at", lambda value: float(value) if isinstance(value, int | float) else 0.0),
        ASKED: ("asked", read_asked),
    }
)
