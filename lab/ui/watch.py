"""A learner watches the teacher: the link in the sidebar, and the read-only page that shows the slide."""

from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lab.course.showing import ShowingStatus
from lab.course.shown import Shown
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.lesson.steps import STEPS
from lab.ui import follow
from lab.ui.attention import bring, say
from lab.ui.editor import editor_key
from lab.ui.engine_status import engine_status
from lab.ui.fragment import fragment
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import prefers_plain, show_error
from lab.ui.slide import slide, style
from lab.ui.stage.picture import still_picture
from lab.ui.text import in_browser_time

# The watching page follows the teacher within two seconds. On other pages, the link may appear later.
WATCH_SECONDS: Final = 0.75
SELDOM_SECONDS: Final = 10.0
# From 1200 pixels on, both parts of a slide fit beside the sidebar. No slider: the teacher chooses the moment.
_STYLE: Final = f"""
{style(1200, "14.5rem", "15.5rem")}
<style>
[data-testid="stMainBlockContainer"] {{ padding: 3.5rem 1.5rem 2rem; }}
.st-key-slide .lab-stage-time {{ display: none; }}
</style>
"""
_OFFER_STYLE: Final = """
<style>
.st-key-offer-to-watch [data-testid="stPageLink"] * { white-space: normal; overflow: visible; height: auto; }
</style>
"""


def offer_to_watch() -> None:
    """Draw the link for the sidebar of a class, while the teacher shows something."""
    if parts().classroom.entrance.is_for_class:
        with st.container(key="offer-to-watch"):
            st.html(_OFFER_STYLE)
            fragment(run_every=SELDOM_SECONDS, key="teacher-shows")(_offer)()


def _offer() -> None:
    status = parts().showing.look()
    if status.is_live and status.shown:
        title = STEPS[status.shown.step_id].title
        st.page_link("pages/watch.py", label=f"Your teacher shows *{title}*: watch", icon=":material/cast:")


def watch(learner: Learner) -> None:
    """Draw what the teacher shows, and keep it up to date."""
    st.html(follow.STYLE + _STYLE)
    engine_status(learner)
    status = parts().showing.look()
    _look_again(status)
    _say(status)
    if status.shown is None:
        return
    shown = status.shown
    with st.container(key="watched"):
        slide(lambda: _stage(shown))
    _take(learner, shown)


def _look_again(drawn: ShowingStatus) -> None:
    """Draw the page anew when the teacher shows something else."""

    @fragment(run_every=WATCH_SECONDS, key="watch-again")
    def look() -> None:
        if parts().showing.look().state != drawn.state:
            st.rerun()

    look()


def _say(status: ShowingStatus) -> None:
    if status.error:
        st.warning(
            "The lab cannot look at what your teacher shows now. It goes on by itself.", icon=":material/cloud_off:"
        )
    at = f"{in_browser_time(datetime.fromtimestamp(status.at, UTC)):%H:%M}"
    if status.is_live:
        st.caption(":green[:material/cast:] Your teacher shows this now. You cannot change it here.")
    elif status.shown is None:
        st.info(
            "Your teacher shows nothing now. When they do, it appears here by itself, and a line in the sidebar of every "
            "page says so.",
            icon=":material/hourglass_empty:",
        )
    elif status.is_on:
        st.info(
            f"Nothing has come from your teacher since {at}. This is what they showed last.", icon=":material/pause:"
        )
    else:
        st.info(f"Your teacher has stopped showing. This is what they showed last, at {at}.", icon=":material/stop:")


def _stage(shown: Shown) -> Shown:
    if shown.drawn:
        with st.container(key="slide-stage"):
            still_picture("watched-stage", shown.drawn)
    return shown


def _take(learner: Learner, shown: Shown) -> None:
    """Offer to put the code into the learner's own cell; a demonstration has none."""
    step = STEPS[shown.step_id]
    if not step.is_exercise:
        st.caption("This is a cell of the lab's: you run the same one on its own page.")
        return
    with st.container(horizontal=True, vertical_alignment="center"):
        pressed = button("Take this code into my cell", key="take-shown", icon=":material/content_paste_go:")
        st.caption(
            f"It takes the place of your code in *{step.title}*, which stays among the earlier versions."
            + (" Your step then counts as done after seeing the solution." if shown.gives_away else "")
        )
    if not pressed:
        return
    try:
        with st.spinner("Writing …"):
            if shown.gives_away:
                learner.progress.show_solution(step)
            learner.progress.replace(step, shown.code)
    except LabError as error:
        show_error(error)
        return
    say(f"Your teacher's code is in your cell {step.title}. Your own is among its earlier versions.")
    bring(editor_key(f"code-{step.id}", plain=prefers_plain()))
    st.switch_page(f"pages/{step.page}.py")
