"""What a mistake of the registry is made of."""

import re
from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent

from lab.lesson.evidence import Evidence


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
    steps: tuple[str, ...] = ()


def program(step_id: str, text: str, before: str = "") -> Program:
    """An answer that stands indented in this package."""
    return Program(step_id, dedent(text).strip(), dedent(before).strip())


def raised(pattern: str, sentence: str) -> Callable[[Evidence], str]:
    """Says the sentence when the error matches: a condition of Spark's, a class, or a piece of the text.

    Never a `_LEGACY_ERROR_TEMP_*`: Spark renames those from release to release.
    """
    return lambda evidence: sentence if re.search(pattern, evidence.error, re.IGNORECASE) else ""
