"""What a learner writes and reaches. Every change is saved in the store at once."""

from dataclasses import asdict, replace
from functools import partial
from typing import Any

from lab.judge.feedback import Feedback
from lab.learner import retrospective
from lab.learner.asking import ASKED, Asked
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
    Result,
)
from lab.learner.retrospective import Retrospective
from lab.learner.saved_progress import SavedProgress
from lab.lesson.steps import Step


class Progress(SavedProgress):
    """What one learner has written, and every way to change it.

    Every method raises LabError when the change cannot be saved.
    """

    # --- what a learner does

    def write(self, step: Step, text: str) -> None:
        """Save another text of a step's cell."""
        with self._lock:
            if text != self.answer(step).text:
                self.keep_answer(step, text=text)

    def replace(self, step: Step, text: str) -> None:
        """Replace the text of a step's cell; the present text becomes an earlier version."""
        with self._lock:
            before = self.answer(step).text
            if text != before:
                if before != step.starter:
                    self.keep_version(ANSWER, step.id, before)
                self.keep_answer(step, text=text)
                if text == step.starter:
                    self.history.reset(step)

    def open_hint(self, step: Step) -> None:
        """Open the next hint."""
        with self._lock:
            opened = self.answer(step).hints
            if opened < len(step.hints):
                self.keep_answer(step, hints=opened + 1)
                self.history.hint_opened(step, opened + 1)

    def show_solution(self, step: Step) -> None:
        """Save that the solution is shown."""
        with self._lock:
            if not self.answer(step).shown:
                self.keep_answer(step, shown=True)
                self.history.solution_shown(step)

    def predict(self, prediction_id: str, text: str) -> None:
        """Save a prediction."""
        self._keep(PREDICTION, prediction_id, lambda: text, typed={prediction_id: text})

    def write_reason(self, prediction_id: str, text: str) -> None:
        """Save another explanation of the outcome of a prediction."""
        with self._lock:
            if text != self.reason(prediction_id):
                self._keep(REASON, prediction_id, lambda: text, typed={prediction_id: text})

    def write_scratch(self, text: str) -> None:
        """Save another text of the scratch cell."""
        with self._lock:
            if text != self.scratch:
                self._keep(SCRATCH, "", lambda: text, typed={"": text})

    def write_result(self, group_id: str, text: str) -> None:
        """Save another text of a result group."""
        with self._lock:
            self.keep_result(group_id, Result(text, self.result(group_id).checked))

    def check_result(self, group_id: str) -> None:
        """Save that the learner wants a check of the group's result, from now on."""
        self._keep(RESULT, group_id, lambda: asdict(Result(self.result(group_id).text, checked=True)))

    def introduce(self, identity: Identity) -> None:
        """Save who the learner is. Drop the feedback on results if that changes the log files."""
        with self._lock:
            if identity.dataset.seed != self.identity.dataset.seed:
                for group_id in list(self._results):
                    self._keep(RESULT, group_id, partial(self._unchecked, group_id))
            if identity != self.identity:
                self._keep(IDENTITY, "", lambda: asdict(identity), typed={})
            if self.drafts:
                self._keep(DRAFT, "", dict)

    def write_draft(self, name: str, text: str) -> None:
        """Save the draft of an identity field, before its button is pressed."""
        with self._lock:
            if text != self.drafts.get(name):
                self._keep(DRAFT, "", lambda: {**self.drafts, name: text}, typed={name: text})

    def write_retrospective(self, written: Retrospective) -> None:
        """Save another text of the retrospective; raise LabError also when a part is too long."""
        retrospective.refuse_too_long(written)
        with self._lock:
            if written != self.retrospective:
                parts, before = asdict(written), asdict(self.retrospective)
                typed = {part: text for part, text in parts.items() if text != before[part]}
                self._keep(RETROSPECTIVE, "", lambda: parts, typed=typed)

    def execute(self, *, begun: bool) -> None:
        """Save that the execution of the notebook has begun, or has ended."""
        if begun != self.executes:
            self._keep(EXECUTION, "", lambda: begun)

    def recall(self) -> None:
        """Save that the learner has just been asked what they remember, or does not want to be asked."""
        now = self._clock()
        self._keep(RECALL, "", lambda: now)

    def ask_for_help(self, page: str) -> None:
        """Save a request for help on a page; an earlier open request stays as it is."""
        if self.asked is None:
            asked = Asked(self._clock(), page)
            self._keep(ASKED, "", lambda: asdict(asked))

    def need_no_help(self) -> None:
        """Take back the request for help."""
        if self.asked is not None:
            self._keep(ASKED, "", dict)

    # --- what a check finds

    def keep_answer(self, step: Step, **changes: Any) -> None:
        """Save changes of some fields of an answer."""
        typed = {step.id: changes["text"]} if "text" in changes else None
        self._keep(ANSWER, step.id, lambda: asdict(replace(self.answer(step), **changes)), typed=typed)

    def keep_result(self, group_id: str, result: Result) -> None:
        """Save a result."""
        self._keep(RESULT, group_id, lambda: asdict(result), typed={group_id: result.text})

    def keep_feedback(self, group_id: str, text: str, feedback: Feedback) -> None:
        """Save the feedback on a result, unless its text has changed since."""

        def found() -> Any:
            known = self.result(group_id)
            return asdict(replace(known, feedback=feedback) if known.text == text else known)

        with self._lock:
            if found() != asdict(self.result(group_id)):
                self._keep(RESULT, group_id, found)

    def _unchecked(self, group_id: str) -> Any:
        return asdict(Result(self.result(group_id).text))
