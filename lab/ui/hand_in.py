"""Handing in: execute the notebook, list what a grader will see, and download the two files."""

from dataclasses import replace

import streamlit as st

from lab.dataset import Dataset
from lab.handin.desk import Desk, Made, State, desk_of
from lab.handin.files import PDF_NAME, HandIn
from lab.handin.notebook import file_name, to_bytes, to_notebook
from lab.handin.outline import Content
from lab.handin.preflight import Item, preflight
from lab.handin.retrospective.pdf import filled
from lab.learner.learner import Learner
from lab.learner.retrospective import Retrospective
from lab.lesson.steps import BLANK, EXERCISES
from lab.lesson.steps.stop import STEP as STOP
from lab.ui.attention import bring, say
from lab.ui.figures import cached
from lab.ui.follow import SLOW_SECONDS
from lab.ui.fragment import fragment
from lab.ui.headings import subsection
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act, show_error
from lab.ui.text import in_browser_time, plain

NOTEBOOK_TYPE = "application/x-ipynb+json"
_ICONS = {
    "right": ":green[:material/check_circle:]",
    "wrong": ":red[:material/error:]",
    "open": ":gray[:material/radio_button_unchecked:]",
}
# The page on which an item can be put right.
_PAGES = {"name": "start", "results": "results", "stopped": STOP.page}
_LOOK_SECONDS = 0.5
_UNDER_WAY = "notebook-under-way"
_STATE = "hand-in-state"


def notebook_card(learner: Learner) -> None:
    """Draw the buttons that execute the notebook and cancel that, and the progress."""
    desk = desk_of(learner, parts().classroom.engine)
    with st.container(border=True, key="hand-in-notebook"):
        st.markdown(
            "Your notebook has the code of your cells and your four results. The lab executes it from the first cell to the "
            "last, in a new kernel with its own Spark. Then it grades it as a teacher would."
        )
        busy = desk.state.progress is not None
        with st.container(horizontal=True):
            if button(
                "Execute my notebook",
                type="secondary" if desk.state.made else "primary",
                key="execute",
                icon=":material/play_circle:",
                disabled=busy,
            ):
                desk.begin()
                bring(_STATE)
                st.rerun()
            if busy and button("Cancel", key="cancel-execution", icon=":material/cancel:"):
                desk.cancel()
                bring(_STATE)
                st.rerun()
        _progress(desk)


def _progress(desk: Desk) -> None:
    drawn = desk.state
    if drawn.progress:
        st.session_state[_UNDER_WAY] = True
    elif st.session_state.pop(_UNDER_WAY, False) and drawn.made:
        # The first run of the page that notices the end announces it. The next run sends the announcement.
        say(_spoken(drawn.made))
        st.rerun()

    # Also when nothing is under way: another tab may begin an execution.
    @fragment(run_every=_LOOK_SECONDS if drawn.progress else SLOW_SECONDS, key="hand-in-progress")
    def view() -> None:
        state = desk.state
        if (state.progress is None) != (drawn.progress is None) or state.made is not drawn.made:
            st.rerun()
        with st.container(key=_STATE):
            _say(state)

    view()


def _say(state: State) -> None:
    if state.progress:
        total = state.progress.total
        part = state.progress.done / total if total else 0.0
        counted = f", cell {state.progress.done + 1} of {total}" if total else ""
        st.progress(part, f"{state.progress.words}{counted} …")
    elif state.error:
        show_error(state.error)
    elif state.made:
        st.caption(_outcome(state.made))


def _spoken(made: Made) -> str:
    """Return the outcome in short, for screen readers."""
    grade = made.grade
    outcome = "it could not be graded" if grade.error else f"{grade.points} of {grade.out_of} points"
    return f"Your notebook has been executed: {outcome}."


