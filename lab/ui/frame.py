"""The frame around every page: the sidebar, and what comes before and after a page's content."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from typing import Final

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from lab.bucket import FOLDERS
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.lesson.pages import PAGES, title_of
from lab.lesson.steps import STEPS
from lab.ui.attention import say
from lab.ui.bucket_status import bucket_status
from lab.ui.engine_status import engine_status
from lab.ui.follow import STYLE
from lab.ui.help_button import help_button
from lab.ui.id_and_editor_choice import id_and_editor_choice
from lab.ui.identity import name_bar
from lab.ui.look import WIDTH
from lab.ui.notice import forgetful, notice
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.scratch import scratch
from lab.ui.session import act, learner, show_error, show_flash
from lab.ui.teacher.access import leave
from lab.ui.teacher.run_for_class import shown_to_class
from lab.ui.vote.bar import vote_bar
from lab.ui.watch import offer_to_watch

_PAGE: Final = "opened-page"


def run_page(page: StreamlitPage) -> None:
    """Draw the content below a page's lead, then the sidebar."""
    show_flash()
    try:
        page.run()
    except LabError as error:
        show_error(error)
    with st.sidebar:
        try:
            _sidebar(learner())
        except LabError as error:
            show_error(error)


def run_teachers_page(page: StreamlitPage) -> None:
    """Draw the content below the lead of a teacher's page. The teacher need not be a learner here."""
    try:
        page.run()
    except LabError as error:
        show_error(error)
    with st.sidebar:
        leave()


@contextmanager
def lesson_page(name: str) -> Iterator[None]:
    """Draw the frame around a page's content: status and notices above, the scratch cell and links to pages below."""
    position = [page for page, _, _ in PAGES].index(name)
    st.html(STYLE)
    with st.container(width=WIDTH):
        forgetful()
        engine_status(learner(), partial(vote_bar, learner(), name))
        notice(learner())
        bucket_status(learner())
        name_bar(learner())
        _opened(name)
        shown_to_class(learner(), name)
        yield
        st.space("medium")
        scratch(learner())
        with st.container(horizontal=True, horizontal_alignment="distribute"):
            if position:
                _link(position - 1, "Back", ":material/arrow_back:")
            if position + 1 < len(PAGES):
                _link(position + 1, "Next", ":material/arrow_forward:")


def _opened(name: str) -> None:
    """Note that the learner opens a page. Not every drawing is an opening: charts and other tabs cause some, too."""
    if st.session_state.get(_PAGE) != name:
        st.session_state[_PAGE] = name
        learner().catch_up()
        learner().progress.time.sign()


def _link(position: int, word: str, icon: str) -> None:
    name, title, _ = PAGES[position]
    st.page_link(f"pages/{name}.py", label=f"{word}: {title}", icon=icon)


def prepare_bar(learner: Learner, step_id: str) -> None:
    """Offer to run the earlier steps that this page builds on, if any is not done."""
    step = STEPS[step_id]
    # The container is drawn also when it is empty: else everything below would shift while a cell runs.
    with st.container(key="prepare-bar"):
        missing = learner.groundwork.missing(step)
        if not missing or learner.interrupted:
            return
        undone = learner.groundwork.undone(step)
        st.markdown(
            f"This page builds on {len(missing)} earlier step{'s' if len(missing) > 1 else ''}: "
            + ", ".join(f"*{known.title}*" for known in missing)
            + "."
        )
        if undone:
            st.markdown(
                f"You have not done {', '.join(f'*{known.title}*' for known in undone)} yet. Do that first. Or take the "
                "lab's solution now; it will then count as shown."
            )
        if button(
            "Prepare this page" + (" with the solution" if undone else ""),
            type="secondary" if undone else "primary",
            key="prepare",
            icon=":material/fast_forward:",
        ):
            act(
                lambda: learner.prepare(step),
                "Running the earlier steps …",
                "The earlier steps have run.",
                in_turn=True,
            )


def _sidebar(learner: Learner) -> None:
    offer_to_watch()
    help_button(learner, title_of(st.session_state.get(_PAGE, "")))
    with st.expander("Your bucket", icon=":material/folder:"):
        st.caption(
            f"{parts().classroom.storage.shown} Three folders in it are your own. The cells call them by these names."
        )
        for name, prefix in zip(
            ("s3_log_data_uri", "s3_log_data_live_uri", "s3_lab9_output_uri"), FOLDERS, strict=True
        ):
            st.markdown(f"`{name}`")
            st.code(learner.workspace.bucket.uri(prefix), language=None, wrap_lines=True)
    id_and_editor_choice(learner)
    with st.popover("Start over", icon=":material/restart_alt:", width="stretch"):
        st.markdown(
            "This stops your queries, empties `LogDataLive` and `Lab9Output`, puts the four log files back into "
            "`LogData`, and forgets the outputs of your cells. Your code and texts stay, unless you tick the box."
        )
        forget = st.checkbox("Also forget my name, code, predictions and results, for good", key="forget")
        if button("Start over now", type="primary", key="start-over"):
            try:
                with st.spinner("Stopping queries and emptying folders …", show_time=True):
                    learner.start_over(forget=forget)
            except LabError as error:
                show_error(error)
            else:
                say("You have started over.")
                st.switch_page("pages/start.py")
