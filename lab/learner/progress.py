"""What a learner has written and reached, kept in the store with every change."""

import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final, TypeVar

from lab.engine.changes import Changes
from lab.judge.feedback import Feedback
from lab.learner import retrospective
from lab.learner.asking import ASKED, Asked, read_asked
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
from lab.learner.shelf import OvertakenError, Shelf, require_short
from lab.learner.time_spent import TIME, TimeSpent
from lab.lesson.steps import STEPS, Step
from lab.store import Document, Place, Store, Version


class Progress:
    """What one learner has written: answers, results, predictions, the retrospective, the scratch cell, who they are.

    `history` is what happened on the way, `time` how long it took.

    Every change raises LabError when it cannot be kept.
    """

    def __init__(self, store: Store, learner_id: str, clock: Callable[[], float] = time.time) -> None:
        self._shelf = Shelf(store, learner_id)
        self._answers: dict[str, Answer] = {}
        self._results: dict[str, Result] = {}
        self._predictions: dict[str, str] = {}
        self._reasons: dict[str, str] = {}
        # The text of the scratch cell.
        self.scratch = ""
        self.identity = Identity()
        self.retrospective = Retrospective()
        # What is written into the fields of who one is, until it is said by their button.
        self.drafts: Mapping[str, str] = {}
        # Whether the notebook is being executed; that of a server that has ended is not any more.
        self.executes = False
        # When the learner was last asked what they remember, in seconds since 1970.
        self.recalled_at = 0.0
        # That they need help; None if they do not.
        self.asked: Asked | None = None
        self._clock = clock
        self.changes = Changes()
        # Counts the changes.
        self.version = 0
        self._lock = threading.RLock()
        documents = self._shelf.documents
        self.time = TimeSpent(self._save, documents, clock)
        self.history = History(self._save, documents, lambda: self.time.seconds, clock)
        for (kind, key), value in documents.items():
            self._put(kind, key, value)

    def answer(self, step: Step) -> Answer:
        """Return the answer to a step, at first its starter."""
        return self._answers.get(step.id, Answer(step.starter))

    def result(self, group_id: str) -> Result:
        """Return what stands in a result group."""
        return self._results.get(group_id, Result())

    def prediction(self, prediction_id: str) -> str | None:
        """Return what was predicted; SKIPPED if the learner did not want to, None if nobody has asked yet."""
        return self._predictions.get(prediction_id)

    def reason(self, prediction_id: str) -> str:
        """Return why it came as it did, in the learner's own words."""
        return self._reasons.get(prediction_id, "")

    @property
    def notice(self) -> str:
        """What the learner must be told of what is kept, as a sentence; empty if nothing."""
        return self._shelf.notice

    def tell(self, sentence: str) -> None:
        """Have the learner told something until they have read it."""
        self._shelf.notice = sentence

    def dismiss(self) -> None:
        """Forget the notice, which the learner has read."""
        self._shelf.notice = ""

    def catch_up(self) -> None:
        """Take over what was written elsewhere since it was looked at last: what is shown is never older than the store."""
        with self._lock:
            if changed := self._shelf.changed():
                self._adopt(changed)

    def keep_version(self, kind: str, key: str, text: str) -> None:
        """Keep a text that stood in a place, which is named as its document is."""
        self._shelf.keep_version((kind, key), text)

    def versions(self, kind: str, key: str) -> tuple[Version, ...]:
        """Return the texts that stood in a place before, the newest first."""
        return self._shelf.versions((kind, key))

    # --- what a learner does

    def write(self, step: Step, text: str) -> None:
        """Another text stands in a step's cell."""
        with self._lock:
            if text != self.answer(step).text:
                self.keep_answer(step, text=text)

    def replace(self, step: Step, text: str) -> None:
        """Put another text into a step's cell; the present one becomes an earlier version."""
        with self._lock:
            before = self.answer(step).text
            if text != before:
                if before != step.starter:
                    self.keep_version(ANSWER, step.id, before)
                self.keep_answer(step, text=text)
                if text == step.starter:
                    self.history.reset(step)

    def open_hint(self, step: Step) -> None:
        """Show one hint more."""
        with self._lock:
            opened = self.answer(step).hints
            if opened < len(step.hints):
                self.keep_answer(step, hints=opened + 1)
                self.history.hint_opened(step, opened + 1)

    def show_solution(self, step: Step) -> None:
        """Show the solution."""
        with self._lock:
            if not self.answer(step).shown:
                self.keep_answer(step, shown=True)
                self.history.solution_shown(step)

    def predict(self, prediction_id: str, text: str) -> None:
        """Keep a prediction."""
        self._keep(PREDICTION, prediction_id, lambda: text, typed={prediction_id: text})

    def write_reason(self, prediction_id: str, text: str) -> None:
        """Another text says why it came as it did."""
        with self._lock:
            if text != self.reason(prediction_id):
                self._keep(REASON, prediction_id, lambda: text, typed={prediction_id: text})

    def write_scratch(self, text: str) -> None:
        """Another text stands in the scratch cell."""
        with self._lock:
            if text != self.scratch:
                self._keep(SCRATCH, "", lambda: text, typed={"": text})

    def write_result(self, group_id: str, text: str) -> None:
        """Another text stands in a result group."""
        with self._lock:
            self.keep_result(group_id, Result(text, self.result(group_id).checked))

    def check_result(self, group_id: str) -> None:
        """From now on, say of the group's result whether it is right."""
        self._keep(RESULT, group_id, lambda: asdict(Result(self.result(group_id).text, checked=True)))

    def introduce(self, identity: Identity) -> None:
        """Keep who the learner is. What the checks said of results is dropped if the log files are others then."""
        with self._lock:
            if identity.dataset.seed != self.identity.dataset.seed:
                for group_id in list(self._results):
                    self._keep(RESULT, group_id, partial(self._unchecked, group_id))
            if identity != self.identity:
                self._keep(IDENTITY, "", lambda: asdict(identity), typed={})
            if self.drafts:
                self._keep(DRAFT, "", dict)

    def write_draft(self, name: str, text: str) -> None:
        """Another text stands in a field of who one is, which its button has not said yet."""
        with self._lock:
            if text != self.drafts.get(name):
                self._keep(DRAFT, "", lambda: {**self.drafts, name: text}, typed={name: text})

    def write_retrospective(self, written: Retrospective) -> None:
        """Another text stands in a part of the retrospective; raises LabError also when it is too long."""
        retrospective.refuse_too_long(written)
        with self._lock:
            if written != self.retrospective:
                parts, before = asdict(written), asdict(self.retrospective)
                typed = {part: text for part, text in parts.items() if text != before[part]}
                self._keep(RETROSPECTIVE, "", lambda: parts, typed=typed)

    def execute(self, *, begun: bool) -> None:
        """Note that the execution of the notebook has begun, or has ended."""
        if begun != self.executes:
            self._keep(EXECUTION, "", lambda: begun)

    def recall(self) -> None:
        """Note that the learner has been asked what they remember, or does not want to be."""
        now = self._clock()
        self._keep(RECALL, "", lambda: now)

    def ask_for_help(self, page: str) -> None:
        """Say that one needs help, on a page; who has said so already has said it then."""
        if self.asked is None:
            asked = Asked(self._clock(), page)
            self._keep(ASKED, "", lambda: asdict(asked))

    def need_no_help(self) -> None:
        """Take that back."""
        if self.asked is not None:
            self._keep(ASKED, "", dict)

    # --- what a check finds

    def keep_answer(self, step: Step, **changes: Any) -> None:
        """Change parts of an answer."""
        typed = {step.id: changes["text"]} if "text" in changes else None
        self._keep(ANSWER, step.id, lambda: asdict(replace(self.answer(step), **changes)), typed=typed)

    def keep_result(self, group_id: str, result: Result) -> None:
        """Change a result."""
        self._keep(RESULT, group_id, lambda: asdict(result), typed={group_id: result.text})

    def keep_feedback(self, group_id: str, text: str, feedback: Feedback) -> None:
        """Keep what the check said of a result, if that text still stands there."""

        def found() -> Any:
            known = self.result(group_id)
            return asdict(replace(known, feedback=feedback) if known.text == text else known)

        with self._lock:
            if found() != asdict(self.result(group_id)):
                self._keep(RESULT, group_id, found)

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._shelf.forget()
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

    def _unchecked(self, group_id: str) -> Any:
        return asdict(Result(self.result(group_id).text))

    def _keep(self, kind: str, key: str, make: Callable[[], Any], typed: Mapping[str, str] | None = None) -> None:
        """Save what `make` makes of what is known; only when that has worked, the change is made.

        When somebody elsewhere has written something newer, what nobody has typed is made anew of that. Texts that were
        typed, by their keys, are not: OvertakenError says that they are kept as versions, and that the newer ones are shown.
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
        return self._shelf.save((kind, key), value)

    def _overtaken(self) -> OvertakenError:
        error = OvertakenError(
            "This was changed elsewhere, in another browser or on another server, after this page had been drawn; what is "
            "newer is shown now.",
            "What you have just written is kept among the earlier versions, from which you can bring it back.",
        )
        self._shelf.notice = str(error)
        return error

    def _adopt(self, documents: Mapping[Place, Any]) -> None:
        """Take over what was written elsewhere."""
        for (kind, key), value in documents.items():
            self._put(kind, key, value)
        self._changed()

    def _put(self, kind: str, key: str, value: Any) -> None:
        """Know a document of the store; None if it is not there any more."""
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
        self.changes.tell()


_V = TypeVar("_V")


def _set(kept: dict[str, _V], key: str, value: _V | None) -> None:
    if value is None:
        kept.pop(key, None)
    else:
        kept[key] = value


# What there is one of: the attribute that has it, and how a document of the store is read.
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
