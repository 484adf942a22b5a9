"""The history of each step: attempts, hints, solution and resets in order. The store gets every event at once."""

import math
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import asdict, dataclass, field, fields, replace
from typing import Any, Final, Literal

from lab.judge.feedback import PASSED, Feedback, Outcome
from lab.lesson.steps import STEPS, Step
from lab.store import Document

HISTORY: Final = "history"
MAX_EVENTS: Final = 200
MAX_MESSAGE: Final = 500

EventKind = Literal["attempt", "hint", "solution", "reset"]
How = Literal["", "solved", "helped", "shown"]
# Saves a document; returns the newer one if another server has saved it meanwhile, else None.
Save = Callable[[str, str, Any], Document | None]


@dataclass(frozen=True)
class Event:
    """Something that a learner did in a step.

    `at` is the time in seconds since 1970. `worked` is how many seconds they had worked on the lab by then. For an
    attempt, `outcome`, `mistake` and `message` are those of the check. For a hint, `hint` is its number.
    """

    kind: EventKind
    at: float
    worked: float = 0.0
    outcome: Outcome | Literal[""] = ""
    mistake: str = ""
    message: str = ""
    hint: int = 0


@dataclass(frozen=True)
class StepHistory:
    """The newest events of a step, oldest first, and totals of all events.

    `count` is the number of all events ever, and `attempts` of all attempts. `tried_at` and `passed_at` are when the
    step was first tried and first passed, in seconds since 1970; None if it was not.
    """

    events: tuple[Event, ...] = field(default=())
    count: int = 0
    attempts: int = 0
    tried_at: float | None = None
    passed_at: float | None = None

    @property
    def how(self) -> How:
        """How the step was first passed; empty if it was not. Help before the newest events is not counted."""
        if self.passed_at is None:
            return ""
        taken = {event.kind for event in self.events if event.at <= self.passed_at}
        return "shown" if "solution" in taken else "helped" if "hint" in taken else "solved"

    @property
    def worked_when_passed(self) -> float | None:
        """How many seconds the learner had worked on the lab when they first passed the step; None if unknown."""
        passed = (event for event in self.events if event.kind == "attempt" and event.at == self.passed_at)
        return next((event.worked for event in passed), None)


class History:
    """The history of one learner, by step. Methods that add an event raise LabError when it cannot be saved."""

    def __init__(
        self,
        save: Save,
        documents: Mapping[tuple[str, str], Any],
        worked: Callable[[], float] = lambda: 0.0,
        clock: Callable[[], float] = time.time,
    ) -> None:
        """`save` saves a document by kind and key, unless the store has a newer one; `documents` are the saved ones."""
        self._save = save
        self._worked = worked
        self._clock = clock
        self._lock = threading.Lock()
        self._steps = {
            key: known
            for (kind, key), value in documents.items()
            if kind == HISTORY and key in STEPS and (known := read_history(value))
        }

    def of(self, step: Step) -> StepHistory:
        """Return the history of a step."""
        return self._steps.get(step.id, StepHistory())

    def attempted(self, step: Step, feedback: Feedback) -> None:
        """Add an attempt with its feedback; an answer that is "not attempted" does not count."""
        if feedback.outcome != "not attempted":
            message = feedback.message if len(feedback.message) <= MAX_MESSAGE else feedback.message[:MAX_MESSAGE] + "…"
            self._add(step, "attempt", outcome=feedback.outcome, mistake=feedback.mistake, message=message)

    def hint_opened(self, step: Step, number: int) -> None:
        """Add that a hint was opened; `number` counts from 1."""
        self._add(step, "hint", hint=number)

    def solution_shown(self, step: Step) -> None:
        """Add that the solution was shown, or was run in place of the learner's code."""
        self._add(step, "solution")

    def reset(self, step: Step) -> None:
        """Add that the starter was put back."""
        self._add(step, "reset")

    def forget(self) -> None:
        """Forget everything; the store has forgotten it already."""
        with self._lock:
            self._steps.clear()

    def adopt(self, step_id: str, document: object) -> None:
        """Take over the history of a step that another server has saved."""
        with self._lock:
            self._steps[step_id] = read_history(document) or StepHistory()

    def _add(self, step: Step, kind: EventKind, **about: Any) -> None:
        event = Event(kind, self._clock(), self._worked(), **about)
        with self._lock:
            while True:
                changed = _after(self.of(step), event)
                newer = self._save(HISTORY, step.id, asdict(changed))
                if newer is None:
                    self._steps[step.id] = changed
                    return
                # The event has happened, so try again: add it to what another server has saved meanwhile.
                self._steps[step.id] = read_history(newer.value) or StepHistory()


def _after(known: StepHistory, event: Event) -> StepHistory:
    changed = replace(known, events=(*known.events, event)[-MAX_EVENTS:], count=known.count + 1)
    if event.kind == "attempt":
        tried_at = event.at if known.tried_at is None else known.tried_at
        changed = replace(changed, attempts=known.attempts + 1, tried_at=tried_at)
        if event.outcome in PASSED and known.passed_at is None:
            changed = replace(changed, passed_at=event.at)
    return changed


def read_history(document: object) -> StepHistory | None:
    """Return the history in a document of the store; None if it is not one.

    Leave out what another version of the lab has written and this one does not know.
    """
    if not isinstance(document, Mapping) or not isinstance(document.get("events"), list):
        return None
    events = tuple(event for value in document["events"] if (event := _read_event(value)))
    count, attempts = (_number(document.get(name)) or 0 for name in ("count", "attempts"))
    return StepHistory(
        events,
        max(int(count), len(events)),
        int(attempts),
        _number(document.get("tried_at")),
        _number(document.get("passed_at")),
    )


def _read_event(value: object) -> Event | None:
    if not isinstance(value, Mapping) or value.get("kind") not in {"attempt", "hint", "solution", "reset"}:
        return None
    numbers = {"at", "worked", "hint"}
    known = {known.name: value[known.name] for known in fields(Event) if known.name in value}
    if "at" not in known or any((_number(part) is None) == (name in numbers) for name, part in known.items()):
        return None
    return Event(**known)


def _number(value: object) -> float | None:
    return value if isinstance(value, int | float) and not isinstance(value, bool) and math.isfinite(value) else None
