"""How the steps, mistakes and questions of a course went, each beside those of an earlier course if there is one."""

from collections.abc import Mapping
from typing import Final

import pandas as pd
import streamlit as st

from lab.charts.course import EARLIER, THIS, first_try_figure
from lab.course.export import Fact
from lab.course.summary import MistakeSummary, QuestionSummary, StepSummary, Summary, summary
from lab.dataset import SHIPPED
from lab.lesson.mistakes import TITLES
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.steps import EXERCISES
from lab.ui.figures import show_figure
from lab.ui.headings import section
from lab.ui.text import plain

_STEPS: Final = {step.id: step.title for step in EXERCISES}
# A row of a table: the values by column title.
Row = Mapping[str, str | int | float | None]


def compared(course: Summary, earlier: tuple[str, tuple[Fact, ...]] | None) -> None:
    """Draw the comparison; `earlier` is the name of the file of an earlier course, and its facts."""
    other = summary(earlier[1]) if earlier else None
    if earlier and other:
        st.caption(f"Beside it: {plain(earlier[0])}, {other.learners} learners.")
    if not course.learners:
        st.info("Nobody has done anything in this time.", icon=":material/hourglass_empty:")
    section("Steps")
    _picture(course, other)
    _table("Steps", [_step(*pair) for pair in _steps(course, other)])
    st.caption(
        "Attempts and minutes are medians. Minutes are time at work since the step that was passed before; who had seen the "
        "solution does not count there. Right at first is who passed with the first attempt, without a hint."
    )
    section("Mistakes")
    _mistakes(course, other)
    section("Predictions and votes")
    _questions(course, other)


def _steps(course: Summary, other: Summary | None) -> list[tuple[StepSummary, StepSummary | None]]:
    return list(zip(course.steps, other.steps if other else (None,) * len(course.steps), strict=True))


def _picture(course: Summary, other: Summary | None) -> None:
    rows = tuple(
        (_STEPS[step.step_id], name, 100 * step.at_first / step.tried)
        for pair in _steps(course, other)
        for name, step in zip((THIS, EARLIER), pair, strict=True)
        if step and step.tried
    )
    if rows:
        show_figure(first_try_figure(rows), "first-try", "right at the first try")


def _step(step: StepSummary, before: StepSummary | None) -> Row:
    return _beside({"Step": _STEPS[step.step_id]}, _step_values(step), _step_values(before) if before else None)


def _step_values(step: StepSummary) -> Row:
    return {
        "Tried": step.tried,
        "Passed": step.passed,
        "Right at first": step.at_first,
        "Attempts": step.attempts,
        "With hints": step.hints,
        "Saw the solution": step.solutions,
        "Minutes": round(step.median / 60, 1) if step.median is not None else None,
    }


def _mistakes(course: Summary, other: Summary | None) -> None:
    mine = {(each.step_id, each.mistake): each for each in course.mistakes}
    theirs = {(each.step_id, each.mistake): each for each in other.mistakes} if other else {}
    keys = sorted(
        dict.fromkeys((*mine, *theirs)),
        key=lambda key: (list(_STEPS).index(key[0]), -(mine[key].learners if key in mine else 0)),
    )
    if not keys:
        st.caption("No mistake was recognised.")
        return
    rows = [
        _beside(
            {"Step": _STEPS[step_id], "Mistake": TITLES.get(mistake, mistake).replace("`", "")},
            _mistake_values(mine.get((step_id, mistake))),
            _mistake_values(theirs.get((step_id, mistake))) if other else None,
        )
        for step_id, mistake in keys
    ]
    _table("Mistakes", rows)


def _mistake_values(mistake: MistakeSummary | None) -> Row:
    return {
        "Learners": mistake.learners if mistake else 0,
        "Attempts": mistake.attempts if mistake else 0,
    }


def _questions(course: Summary, other: Summary | None) -> None:
    mine = {(each.kind, each.question): each for each in course.questions}
    theirs = {(each.kind, each.question): each for each in other.questions} if other else {}
    keys = dict.fromkeys((*mine, *theirs))
    if not keys:
        st.caption("Nothing was predicted.")
        return
    rows = [
        _beside(
            {"Question": _asked(question), "Kind": kind},
            _question_values(mine.get((kind, question))),
            _question_values(theirs.get((kind, question))) if other else None,
        )
        for kind, question in keys
    ]
    _table("Predictions and votes", rows)


def _asked(question: str) -> str:
    # The question of a vote ends with its round.
    name, _, turn = question.rpartition("-")
    if name.startswith("own-"):
        return f"Question {name.removeprefix('own-')} of the teacher's own, round {turn}"
    if name in PREDICTIONS and turn.isdecimal():
        return f"{PREDICTIONS[name].named(SHIPPED)}, round {turn}"
    return PREDICTIONS[question].named(SHIPPED) if question in PREDICTIONS else question


def _question_values(question: QuestionSummary | None) -> Row:
    return {
        "Right": question.right if question else 0,
        "Wrong": question.wrong if question else 0,
        "Skipped": question.skipped if question else 0,
    }


def _beside(of: Row, mine: Row, theirs: Row | None) -> Row:
    """Return a row with each value of this course, followed by that of the earlier course."""
    if theirs is None:
        return {**of, **mine}
    values = {}
    for name, value in mine.items():
        values[name] = value
        values[f"{name}, earlier"] = theirs[name]
    return {**of, **values}


def _table(title: str, rows: list[Row]) -> None:
    st.dataframe(pd.DataFrame(rows), hide_index=True, alt=title, placeholder="–")
