"""The four result groups: a field and a check each, and how many of the four are right."""

import streamlit as st

from lab.lesson.feedback import Feedback
from lab.lesson.learner import Learner
from lab.lesson.results import GROUPS, Group, seen
from lab.lesson.steps import STEPS
from lab.ui.editor import field
from lab.ui.feedback import show_feedback
from lab.ui.press import button
from lab.ui.session import act


def answers(learner: Learner) -> None:
    """Draw the four groups; what is written is kept at once, and an answer that was checked once stays checked."""
    if any(seen(group, learner.runs.of_query(STEPS[group.step_id])) is None for group in GROUPS):
        with st.container(border=True, key="run-everything-bar"):
            st.markdown(
                "Your queries have not read all four files yet. Do that on the pages *Volume report* and *SEV0 log*; or "
                "have everything that is missing run and delivered now, and read the reports there."
            )
            if button("Run what is missing", type="primary", key="run-everything", icon=":material/fast_forward:"):
                act(
                    learner.run_everything,
                    "Running both parts of the lab …",
                    "Both queries have read all four files.",
                    in_turn=True,
                )
    feedback = {group.id: _group(learner, group) for group in GROUPS}
    right = sum(known is not None and known.outcome == "passed" for known in feedback.values())
    st.progress(right / len(GROUPS), f"{right} of {len(GROUPS)} results are right")
    if right == len(GROUPS):
        st.success("All four results are right. You have done the lab.", icon=":material/celebration:")


def _group(learner: Learner, group: Group) -> Feedback | None:
    block = f"group-{group.id}"
    with st.container(border=True, key=block):
        st.markdown(f"**{group.title}**")
        st.markdown(group.question)
        field(
            learner,
            f"answer-{group.id}",
            label="Your result, one row per line",
            lines=3,
            block=block,
            placeholder=f"For example:\n{group.example}",
        )
        if button("Check", icon=":material/rule:", key=f"check-{group.id}"):
            learner.progress.check_result(group.id)
        feedback = learner.result_feedback(group)
        if feedback:
            show_feedback(feedback)
        return feedback
