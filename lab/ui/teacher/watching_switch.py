"""The switch with which a teacher lets the class watch, and beside it what the class sees."""

from typing import Final

import streamlit as st

from lab.errors import LabError
from lab.ui.parts import parts
from lab.ui.session import show_error

WHAT_LEARNERS_SEE: Final = (
    "Learners see the step that the presenter shows: its code, what it printed, the verdict and the stage. They do not see "
    "your name. The lab's solution is in it only while it is switched on there. What was shown last stays there when you "
    "switch this off."
)
_KEY: Final = "let-watch"
_FAILED: Final = "let-watch-failed"


def watching_switch() -> None:
    """Draw the switch, if there is a class that could watch."""
    if not parts().classroom.entrance.is_for_class:
        return
    status = parts().showing.look()

    def switch() -> None:
        try:
            parts().showing.let_watch(on=bool(st.session_state[_KEY]))
        except LabError as error:
            st.session_state[_FAILED] = error

    # It may have been switched in another window.
    st.session_state[_KEY] = status.is_on
    st.toggle("Let the class watch", key=_KEY, on_change=switch, help=WHAT_LEARNERS_SEE)
    st.caption(
        "The class sees what the presenter shows." if status.is_on else "No learner sees what the presenter shows."
    )
    if failed := st.session_state.pop(_FAILED, None):
        show_error(failed)
