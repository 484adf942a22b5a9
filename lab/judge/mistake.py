"""What a mistake is made of."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from lab.engine.conditions import condition
from lab.judge.evidence import Evidence
from lab.judge.step import Step


@dataclass(frozen=True)
class Program:
    """An answer to a step that makes a mistake; `before` is a cell that is run first."""

    step_id: str
    text: str
    before: str = ""


@dataclass(frozen=True)
class Mistake:
    """An anticipated mistake.

    `says` gives what helps the learner when the evidence shows the mistake, else nothing. It is asked only in `steps`, or in
    every step when there are none. Each of the `programs` makes it.
    """

    id: str
    title: str
    says: Callable[[Evidence], str]
    programs: tuple[Program, ...]
    steps: tuple[Step, ...] = ()


def program(step: Step, text: str, before: str = "") -> Program:
    """Return an answer that stands indented where it is written."""
    return Program(step.id, dedent(text).strip(), dedent(before).strip())


def raised(code: str, sentence: str) -> Callable[[Evidence], str]:
    """Says the sentence when Spark tells of a condition (lab/engine/conditions.py)."""
    known = condition(code)
    return lambda evidence: sentence if known.search(evidence.error) else ""
