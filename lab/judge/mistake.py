"""The class of an anticipated mistake, and the programs that make it."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from lab.engine.conditions import is_condition
from lab.judge.evidence import Evidence
from lab.judge.step import Step


@dataclass(frozen=True)
class Program:
    """An answer to a step that makes a mistake; `before` is a cell to run first."""

    step_id: str
    text: str
    before: str = ""


@dataclass(frozen=True)
class Mistake:
    """An anticipated mistake.

    `says` returns help for the learner when the evidence shows the mistake, else an empty text. It is called only for
    `steps`, or for every step when `steps` is empty. Each of the `programs` makes the mistake.
    """

    id: str
    title: str
    says: Callable[[Evidence], str]
    programs: tuple[Program, ...]
    steps: tuple[Step, ...] = ()


def program(step: Step, text: str, before: str = "") -> Program:
    """Return a program whose text is dedented, so that it can be written indented."""
    return Program(step.id, dedent(text).strip(), dedent(before).strip())


def raised(code: str, sentence: str) -> Callable[[Evidence], str]:
    """Return a function for `says`: it returns the sentence when the error has a Spark condition of this code.

    The codes are in lab/engine/conditions.py.
    """
    is_condition(code, "")  # an unknown code is an error now, not in the middle of a lesson
    return lambda evidence: sentence if is_condition(code, evidence.error) else ""
