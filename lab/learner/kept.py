"""The kinds of a learner's documents in the store, and how to read them, also those of other versions of the lab."""

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

    `feedback` is that of the check on the text `checked`. `passed` is the text that passed last, and `how` says how the
    step was first passed. `hints` counts the opened hints. `shown` says whether the solution was shown.
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
    """The text in a result group; `checked` says whether a check was asked for, and `feedback` is its feedback."""

    text: str = ""
    checked: bool = False
    feedback: Feedback | None = None


def read_answer(value: object) -> Answer | None:
    """Return the answer in a document of the store; None if it is not one."""
    return _read(Answer, value)


def read_result(value: object) -> Result | None:
    """Return the result in a document of the store; None if it is not one."""
    return _read(Result, value)


def read_text(value: object) -> str | None:
    """Return the text in a document of the store; None if it is not one."""
    return value if isinstance(value, str) else None


_T = TypeVar("_T", Answer, Result)


def _read(kind: type[_T], value: object) -> _T | None:
    """Return the object in a document of the store; None if it is not one.

    Leave out fields that another version of the lab has written and this one does not know.
    """
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
    """Return the identity in a document of the store; an empty one if it is not valid."""
    known = value if isinstance(value, Mapping) else {}
    name, class_code = known.get("name"), known.get("class_code")
    try:
        return Identity(name, class_code) if isinstance(name, str) and isinstance(class_code, str) else Identity()
    except LabError:
        return Identity()


def read_drafts(value: object) -> Mapping[str, str]:
    """Return the drafts of the identity fields, by field name; empty if the document is not valid."""
    known = value if isinstance(value, Mapping) else {}
    return {name: text for name, text in known.items() if isinstance(name, str) and isinstance(text, str)}
