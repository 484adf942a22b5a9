"""Handing in: the notebook is executed, the list of what a grader will see, and the two files to download."""

from dataclasses import replace

import streamlit as st

from lab.dataset import Dataset
from lab.handin.desk import Desk, Made, State, desk_of
from lab.handin.files import PDF_NAME, HandIn
from lab.handin.notebook import file_name, to_bytes, to_notebook
from lab.handin.outline import Content
from lab.handin.preflight import Item, preflight
from lab.handin.retrospective.pdf import filled
from lab.lesson.classroom import CLASSROOM
from lab.lesson.learner import Learner
from lab.lesson.retrospective import Retrospective
from lab.ui.figures import drawn
from lab.ui.follow import SLOW_SECONDS
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.text import in_browser_time, plain

NOTEBOOK_TYPE = "application/x-ipynb+json"
_ICONS = {
    "right": ":green[:material/check_circle:]",
    "wrong": ":red[:material/error:]",
    "open": ":gray[:material/radio_button_unchecked:]",
}
# Where what is wrong can be put right.
_PAGES = {"name": "start", "results": "results", "stopped": "sev0_log"}
_LOOK_SECONDS = 0.5


def notebook_card(learner: Learner) -> None:
    """Execute the notebook, with progress, and cancel it."""
    desk = desk_of(learner, CLASSROOM.engine)
    with st.container(border=True, key="hand-in-notebook"):
        st.markdown(
            "Your notebook has the code of every step as it stands in your cells, and your four results. It is executed "
            "from the first cell to the last in a fresh kernel with a Spark of its own, then graded as a teacher would."
        )
        busy = desk.state.stage is not None
        with st.container(horizontal=True):
            if button(
                "Execute my notebook",
                type="secondary" if desk.state.made else "primary",
                key="execute",
                icon=":material/play_circle:",
                disabled=busy,
            ):
                desk.begin()
                st.rerun()
            if busy and button("Cancel", key="cancel-execution", icon=":material/cancel:"):
                desk.cancel()
                st.rerun()
        _progress(desk)


def _progress(desk: Desk) -> None:
    drawn = desk.state

    # Also when nothing is under way: another tab may begin it.
    @st.fragment(run_every=_LOOK_SECONDS if drawn.stage else SLOW_SECONDS, key="hand-in-progress")
    def view() -> None:
        state = desk.state
        if (state.stage is None) != (drawn.stage is None) or state.made is not drawn.made:
            st.rerun()
        with st.container(key="hand-in-state"):
            _say(state)

    view()


def _say(state: State) -> None:
    if state.stage:
        total = state.stage.total
        part = state.stage.done / total if total else 0.0
        counted = f", cell {state.stage.done + 1} of {total}" if total else ""
        st.progress(part, f"{state.stage.words}{counted} …")
    elif state.error:
        show_error(state.error)
    elif state.made:
        grade = state.made.grade
        when = in_browser_time(state.made.at)
        outcome = "It could not be graded" if grade.error else f"It would get {grade.points} of {grade.out_of} points"
        st.caption(f"Executed at {when:%H:%M}. {outcome}.")


def to_hand_in(learner: Learner) -> None:
    """What a grader will see and what to do about it, then the two files."""
    desk = desk_of(learner, CLASSROOM.engine)
    content, made = desk.content, desk.state.made
    written = _handed_in(learner, made)
    items = preflight(content, made, written)
    right = sum(item.status == "right" for item in items)
    with st.container(border=True, key="preflight"):
        st.markdown(f"**{right} of {len(items)} are right**")
        for item in items:
            _item(item)
    with st.container(border=True, key="downloads"):
        if made:
            _downloads(HandIn(made, written), changed=made.content != content)
        else:
            st.markdown("When your notebook has been executed, the two files are here to be downloaded.")


def _item(item: Item) -> None:
    lines = [f"{_ICONS[item.status]} {item.title}"]
    if item.advice:
        lines.append(plain(item.advice))
    text = "  \n".join(lines) + "".join(f"\n- {plain(detail)}" for detail in item.details)
    st.markdown(text)
    if item.status == "wrong" and (page := _PAGES.get(item.id)):
        st.page_link(f"pages/{page}.py", icon=":material/arrow_forward:")


def _downloads(files: HandIn, *, changed: bool) -> None:
    """What is not right yet does not keep anybody from having them."""
    if changed:
        st.warning(
            "You have changed something since the notebook was executed. The file has it as it was then.",
            icon=":material/history:",
        )
    with st.container(horizontal=True):
        st.download_button(
            f"Download {plain(files.notebook_name)}",
            files.notebook,
            files.notebook_name,
            NOTEBOOK_TYPE,
            key="download-notebook",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            f"Download {PDF_NAME}",
            files.pdf,
            PDF_NAME,
            "application/pdf",
            key="download-retrospective",
            type="primary",
            icon=":material/download:",
            on_click="ignore",
        )
    receipt = " · ".join(f"{label}: {value}" for label, value in files.receipt.lines)
    st.caption(f"The receipt that stands in both: {plain(receipt)}")


def empty_lab(learner: Learner) -> None:
    """The lab as a notebook to be filled, for those who prefer Jupyter."""
    with st.expander("You prefer Jupyter?", icon=":material/menu_book:"):
        st.markdown(
            "This is the lab as an empty notebook, with your log files in it. It runs wherever PySpark does. Fill the "
            "cells, write the results into the last four, run it from beginning to end, save it with its outputs, and hand "
            "that in."
        )
        identity = learner.progress.identity
        # Not by a function that Streamlit calls once it is pressed: the next run takes that back, and the press with it.
        st.download_button(
            "Download the empty lab",
            drawn(learner, _empty_notebook, learner.workspace.dataset, identity.name),
            file_name(identity.name),
            NOTEBOOK_TYPE,
            key="download-empty",
            icon=":material/download:",
            on_click="ignore",
        )


def _empty_notebook(dataset: Dataset, name: str) -> bytes:
    return to_bytes(to_notebook(Content(dataset, name)))


def _handed_in(learner: Learner, made: Made | None) -> Retrospective:
    """The retrospective as it is handed in: with the time that was measured until the notebook was executed.

    So that it is the same in both files, whenever each is downloaded.
    """
    progress = learner.progress
    shown = filled(progress, progress.identity.name)
    return replace(shown, time_spent=progress.retrospective.time_spent or made.measured) if made else shown
