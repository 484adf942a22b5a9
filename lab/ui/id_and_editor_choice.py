"""The part of the sidebar that shows the learner's id, to go on in another browser; and the choice of the editor."""

import streamlit as st

from lab.learner.learner import Learner
from lab.ui.cookie import valid_learner_id
from lab.ui.id_tickets import PARAMETER
from lab.ui.parts import parts
from lab.ui.session import PLAIN
from lab.ui.text import plain


def id_and_editor_choice(learner: Learner) -> None:
    """Draw this part of the sidebar."""
    st.toggle(
        "Plain text area instead of the editor",
        key=PLAIN,
        persist_state="session",
        help="For keyboard and screen-reader users, and for phones.",
    )
    with st.popover("Go on elsewhere", icon=":material/devices:", width="stretch"):
        st.markdown(
            "What you write is kept under an id that this browser remembers. To go on in another browser, copy your id and "
            "enter it there. Whoever knows it sees and changes your work, so keep it to yourself."
        )
        if st.toggle("Show my id", key="show-id"):
            st.code(learner.id, language=None)
        other = st.text_input("Go on with another id", key="other-id", autocomplete="off")
        if not other:
            return
        if not (other_id := valid_learner_id(other.strip().lower())):
            st.error(f"{plain(repr(other[:40]))} is not an id: it has 32 characters, 0 to 9 and a to f.")
        elif other_id == learner.id:
            st.info("That is the id of this browser.")
        elif not parts().classroom.knows(other_id):
            st.error("Nothing is kept under this id on this server. Copy it again from the other browser.")
        else:
            ticket = parts().id_tickets.issue(learner.id, other_id)
            st.html(
                f'<a href="?{PARAMETER}={ticket}" target="_self" style="color: inherit">Switch this browser to that id</a>'
            )
            st.caption(
                "What you have written here stays under the id of this browser. Copy it first if you want to come back."
            )
