"""What a learner must be told of what is kept of them, until they have read it."""

import streamlit as st

from lab.learner.learner import Learner
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain


def notice(learner: Learner) -> None:
    """Draw it for the top of a page: nothing, nearly always."""
    # Drawn also when it is empty, so that what is below does not jump.
    with st.container(key="notice"):
        if said := learner.progress.notice:
            st.warning(plain(said), icon=":material/info:")
            if button("I have read this", key="dismiss-notice", icon=":material/check:"):
                act(learner.progress.dismiss, "Closing …")
