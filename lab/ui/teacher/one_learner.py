"""One learner, for the teacher: their current code in a step, and what the check says about it; read-only."""

from collections.abc import Callable

import streamlit as st

from lab.course.enrolled import SOLVED, Enrolled
from lab.errors import LabError
from lab.learner.kept import Answer
from lab.lesson.steps import EXERCISES, STEPS
from lab.ui.feedback import show_feedback
from lab.ui.headings import section
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.teacher.grid import name_of, state_in_words
from lab.ui.text import plain


def one_learner(learner: Enrolled, answer_of: Callable[[str], Answer | None], close: Callable[[], None]) -> None:
    """Draw a learner. `answer_of` returns their answer in a step or raises LabError; `close` goes back to the class."""
    section(plain(name_of(learner)))
    if button("Back to the class", key="back-to-class", icon=":material/arrow_back:"):
        close()
        st.rerun()
    titles = {
        step.id: f"{step.title}: {state_in_words(each)}" for step, each in zip(EXERCISES, learner.progress, strict=True)
    }
    step_id = st.selectbox(
        "Step",
        list(titles),
        index=_place(learner),
        format_func=lambda known: titles[known],
        key=f"step-of-{learner.key}",
    )
    try:
        answer = answer_of(step_id)
    except LabError as error:
        show_error(error)
        return
    if answer is None or answer.text == STEPS[step_id].starter:
        st.caption("Nothing is written in this step yet.")
        return
    st.code(answer.text, wrap_lines=True)
    if answer.feedback and answer.checked == answer.text:
        show_feedback(answer.feedback, code=True)
    elif answer.feedback:
        st.caption(f"The code was changed since it was checked ({answer.feedback.outcome}).")
    else:
        st.caption("It was not checked yet.")


def _place(learner: Enrolled) -> int:
    """Return the index of the learner's current step: the one tried last, else the first that is not solved."""
    trying = [(each.at, place) for place, each in enumerate(learner.progress) if each.state in {"trying", "stuck"}]
    left = [place for place, each in enumerate(learner.progress) if each.state not in SOLVED]
    return max(trying)[1] if trying else left[0] if left else 0
