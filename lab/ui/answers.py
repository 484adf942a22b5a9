"""The four result groups: a field and a check for each, and how many of the four are right."""

import streamlit as st

from lab.judge.feedback import Feedback
from lab.learner.learner import Learner
from lab.lesson.pages import title_of
from lab.lesson.results import GROUPS, Group, files_read
from lab.lesson.steps import STEPS
from lab.lesson.wording import worded
from lab.ui.editor import field
from lab.ui.feedback import show_feedback
from lab.ui.headings import headed
from lab.ui.press import button
from lab.ui.session import act


def answers(learner: Learner) -> None:
    """Draw the four groups. Text is saved at once, and an answer that was checked once stays checked."""
    own = learner.workspace.dataset
    if any(files_read(group, learner.runs.of_query(STEPS[group.step_id]), own) is None for group in GROUPS):
        with st.container(border=True, key="run-everything-bar"):
            pages = " and ".join(f"*{title_of(step.page)}*" for step in STEPS.values() if step.results)
            st.markdown(
                f"Your queries have not read all four files yet. Deliver them on the pages {pages}. "
                "Or let the lab run and deliver what is missing now, and read the reports there."
            )
            if button("Run what is missing", type="primary", key="run-everything", icon=":material/fast_forward:"):
                act(
                    learner.run_everything,
                    "Running both parts of the lab …",
                    "Both queries have read all four files.",
                    in_turn=True,
                )
    feedback = {group.id: _group(learner, group, number) for number, group in enumerate(GROUPS, start=1)}
    right = sum(known is not None and known.outcome == "passed" for known in feedback.values())
    st.progress(right / len(GROUPS), f"{right} of {len(GROUPS)} results are right")
    if right == len(GROUPS):
        st.success("All four results are right. You have done the lab.", icon=":material/celebration:")


def _group(learner: Learner, group: Group, number: int) -> Feedback | None:
    block = f"group-{group.id}"
    with st.container(border=True, key=block):
        headed(group.title)
        st.markdown(worded(group.question, learner.workspace.dataset))
        field(
            learner,
            f"answer-{group.id}",
            label=f"Your result {number}, one row per line",
            lines=3,
            block=block,
            placeholder=f"For example:\n{group.example}",
        )
        if button(f"Check result {number}", icon=":material/rule:", key=f"check-{group.id}"):
            act(
                lambda: learner.progress.check_result(group.id),
                "Checking …",
                says=lambda: _said(learner, group, number),
            )
        feedback = learner.result_feedback(group)
        if feedback:
            show_feedback(feedback)
        return feedback


def _said(learner: Learner, group: Group, number: int) -> str:
    """Return what the check says, also when it is unchanged: else a screen reader would say nothing."""
    feedback = learner.result_feedback(group)
    return f"Result {number}: {feedback.message}" if feedback else ""
