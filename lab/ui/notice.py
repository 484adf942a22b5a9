"""Messages about what is stored of a learner: a notice until they have read it, and a warning without cookies."""

import streamlit as st

from lab.learner.learner import Learner
from lab.ui.cookie import HEADER
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain


def notice(learner: Learner) -> None:
    """Draw the notice for the top of a page. Nearly always there is none."""
    # The container is drawn also when it is empty, so that the content below does not jump.
    with st.container(key="notice"):
        if said := learner.progress.notice:
            st.warning(plain(said), icon=":material/info:")
            if button("I have read this", key="dismiss-notice", icon=":material/check:"):
                act(learner.progress.dismiss, "Closing …")


def forgetful() -> None:
    """Warn that the browser keeps no cookie of the lab, before a learner works in vain."""
    headers = st.context.headers
    # Without headers, the request is not from a browser.
    if headers and HEADER not in headers:
        with st.container(key="forgetful"):
            st.warning(
                "Your browser keeps no cookie of the lab here. When you reload this page, you begin anew, and your work is "
                "gone. If a page of another site shows you the lab, open it in a tab of its own. Otherwise, let your "
                "browser keep cookies of this address.",
                icon=":material/cookie_off:",
            )
            st.html('<a href="?" target="_blank" style="color: inherit">Open the lab in a tab of its own</a>')
