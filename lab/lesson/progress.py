"""What a learner has written and reached, kept in the store with every change."""

import threading
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Final, Literal, TypeVar

from lab.engine.changes import Changes
from lab.errors import LabError
from lab.lesson import retrospective
from lab.lesson.feedback import Feedback
from lab.lesson.history import History
from lab.lesson.identity import Identity
from lab.lesson.retrospective import Retrospective
from lab.lesson.steps import STEPS, Step
from lab.lesson.time_spent import TimeSpent
from lab.store import Store

ANSWER: Final = "answer"
RESULT: Final = "result"
PREDICTION: Final = "prediction"
SCRATCH: Final = "scratch"
IDENTITY: Final = "identity"
RETROSPECTIVE: Final = "retrospective"
SKIPPED: Final = ""

How = Literal["", "solved", "helped", "shown"]


@dataclass(frozen=True)
class Answer:
    """A learner's code of a step.

    `feedback` is what the check said of the text `checked`. `passed` is the text that passed last, and `how` says how the
    step was first passed. `hints` counts those that were opened; `shown` whether the solution was. `before` is the text that
    a reset or the solution has replaced.
    """

    text: str
    checked: str = ""
    feedback: Feedback | None = None
    passed: str = ""
    how: How = ""
    hints: int = 0
    shown: bool = False
    before: str = ""

    @property
    def help(self) -> How:
        """How the step would count if it passed now."""
        return "shown" if self.shown else "helped" if self.hints else "solved"


@dataclass(frozen=True)
class Result:
    """What was written into a result group; `feedback` is what the check, if it was asked for, said of that text."""

    text: str = ""
    checked: bool = False
    feedback: Feedback | None = None


