"""The classes of a step of the lesson and of a result group."""

from collections.abc import Callable
from dataclasses import dataclass
from textwrap import dedent
from typing import TYPE_CHECKING, Literal

from lab.dataset import Dataset

if TYPE_CHECKING:
    from lab.judge.evidence import Evidence
    from lab.judge.probe import Probe
    from lab.judge.rows import Kind

BLANK = "??"

# The parts of the notebook, in their order; the files are delivered in the last two.
Part = Literal["stream", "volume", "log"]
# How the stage draws the result of a query: rows as they come, the volume report, or the SEV0 log.
Picture = Literal["rows", "report", "log"]
Check = Callable[["Evidence", "Probe"], "Evidence"]


@dataclass(frozen=True)
class Group:
    """One result group: a question about the query of a step after the first `pairs` pairs of log files were streamed.

    The question names the files that come with the lab; `lab.lesson.wording` replaces them with the learner's files.
    `kind` is the kind of value in its rows, and `example` shows two rows that are in no result.
    """

    id: str
    title: str
    question: str
    kind: "Kind"
    step_id: str
    pairs: int
    example: str

    def files(self, dataset: Dataset) -> frozenset[str]:
        """Return the names of the log files of a data set that are streamed before the question."""
        return frozenset(name for pair in dataset.pairs[: self.pairs] for name in pair.files)


@dataclass(frozen=True)
class Step:
    """One cell of the lesson.

    `code` is the lab's own version: the solution of an exercise, or the cell of a demonstration. An exercise also has:
    a `starter`, with BLANK where the learner must think; three `hints`, the first of which is a question; `why`, the
    reason for the solution; and the messages for a right answer: `passed`, and `also` if there is nothing more to know.
    `variable` is the name that the cell must define. `streams` says that it then holds a running query, and `picture`
    how the stage draws it. `results` are the result groups to hand in. `needs` are the steps that must be done before.
    Spark is expected to refuse a step with `refused`.

    `page` is the file of its page. `part` is its part of the notebook: it comes before the files are delivered there,
    or, if it is one of the `last`, after them. A cell with `again` also runs after each delivery.
    """

    id: str
    title: str
    code: str
    page: str
    needs: tuple["Step", ...] = ()
    variable: str = ""
    streams: bool = False
    refused: bool = False
    task: str = ""
    starter: str = ""
    hints: tuple[str, ...] = ()
    why: str = ""
    passed: str = ""
    also: str = ""
    part: Part | None = None
    again: bool = False
    last: bool = False
    picture: Picture | None = None
    results: tuple[Group, ...] = ()

    @property
    def is_exercise(self) -> bool:
        """Whether the learner writes the cell."""
        return bool(self.starter)

    @property
    def block(self) -> str:
        """The key of the step's block on its page."""
        return f"cell-{self.id}"


def cell(text: str) -> str:
    """Return the text of a cell, dedented, so that it can be written indented in this package."""
    return dedent(text).strip()


def prose(text: str) -> str:
    """Return one or more paragraphs with their lines joined; an empty line separates paragraphs."""
    return "\n\n".join(" ".join(part.split()) for part in dedent(text).strip().split("\n\n"))
