"""The checklist of a hand-in: what a grader will see, shown to the learner before the download."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import Literal

from nbformat import NotebookNode

from lab.handin.desk import Made
from lab.handin.outline import RESULT, SETUP, Content, step_of
from lab.handin.retrospective.pdf import missing, unshowable
from lab.learner.retrospective import Retrospective
from lab.lesson.blanks import line_left_blank
from lab.lesson.pages import title_of
from lab.lesson.results import GROUPS
from lab.lesson.steps import BLANK, EXERCISES, Step
from lab.lesson.steps.stop import STEP as STOP

Status = Literal["right", "wrong", "open"]


@dataclass(frozen=True)
class Item:
    """One line of the checklist: right, wrong, or open while it is not known.

    `advice` says what to do, `details` lists what the line is about.
    """

    id: str
    title: str
    status: Status
    advice: str = ""
    details: tuple[str, ...] = ()


def preflight(content: Content, made: Made | None, retrospective: Retrospective) -> tuple[Item, ...]:
    """Return the checklist for the current notebook, the last executed one, and the retrospective."""
    current = made if made and made.content == content else None
    return (
        _item("name", "Your name is on it", _name(content)),
        _steps(content),
        _executed(made, current),
        _of_run(current, "errors", "No cell fails", _errors(current.notebook) if current else ""),
        _of_run(current, "stopped", "No query is left running", _running(current) if current else ""),
        _item("results", "Four results are written down", _results(content)),
        _right(current),
        _item("retrospective", "The retrospective is complete", _retrospective(retrospective)),
    )


def _item(item_id: str, title: str, advice: str) -> Item:
    return Item(item_id, title, "wrong" if advice else "right", advice)


def _of_run(current: Made | None, item_id: str, title: str, advice: str) -> Item:
    return (
        _item(item_id, title, advice) if current else Item(item_id, title, "open", "Known when it has been executed.")
    )


def _name(content: Content) -> str:
    return (
        ""
        if content.name.strip()
        else "Write it on the page Start, and press the button there. The notebook is named after it; a name in the "
        "retrospective stands in the PDF only."
    )


def _steps(content: Content) -> Item:
    """Return the line that says whether the code of every step in the notebook has passed."""
    unsolved = [step for step in EXERCISES if step.id not in content.explained]
    advice = "Run and check them on their pages. Until then you hand them in as you left them." if unsolved else ""
    details = tuple(_unsolved(step, content.code(step)) for step in unsolved)
    return replace(_item("steps", "Every step is solved", advice), details=details)


def _unsolved(step: Step, text: str) -> str:
    if not text.strip():
        return f"{step.title} (empty)"
    return f"{step.title} ({BLANK} still stands in it)" if line_left_blank(step, text) else step.title


def _executed(made: Made | None, current: Made | None) -> Item:
    title = "The notebook has been executed, as it is now"
    if current:
        return Item("executed", title, "right")
    advice = (
        "You have changed something since it was executed: execute it again."
        if made
        else "Execute it, with the button above."
    )
    return Item("executed", title, "wrong" if made else "open", advice)


def _errors(notebook: NotebookNode) -> str:
    failed = [
        f"{_place(cell)}: {output.ename}, {_first_line(output.evalue)}"
        for cell in notebook.cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    ]
    if not failed:
        return ""
    more = f" (and {len(failed) - 1} more)" if len(failed) > 1 else ""
    return f"{failed[0]}{more}. Mend the first, then execute it again; others may come of it."


def _place(cell: NotebookNode) -> str:
    """Return the name of a cell for the learner."""
    if step := step_of(cell.id):
        return step.title
    if cell.id.startswith(RESULT):
        return "The cell of a result"
    return "A cell of the set-up" if cell.id.startswith(SETUP) else "A cell that delivers"


def _first_line(text: str) -> str:
    return next(iter(text.strip().splitlines()), "").rstrip(".")[:200]


def _running(made: Made) -> str:
    if made.running == 0:
        return ""
    count = (
        f"{made.running} are"
        if made.running > 1
        else "One is"
        if made.running == 1
        else "It cannot be told how many are"
    )
    return (
        f"{count} running after the last cell. {STOP.title} has to stop every one, on the page {title_of(STOP.page)}."
    )


def _results(content: Content) -> str:
    empty = [group.title for group in GROUPS if not content.results.get(group.id, "").strip()]
    return f"Empty: {_listed(empty)}. Write them down on the page Results." if empty else ""


def _right(current: Made | None) -> Item:
    """Return the line with the grader's points and reason for each result."""
    title = "The results are right, and your code gives them"
    if current is None:
        return _of_run(None, "right", title, "")
    grade = current.grade
    titles = {group.id: group.title for group in GROUPS}
    details = tuple(
        f"{titles[result.group]}: {result.points} of {result.out_of} points. {result.reason}"
        for result in grade.results
    )
    advice = grade.error or (
        "" if grade.points == grade.out_of else "Mend the code of what is wrong, or what you wrote down."
    )
    return replace(_item("right", title, advice), details=() if grade.error else details)


def _retrospective(written: Retrospective) -> str:
    parts = [f"Empty: {_listed(list(missing(written)))}."] if missing(written) else []
    if odd := unshowable(written.name, written.time_spent, written.challenges, written.takeaways):
        parts.append(f"The PDF cannot show {_listed([repr(letter) for letter in odd[:5]])}: write it in another way.")
    return " ".join(parts)


def _listed(words: Sequence[str]) -> str:
    return ", ".join(words)