class Progress:
    """What one learner has written: answers, results, predictions, the retrospective, the scratch cell, who they are.

    `history` is what happened on the way, `time` how long it took.

    Every change raises LabError when it cannot be kept.
    """

    def __init__(self, store: Store, learner_id: str, clock: Callable[[], float] = time.time) -> None:
        self._store = store
        self._learner_id = learner_id
        self._answers: dict[str, Answer] = {}
        self._results: dict[str, Result] = {}
        self._predictions: dict[str, str] = {}
        # The text of the scratch cell.
        self.scratch = ""
        self.identity = Identity()
        self.retrospective = Retrospective()
        # How often a step's text was replaced by a button, and not typed.
        self._replaced: dict[str, int] = {}
        self.changes = Changes()
        # Counts the changes.
        self.version = 0
        self._lock = threading.RLock()
        documents = store.load(learner_id)
        self.time = TimeSpent(self._save, documents, clock)
        self.history = History(self._save, documents, lambda: self.time.seconds, clock)
        for (kind, key), value in documents.items():
            if kind == ANSWER and key in STEPS and (answer := _read(Answer, value)):
                self._answers[key] = answer
            elif kind == RESULT and (result := _read(Result, value)):
                self._results[key] = result
            elif kind == PREDICTION and isinstance(value, str):
                self._predictions[key] = value
            elif kind == SCRATCH and isinstance(value, str):
                self.scratch = value
            elif kind == IDENTITY:
                self.identity = _read_identity(value)
            elif kind == RETROSPECTIVE:
                self.retrospective = retrospective.read(value)

    def answer(self, step: Step) -> Answer:
        """The answer to a step, at first its starter."""
        return self._answers.get(step.id, Answer(step.starter))

    def result(self, group_id: str) -> Result:
        """What stands in a result group."""
        return self._results.get(group_id, Result())

    def prediction(self, prediction_id: str) -> str | None:
        """What was predicted; SKIPPED if the learner did not want to, None if nobody has asked yet."""
        return self._predictions.get(prediction_id)

    def replaced(self, step: Step) -> int:
        """How often `replace` has replaced the text of a step's cell."""
        return self._replaced.get(step.id, 0)

    # --- what a learner does

    def write(self, step: Step, text: str) -> None:
        """Another text stands in a step's cell."""
        with self._lock:
            if text != self.answer(step).text:
                self.keep_answer(step, text=text)

    def replace(self, step: Step, text: str) -> None:
        """Put another text into a step's cell, so that `undo` can put the present one back."""
        with self._lock:
            before = self.answer(step).text
            if text != before:
                self.keep_answer(step, text=text, before=before)
                self._replaced[step.id] = self.replaced(step) + 1
                if text == step.starter:
                    self.history.reset(step)

    def undo(self, step: Step) -> None:
        """Put back what `replace` has replaced, if anything."""
        if before := self.answer(step).before:
            self.replace(step, before)

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
        with self._keeping(PREDICTION, prediction_id, text):
            self._predictions[prediction_id] = text

    def write_scratch(self, text: str) -> None:
        """Another text stands in the scratch cell."""
        with self._lock:
            if text != self.scratch:
                with self._keeping(SCRATCH, "", text):
                    self.scratch = text

    def write_result(self, group_id: str, text: str) -> None:
        """Another text stands in a result group."""
        with self._lock:
            self.keep_result(group_id, Result(text, self.result(group_id).checked))

    def check_result(self, group_id: str) -> None:
        """From now on, say of the group's result whether it is right."""
        with self._lock:
            self.keep_result(group_id, Result(self.result(group_id).text, checked=True))

    def introduce(self, identity: Identity) -> None:
        """Keep who the learner is. What the checks said of results is dropped if the log files are others then."""
        with self._lock:
            if identity.dataset.seed != self.identity.dataset.seed:
                for group_id, result in list(self._results.items()):
                    self.keep_result(group_id, Result(result.text))
            if identity != self.identity:
                with self._keeping(IDENTITY, "", asdict(identity)):
                    self.identity = identity

    def write_retrospective(self, written: Retrospective) -> None:
        """Another text stands in a part of the retrospective; raises LabError also when it is too long."""
        retrospective.refuse_too_long(written)
        with self._lock:
            if written != self.retrospective:
                with self._keeping(RETROSPECTIVE, "", asdict(written)):
                    self.retrospective = written

    # --- what a check finds

    def keep_answer(self, step: Step, **changes: Any) -> None:
        """Change parts of an answer."""
        with self._lock:
            answer = replace(self.answer(step), **changes)
            with self._keeping(ANSWER, step.id, asdict(answer)):
                self._answers[step.id] = answer

    def keep_result(self, group_id: str, result: Result) -> None:
        """Change a result."""
        with self._keeping(RESULT, group_id, asdict(result)):
            self._results[group_id] = result

    def keep_feedback(self, group_id: str, text: str, feedback: Feedback) -> None:
        """Keep what the check said of a result, if that text still stands there."""
        with self._lock:
            known = self.result(group_id)
            if known.text == text and known.feedback != feedback:
                self.keep_result(group_id, replace(known, feedback=feedback))

    def forget(self) -> None:
        """Forget everything."""
        with self._lock:
            self._store.forget(self._learner_id)
            for kept in (self._answers, self._results, self._predictions):
                kept.clear()
            self.scratch = ""
            self.identity = Identity()
            self.retrospective = Retrospective()
            self.history.forget()
            self.time.forget()
            self.version += 1
            self.changes.tell()

    @contextmanager
    def _keeping(self, kind: str, key: str, value: Any) -> Iterator[None]:
        """Save a document; only when that has worked, the change is made."""
        with self._lock:
            self._save(kind, key, value)
            yield
            self.version += 1
            self.changes.tell()
            self.time.sign()

    def _save(self, kind: str, key: str, value: Any) -> None:
        self._store.save(self._learner_id, kind, key, value)


_T = TypeVar("_T", Answer, Result)


def _read(kind: type[_T], value: object) -> _T | None:
    """A document of the store; what another version of the lab has written and this one does not know is left out."""
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        return None
    known = {field.name: value[field.name] for field in fields(kind) if field.name in value}
    feedback = known.get("feedback")
    try:
        known["feedback"] = Feedback(**feedback) if feedback else None
        return kind(**known)
    except TypeError:
        return None


def _read_identity(value: object) -> Identity:
    """An identity of the store; nobody's if it is none."""
    known = value if isinstance(value, Mapping) else {}
    name, class_code = known.get("name"), known.get("class_code")
    try:
        return Identity(name, class_code) if isinstance(name, str) and isinstance(class_code, str) else Identity()
    except LabError:
        return Identity()
