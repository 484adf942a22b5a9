"""Questions between the press that runs a cell and its run: a prediction, and which files a query begins with.

A query reads all files that lie in the live folder at its start as its first batch. Then the learner cannot see the
result grow with each delivery.
"""

from dataclasses import dataclass
from typing import Final, Literal

import streamlit as st

from lab.errors import LabError
from lab.learner.learner import Learner
from lab.lesson.predictions import LATE_START
from lab.lesson.steps import EMPTY_CODE, Step
from lab.ui.attention import bring
from lab.ui.predict import ask, compare, is_asked, predicted_first
from lab.ui.press import button, has_begun
from lab.ui.text import plain

# The label of the button that starts a query without its earlier output.
ANEW: Final = "Clear output and checkpoint, and restart"
_ACCEPTED: Final = "accepted-files"


@dataclass(frozen=True)
class Beginning:
    """How a query begins: `emptied` empties the live folder first, `anew` clears its earlier output and checkpoint."""

    emptied: bool = False
    anew: bool = False

    def prepare(self, learner: Learner, step: Step) -> None:
        """Clear what is to be cleared before the start. Raise LabError when that fails."""
        if self.anew:
            learner.clear_output(step)
        if self.emptied:
            learner.run_code(EMPTY_CODE)


def beginning(
    learner: Learner, step: Step, *, pressed: bool, anew: bool = False, predict: str = ""
) -> Beginning | None:
    """Return how to run the step's cell now; None if it does not run now.

    A press runs the cell at once, unless there is something to ask: for a prediction, or what to do with files that lie
    in the live folder. Then the questions are drawn here until they are answered. A learner who has once chosen to read
    these files is asked again only before a start `anew`.
    """
    if (pressed or anew) and learner.groundwork.undone(step):
        # It cannot run: the run raises an error that says so.
        return Beginning(anew=anew)
    if predict and not anew:
        pressed = predicted_first(learner, predict, "Run", pressed=pressed)
    key = f"beginning-{step.id}"
    opened = pressed or anew
    if not opened and key not in st.session_state:
        return None
    anew = anew or st.session_state.get(key, False)
    # Since the press, files may have been removed or added.
    files = _files_in_live_folder(learner, step, anew=anew)
    if not files or (files == st.session_state.get(_ACCEPTED) and not anew):
        st.session_state.pop(key, None)
        return Beginning(anew=anew) if opened else None
    if opened:
        st.session_state[key] = anew
        has_begun()
        bring(key)
        # The request for the focus is sent at the top of the page, which this run has passed.
        st.rerun()
    with st.container(key=key):
        answer = _ask_about(learner, step, files)
    if not answer:
        return None
    del st.session_state[key]
    if answer == "not now":
        st.rerun()
    if answer == "read":
        st.session_state[_ACCEPTED] = files
    return Beginning(emptied=answer == "empty", anew=anew)


def _files_in_live_folder(learner: Learner, step: Step, *, anew: bool) -> tuple[str, ...]:
    """Return the files to ask about; empty while the bucket is unreachable (the run will say so)."""
    try:
        return learner.runs.first_batch_files(step, anew=anew)
    except LabError:
        return ()


def _ask_about(learner: Learner, step: Step, files: tuple[str, ...]) -> Literal["", "empty", "read", "not now"]:
    if is_asked(learner, LATE_START) and not ask(learner, LATE_START, "Go on"):
        return ""
    compare(learner, LATE_START)
    how_many, them = ("1 file", "it") if len(files) == 1 else (f"{len(files)} files", "all of them")
    st.warning(
        f"LogDataLive already has {how_many}: {plain(', '.join(files))}. The query will read {them} as its first batch. "
        "To see the result grow with each delivery, empty the folder first.",
        icon=":material/folder_open:",
    )
    with st.container(horizontal=True):
        if button("Empty it, then run", key=f"begin-empty-{step.id}", type="primary", icon=":material/delete:"):
            return "empty"
        if button("Run, and read what is there", key=f"begin-read-{step.id}", icon=":material/play_arrow:"):
            return "read"
        if button("Not now", key=f"begin-not-{step.id}"):
            return "not now"
    return ""
