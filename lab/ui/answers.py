"""The four result groups: a field and a check each, and how many of the four are right."""

import streamlit as st

from lab.lesson.learner import Learner
from lab.lesson.results import GROUPS, Feedback, Group, check, seen
from lab.lesson.steps import VOLUME_QUERY
from lab.ui.session import act
from lab.ui.text import plain


def answers(learner: Learner) -> None:
    """Draw the four groups; what is written is kept at once, and an answer that was checked once stays checked."""
    if any(seen(group, learner.workspace.observations) is None for group in GROUPS):
        with st.container(border=True, key="run-everything-bar"):
            st.markdown(
                "Your queries have not read all four files yet. Do that on the pages *Volume report* and *SEV0 log*; or "
                "have everything that is missing run and delivered now, and read the reports there."
            )
            if st.button("Run what is missing", type="primary", key="run-everything", icon=":material/fast_forward:"):
                act(learner.run_everything, "Running both parts of the lab …", "Both queries have read all four files.")
    feedback = {group.id: _group(learner, group) for group in GROUPS}
    right = sum(known is not None and known.outcome == "passed" for known in feedback.values())
    st.progress(right / len(GROUPS), f"{right} of {len(GROUPS)} results are right")
    if right == len(GROUPS):
        st.success("All four results are right. You have done the lab.", icon=":material/celebration:")


def _group(learner: Learner, group: Group) -> Feedback | None:
    key = f"answer-{group.id}"

    def keep() -> None:
        learner.answer(group.id, st.session_state[key])

    with st.container(border=True, key=f"group-{group.id}"):
        st.markdown(f"**{group.title}**")
        st.markdown(group.question)
        # Before the field is drawn: another tab may have written something else meanwhile.
        st.session_state[key] = learner.answers.get(group.id, "")
        text = st.text_area(
            "Your result, one line a row",
            placeholder=f"For example:\n{group.example}",
            height=110 if group.query == VOLUME_QUERY else 200,
            key=key,
            on_change=keep,
        )
        if st.button("Check", icon=":material/rule:", key=f"check-{group.id}"):
            learner.check(group.id)
        if group.id not in learner.checked:
            return None
        feedback = check(group, text or "", learner.workspace.observations)
        _show(feedback)
        return feedback


def _show(feedback: Feedback) -> None:
    message = plain(feedback.message)
    match feedback.outcome:
        case "passed":
            st.success(message, icon=":material/check_circle:")
        case "wrong":
            st.error(message, icon=":material/cancel:")
        case "error":
            st.warning(message, icon=":material/help:")
        case "not attempted":
            st.info(message, icon=":material/hourglass_empty:")
