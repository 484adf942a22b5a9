"""What is kept of a learner, by its kinds, and how it is read, also as another version of the lab has written it."""

from collections.abc import Mapping
from dataclasses import dataclass, fields
from typing import Final, TypeVar

from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.learner.history import How
from lab.learner.identity import Identity

ANSWER: Final = "answer"
RESULT: Final = "result"
PREDICTION: Final = "prediction"
REASON: Final = "reason"
SCRATCH: Final = "scratch"
IDENTITY: Final = "identity"
RETROSPECTIVE: Final = "retrospective"
DRAFT: Final = "draft"
EXECUTION: Final = "execution"
RECALL: Final = "recall"
SKIPPED: Final = ""


@dataclass(frozen=True)
class Answer:
    """A learner's code of a step.

    `feedback` is what the check said of the text `checked`. `passed` is the text that passed last, and `how` says how the
    step was first passed. `hints` counts those that were opened; `shown` whether the solution was.
    """

    text: str
    checked: str = ""
    feedback: Feedback | None = None
    passed: str = ""
    how: How = ""
    hints: int = 0
    shown: bool = False

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


def read_answer(value: object) -> Answer | None:
    """Read an answer of the store; None if it is none."""
    return _read(Answer, value)


def read_result(value: object) -> Result | None:
    """Read what was written into a result group; None if it is none."""
    return _read(Result, value)


def read_text(value: object) -> str | None:
    """Read a text of the store; None if it is none."""
    return value if isinstance(value, str) else None


_T = TypeVar("_T", Answer, Result)


def _read(kind: type[_T], value: object) -> _T | None:
    """Return a document of the store; what another version of the lab has written and this one does not know is left out."""
    if not isinstance(value, Mapping) or not isinstance(value.get("text"), str):
        return None
    known = {field.name: value[field.name] for field in fields(kind) if field.name in value}
    feedback = known.get("feedback")
    try:
        known["feedback"] = Feedback(**feedback) if feedback else None
        return kind(**known)
    except TypeError:
        return None


def read_identity(value: object) -> Identity:
    """Read an identity of the store; nobody's if it is none."""
    known = value if isinstance(value, Mapping) else {}
    name, class_code = known.get("name"), known.get("class_code")
    try:
        return Identity(name, class_code) if isinstance(name, str) and isinstance(class_code, str) else Identity()
    except LabError:
        return Identity()


def read_drafts(value: object) -> Mapping[str, str]:
    """Read what is written into the fields of who one is; nothing if it is no such document."""
    known = value if isinstance(value, Mapping) else {}
    return {name: text for name, text in known.items() if isinstance(name, str) and isinstance(text, str)}
