"""The four result groups: a form each, its check, and how many of the four are right."""

import streamlit as st

from lab.lesson.learner import Learner
from lab.lesson.results import GROUPS, Feedback, Group, check


def answers(learner: Learner) -> None:
    """Draw the four groups; a checked answer stays checked, against what is delivered now."""
    feedback = {group.id: _group(learner, group) for group in GROUPS}
    right = sum(known is not None and known.outcome == "passed" for known in feedback.values())
    st.progress(right / len(GROUPS), f"{right} of {len(GROUPS)} results are right")
    if right == len(GROUPS):
        st.success("All four results are right. You have done the lab.", icon=":material/celebration:")


def _group(learner: Learner, group: Group) -> Feedback | None:
    with st.container(border=True, key=f"group-{group.id}"):
        st.markdown(f"**{group.title}**")
        st.markdown(group.question)
        with st.form(f"form-{group.id}", border=False):
            text = st.text_area(
                "Your result, one line a row",
                value=learner.answers.get(group.id, ""),
                placeholder=f"For example:\n{group.example}",
                height=110 if group.id.startswith("volume") else 200,
                key=f"answer-{group.id}",
            )
            if st.form_submit_button("Check", icon=":material/rule:", key=f"check-{group.id}"):
                learner.answers[group.id] = text or ""
        if group.id not in learner.answers:
            return None
        feedback = check(group, learner.answers[group.id], learner.workspace.observations)
        _show(feedback)
        return feedback


def _show(feedback: Feedback) -> None:
    match feedback.outcome:
        case "passed":
            st.success(feedback.message, icon=":material/check_circle:")
        case "wrong":
            st.error(feedback.message, icon=":material/cancel:")
        case "error":
            st.warning(feedback.message, icon=":material/help:")
        case "not attempted":
            st.info(feedback.message, icon=":material/hourglass_empty:")
