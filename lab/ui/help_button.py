"""A button with which a learner of a class asks for help, and takes that back."""

import streamlit as st

from lab.learner.learner import Learner
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act


def help_button(learner: Learner, page: str) -> None:
    """Draw the button for the sidebar; `page` is where the learner is. Without a class, draw nothing."""
    if not parts().classroom.entrance.is_for_class:
        return
    # The two buttons have different keys: a second press that arrives late must not undo the first.
    if learner.progress.asked is None:
        if button("I need help", key="ask-for-help", icon=":material/pan_tool:", width="stretch"):
            act(
                lambda: learner.progress.ask_for_help(page),
                "Telling your teacher …",
                brings="need-no-help",
                says=lambda: "Your teacher sees now that you need help.",
            )
        return
    if button("I need no help any more", key="need-no-help", icon=":material/back_hand:", width="stretch"):
        act(
            learner.progress.need_no_help,
            "Telling your teacher …",
            brings="ask-for-help",
            says=lambda: "You have taken it back.",
        )
    st.caption("Your teacher sees that you need help.")