def _outcome(made: Made) -> str:
    """Return when the notebook was executed, and the outcome."""
    grade = made.grade
    outcome = "It could not be graded" if grade.error else f"It would get {grade.points} of {grade.out_of} points"
    looked_at = (
        f", and {grade.ungraded} of its {len(grade.results)} results are looked at by hand"
        if grade.ungraded and not grade.error
        else ""
    )
    return f"Executed at {in_browser_time(made.at):%H:%M}. {outcome}{looked_at}."


def to_hand_in(learner: Learner) -> None:
    """Show what a grader will see and what to do about it, then the two files."""
    desk = desk_of(learner, parts().classroom.engine)
    content, made = desk.content, desk.state.made
    written = _handed_in(learner, made)
    items = preflight(content, made, written)
    right = sum(item.status == "right" for item in items)
    with st.container(border=True, key="preflight"):
        subsection(f"{right} of {len(items)} are right")
        for item in items:
            _item(item)
        _offer_solutions(learner)
    with st.container(border=True, key="downloads"):
        if made:
            _downloads(HandIn(made, written), changed=made.content != content)
        else:
            st.markdown("Execute your notebook first. Then you can download the two files here.")


def _offer_solutions(learner: Learner) -> None:
    """Offer to put the solutions that stood in for steps into their cells, so that the notebook has no blanks."""
    progress = learner.progress
    blank = [step for step in EXERCISES if progress.answer(step).shown and BLANK in progress.answer(step).text]
    if not blank:
        return
    st.markdown(
        f"You went on with the lab's solution of {', '.join(f'*{step.title}*' for step in blank)}. Your own cell still has "
        f"{BLANK}, and so has your notebook."
    )
    if button("Put these solutions into my cells", key="take-solutions", icon=":material/content_paste_go:"):

        def take() -> None:
            for step in blank:
                progress.replace(step, step.code)

        act(
            take, "Writing …", "The solutions are in your cells. Run and check them on their pages.", brings="preflight"
        )


def _item(item: Item) -> None:
    lines = [f"{_ICONS[item.status]} {item.title}"]
    if item.advice:
        lines.append(plain(item.advice))
    text = "  \n".join(lines) + "".join(f"\n- {plain(detail)}" for detail in item.details)
    st.markdown(text)
    if item.status == "wrong" and (page := _PAGES.get(item.id)):
        st.page_link(f"pages/{page}.py", icon=":material/arrow_forward:")


def _downloads(files: HandIn, *, changed: bool) -> None:
    """Offer both files, also when some items are not right yet."""
    if changed:
        st.warning(
            "You have changed something since the notebook was executed. The file has your work as it was then.",
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
    """Offer the lab as a notebook to fill in, for those who prefer Jupyter."""
    with st.expander("You prefer Jupyter?", icon=":material/menu_book:"):
        st.markdown(
            "This is the lab as an empty notebook, with your log files in it. It runs wherever PySpark runs. Fill the "
            "cells, and write the results into the last four. Run it from beginning to end, save it with its outputs, and "
            "hand it in."
        )
        identity = learner.progress.identity
        # Not as a callable, which Streamlit calls after the press: the next run removes it, and the press is lost.
        st.download_button(
            "Download the empty lab",
            cached(learner, _empty_notebook, learner.workspace.dataset, identity.name),
            # The executed notebook has the same name without this prefix. A grader finds the learner's name in both.
            f"empty-{file_name(identity.name)}",
            NOTEBOOK_TYPE,
            key="download-empty",
            icon=":material/download:",
            on_click="ignore",
        )


def _empty_notebook(dataset: Dataset, name: str) -> bytes:
    return to_bytes(to_notebook(Content(dataset, name)))


def _handed_in(learner: Learner, made: Made | None) -> Retrospective:
    """Return the retrospective as it is handed in: with the time that was measured until the notebook was executed.

    So it is the same in both files, whenever each is downloaded.
    """
    progress = learner.progress
    shown = filled(progress, progress.identity.name)
    return replace(shown, time_spent=progress.retrospective.time_spent or made.measured) if made else shown
