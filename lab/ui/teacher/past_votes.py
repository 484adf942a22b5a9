"""The past votes of the class: see them, download them, delete them."""

import streamlit as st

from lab.course.past_votes import PastVote, as_csv, rows_of
from lab.errors import LabError
from lab.ui.attention import say
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.text import in_browser_time, plain
from lab.ui.vote.results import results

# At most so many votes are drawn, the newest first; the downloaded table has all.
MAX_DRAWN = 20


def past_votes() -> None:
    """Draw the past votes, the newest first."""
    section("Past votes")
    try:
        past = parts().votes.past()
    except LabError as error:
        show_error(error)
        return
    if not past:
        st.caption("There is none yet. A vote that has ended is kept here, without names.")
        return
    for vote in past[:MAX_DRAWN]:
        opened = in_browser_time(vote.opened)
        with st.expander(f"{opened:%Y-%m-%d %H:%M} · {plain(vote.question.text)}", key=f"past-{vote.question.id}"):
            results(vote.question, vote.tally, right=vote.question.right)
    if len(past) > MAX_DRAWN:
        st.caption(f"The newest {MAX_DRAWN} of {len(past)}. The table has all of them.")
    with st.container(horizontal=True, vertical_alignment="center"):
        _download(past)
        _forget(len(past))


def _download(past: tuple[PastVote, ...]) -> None:
    st.download_button(
        "Download the votes",
        # With a byte order mark: without it, spreadsheets do not recognise UTF-8.
        as_csv(rows_of(past)).encode("utf-8-sig"),
        "votes.csv",
        "text/csv",
        key="download-votes",
        icon=":material/download:",
        on_click="ignore",
    )


def _forget(count: int) -> None:
    with st.popover("Forget the past votes", icon=":material/delete:"):
        st.markdown(
            f"This deletes {'the past vote' if count == 1 else f'all {count} past votes'} of the class, for good."
        )
        if button("Forget them now", key="forget-votes", type="primary"):
            try:
                parts().votes.forget_past()
            except LabError as error:
                show_error(error)
            else:
                say("The past votes are forgotten.")
                st.rerun()
