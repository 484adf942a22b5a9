"""The presenter's slide of a step: the teacher's own code or the lab's, its outcome, and the stage of its page."""

import json

from lab.course.shown import Shown
from lab.judge.run import CellRun
from lab.learner.learner import Learner
from lab.lesson.steps import Step
from lab.lesson.wording import worded
from lab.stage.moment import Moment
from lab.stage.result_rows import ResultRows, result_rows
from lab.ui.slide import staged
from lab.ui.stage.picture import picture_data

# The most rows that are shown of a cell's table.
_MAX_ROWS = 12


def code_of(learner: Learner, step: Step, *, solution: bool) -> str:
    """Return the code of a step: the teacher's, or the lab's for a demonstration and with `solution`."""
    if step.is_exercise and not solution:
        return learner.progress.answer(step).text
    return worded(step.code, learner.workspace.dataset)


def shown_of(learner: Learner, step: Step, moment: Moment | None, *, solution: bool) -> Shown:
    """Return the content of a step's slide; `moment` is what the stage shows, None if there is no stage."""
    code, run, beside = code_of(learner, step, solution=solution), learner.runs.last(step), staged(step)
    mine = run if run and run.code == code else None
    verdict, outcome = _verdict(learner, step, code, mine, solution=solution)
    return Shown(
        step.id,
        code,
        solution and step.is_exercise,
        _printed(mine) if mine else "",
        _note(learner, run, mine),
        verdict,
        outcome,
        json.dumps(picture_data([moment], 0)) if moment else "",
        result_rows(moment, beside.picture) if moment and beside and beside.picture else ResultRows(""),
    )


def _verdict(learner: Learner, step: Step, code: str, run: CellRun | None, *, solution: bool) -> tuple[str, str]:
    """Return the verdict on the code in words, and its outcome; both empty if there is nothing to say."""
    answer = learner.progress.answer(step)
    if step.is_exercise and not solution:
        if answer.feedback is None or answer.checked != code:
            return "", ""
        return _in_line(answer.feedback.line, answer.feedback.message), answer.feedback.outcome
    if run is None or run.failure is None:
        return "", ""
    return _in_line(run.line, run.failure.sentence), "refused" if step.refused else "error"


def _in_line(line: int, message: str) -> str:
    return f"Line {line}: {message}" if line else message


def _note(learner: Learner, run: CellRun | None, mine: CellRun | None) -> str:
    if run is None:
        return "This cell has not run yet."
    if mine is None:
        return "This code has not run yet: another one ran in this cell."
    if (changed := learner.runs.changed_since(mine)) and changed.last and (mine.text or mine.table is not None):
        return f"Batch {changed.last.number} has changed `{changed.name}` since this was printed."
    return "" if mine.text or mine.table is not None else "It has run, and printed nothing."


def _printed(run: CellRun) -> str:
    parts = [run.text.rstrip()]
    if run.table is not None:
        parts.append(run.table.head(_MAX_ROWS).to_string(index=False, na_rep="null"))
        if (more := len(run.table) - _MAX_ROWS) > 0:
            parts.append(f"… {more:,} more row{'' if more == 1 else 's'}")
    return "\n".join(filter(None, parts))
