"""Running for real what the class has voted on, on a lesson page in the teacher's own workspace."""

from typing import Final

import streamlit as st

from lab.learner.learner import Learner
from lab.learner.real_thing import SHOWINGS, show
from lab.lesson.predictions import PREDICTIONS
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.teacher.access import is_teacher
from lab.ui.text import plain

_ASKED: Final = "asked-to-show"
_LEADS: Final = "leads-to-shown"
_SHOWN: Final = "shown-to-class"


def ask_to_show(prediction_id: str) -> None:
    """Ask to open the page of a prediction, and to run there what it is about."""
    st.session_state[_ASKED] = prediction_id
    st.session_state[_LEADS] = True


def page_to_show() -> str:
    """Return the file of the page to open now; empty if there is none."""
    prediction_id = str(st.session_state.get(_ASKED, ""))
    if st.session_state.pop(_LEADS, False) and prediction_id in SHOWINGS:
        return f"pages/{SHOWINGS[prediction_id].page}.py"
    # A teacher who comes back before that page was drawn does not want the run any more.
    st.session_state.pop(_ASKED, None)
    return ""


def shown_to_class(learner: Learner, page: str) -> None:
    """Run on a lesson page what was asked for, then tell the outcome, with a link back to the vote."""
    # The container is drawn also when it is empty, so that the content below does not jump.
    with st.container(key="shown-to-class"):
        asked = str(st.session_state.get(_ASKED, ""))
        if _is_of(page, asked):
            # Only once: a reload of the page is not another press.
            del st.session_state[_ASKED]
            st.session_state[_SHOWN] = asked, False
            _run(learner, asked)
        shown, is_done = st.session_state.get(_SHOWN, ("", False))
        if _is_of(page, shown):
            _tell(learner, shown, is_done=is_done)


def _is_of(page: str, prediction_id: str) -> bool:
    return prediction_id in SHOWINGS and SHOWINGS[prediction_id].page == page


def _tell(learner: Learner, prediction_id: str, *, is_done: bool) -> None:
    prediction, dataset = PREDICTIONS[prediction_id], learner.workspace.dataset
    with st.container(border=True):
        st.markdown(f"**The class has voted on this:** {plain(prediction.named(dataset))}.")
        if is_done:
            st.success(plain(prediction.then(dataset)), icon=":material/check:")
        with st.container(horizontal=True, vertical_alignment="center"):
            if button("Run it again" if is_done else "Run it", key="show-again", icon=":material/play_arrow:"):
                _run(learner, prediction_id)
            if is_teacher():
                st.page_link("pages/vote.py", label="Back to the vote", icon=":material/how_to_vote:")
            if button("Close", key="close-shown", icon=":material/close:"):
                del st.session_state[_SHOWN]
                st.rerun()


def _run(learner: Learner, prediction_id: str) -> None:
    def run() -> None:
        show(learner, prediction_id)
        st.session_state[_SHOWN] = prediction_id, True

    then = PREDICTIONS[prediction_id].then
    act(
        run,
        "Preparing what is missing, then running what the class has voted on …",
        brings=SHOWINGS[prediction_id].brings,
        in_turn=True,
        says=lambda: then(learner.workspace.dataset),
    )
