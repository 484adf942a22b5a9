"""What a step of the lesson is made of."""

from dataclasses import dataclass
from textwrap import dedent

BLANK = "??"


@dataclass(frozen=True)
class Step:
    """One cell of the lesson.

    `code` is the lab's own way to write it: the solution of an exercise, the cell itself of a demonstration. An exercise
    has a `starter`, in which BLANK stands where the learner must think; three `hints`, of which the first is a question;
    and `why` the solution is so. `variable` is the name that the cell must define; `streams` says that it holds a query
    then, which runs. `needs` are the steps that must be done before. Spark is expected to refuse a `refused` step.
    """

    id: str
    title: str
    code: str
    needs: tuple[str, ...] = ()
    variable: str = ""
    streams: bool = False
    refused: bool = False
    task: str = ""
    starter: str = ""
    hints: tuple[str, ...] = ()
    why: str = ""

    @property
    def is_exercise(self) -> bool:
        """Whether the learner writes it."""
        return bool(self.starter)


def cell(text: str) -> str:
    """The text of a cell, as it stands indented in this package."""
    return dedent(text).strip()


def prose(text: str) -> str:
    """A paragraph, or several with a blank line between, in which a single line end is a blank."""
    return "\n\n".join(" ".join(part.split()) for part in dedent(text).strip().split("\n\n"))
