"""One learner, read from the store: who they are, what they did in each step, and whether they need help."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import takewhile
from typing import Any, Final, Literal

from lab.judge.feedback import PASSED
from lab.learner.asking import ASKED, Asked, read_asked
from lab.learner.history import HISTORY, Event, StepHistory, read_history
from lab.learner.kept import ANSWER, IDENTITY, read_identity
from lab.learner.time_spent import TIME
from lab.lesson.steps import EXERCISES
from lab.store import DocumentKey

# The kinds of documents that change when a learner does something. Of CONTENT the values are read; of the others only
# whether and when they changed.
CONTENT: Final = (IDENTITY, HISTORY, ASKED)
KINDS: Final = (*CONTENT, ANSWER, TIME)

# A learner who makes the same mistake so often in a row needs help.
STUCK: Final = 3

State = Literal["not begun", "trying", "stuck", "shown", "helped", "solved"]
SOLVED: Final = frozenset({"shown", "helped", "solved"})


@dataclass(frozen=True)
class Trouble:
    """What was wrong with an answer: the id of a mistake of the registry or, if none was recognised, the message."""

    step_id: str
    mistake: str = ""
    message: str = ""
    performed: bool = True

    @property
    def key(self) -> tuple[str, str]:
        """The key by which troubles of all learners are compared: one mistake in several steps counts as the same."""
        return ("", self.mistake) if self.mistake else (self.step_id, self.message)


@dataclass(frozen=True)
class StepProgress:
    """How far a learner is with a step.

    While the step is not solved, `trouble` is what was wrong with the newest attempt, and `times` how often in a row.
    `since` is the time of the first of these attempts, `at` that of the newest attempt, in seconds since 1970.
    """

    state: State = "not begun"
    attempts: int = 0
    trouble: Trouble | None = None
    times: int = 0
    since: float = 0.0
    at: float = 0.0


@dataclass(frozen=True)
class Enrolled:
    """A learner on the board. `key` is the hash under which the store keeps them, `last` when they were last active.

    `progress` and `seconds` are in the order of the exercises. `seconds` says how long a step took that was solved
    without its solution, None for others. `moved` is when they last solved a step; before the first, when they first
    tried one.
    """

    key: str
    name: str = ""
    class_code: str = ""
    progress: tuple[StepProgress, ...] = field(default=(StepProgress(),) * len(EXERCISES))
    seconds: tuple[float | None, ...] = field(default=(None,) * len(EXERCISES))
    asked: Asked | None = None
    moved: float = 0.0
    last: float = 0.0

    @property
    def is_stuck(self) -> bool:
        """Whether they make the same mistake again and again."""
        return any(each.state == "stuck" for each in self.progress)

    @property
    def is_done(self) -> bool:
        """Whether every step is solved."""
        return all(each.state in SOLVED for each in self.progress)


def enrolled(key: str, documents: Mapping[DocumentKey, Any], last: float) -> Enrolled:
    """Return a learner from their documents. Values of kinds outside CONTENT are ignored."""
    identity = read_identity(documents.get((IDENTITY, "")))
    histories = [read_history(documents.get((HISTORY, step.id))) or StepHistory() for step in EXERCISES]
    written = [(ANSWER, step.id) in documents for step in EXERCISES]
    progress = tuple(
        _step_progress(step.id, known, has_text=text)
        for step, known, text in zip(EXERCISES, histories, written, strict=True)
    )
    tried = [known.tried_at for known in histories if known.tried_at is not None]
    passed = [known.passed_at for known in histories if known.passed_at is not None]
    return Enrolled(
        key,
        identity.name,
        identity.class_code,
        progress,
        _durations(histories),
        read_asked(documents.get((ASKED, ""))),
        max(passed) if passed else min(tried, default=last),
        last,
    )


def _step_progress(step_id: str, known: StepHistory, *, has_text: bool) -> StepProgress:
    attempts = [event for event in known.events if event.kind == "attempt"]
    at = attempts[-1].at if attempts else 0.0
    if known.how:
        return StepProgress(known.how, known.attempts, at=at)
    # Ignore resets: who restores the starter has seen the solution all the same.
    if [event.kind for event in known.events if event.kind != "reset"][-1:] == ["solution"]:
        return StepProgress("shown", known.attempts, at=at)
    if not attempts:
        return StepProgress("trying" if known.events or has_text else "not begun")
    if attempts[-1].outcome in PASSED:
        # A document of an older version, which did not record when a step was passed.
        return StepProgress("solved", known.attempts, at=at)
    trouble = _trouble(step_id, attempts[-1])
    row = list(takewhile(lambda event: _trouble(step_id, event).key == trouble.key, reversed(attempts)))
    return StepProgress("stuck" if len(row) >= STUCK else "trying", known.attempts, trouble, len(row), row[-1].at, at)


def _trouble(step_id: str, event: Event) -> Trouble:
    return Trouble(step_id, event.mistake, event.message, event.outcome != "not performed")


def _durations(histories: Sequence[StepHistory]) -> tuple[float | None, ...]:
    """Return how long each step took: the seconds of work since the previous passed step, in the order of passing."""
    passed = sorted(
        (known.worked_when_passed, place)
        for place, known in enumerate(histories)
        if known.worked_when_passed is not None
    )
    found: list[float | None] = [None] * len(histories)
    before = 0.0
    for worked, place in passed:
        if histories[place].how != "shown":
            found[place] = worked - before
        before = worked
    return tuple(found)
