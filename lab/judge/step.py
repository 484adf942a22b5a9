"""What a step of the lesson is made of."""

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
# What a query makes of the records, as the stage draws it: rows as they come, the volume report, or the SEV0 log.
Picture = Literal["rows", "report", "log"]
Check = Callable[["Evidence", "Probe"], "Evidence"]


@dataclass(frozen=True)
class Group:
    """One result group: a question about the query of a step after the first `pairs` of log files were streamed.

    The question names the files that the lab brings along; `lab.lesson.wording` has it name those that a learner has.
    `kind` says what a row of it says of a server, and `example` shows two rows that are in no result.
    """

    id: str
    title: str
    question: str
    kind: "Kind"
    step_id: str
    pairs: int
    example: str

    def files(self, dataset: Dataset) -> frozenset[str]:
        """Return the names of the files after which it is asked, of some log files."""
        return frozenset(name for pair in dataset.pairs[: self.pairs] for name in pair.files)


@dataclass(frozen=True)
class Step:
    """One cell of the lesson.

    `code` is the lab's own way to write it: the solution of an exercise, the cell itself of a demonstration. An exercise
    has a `starter`, in which BLANK stands where the learner must think; three `hints`, of which the first is a question;
    `why` the solution is so; and what is said when it is right: `passed`, and `also` if there is nothing more to know.
    `variable` is the name that the cell must define; `streams` says that it holds a query then, which runs, and `picture`
    what the stage draws of it. `results` are what is to be handed in of it. `needs` are the steps that must be done before.
    Spark is expected to refuse a `refused` step.

    `page` is the file of its page. In the notebook it stands in its `part`: before the files are delivered, or as one of the
    `last` after that. A cell that comes `again` is also run after each delivery.
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
        """Whether the learner writes it."""
        return bool(self.starter)

    @property
    def block(self) -> str:
        """The key of its block on its page."""
        return f"cell-{self.id}"


def cell(text: str) -> str:
    """Return the text of a cell, as it stands indented in this package."""
    return dedent(text).strip()


def prose(text: str) -> str:
    """Return a paragraph, or several with a blank line between, in which a single line end is a blank."""
    return "\n\n".join(" ".join(part.split()) for part in dedent(text).strip().split("\n\n"))
