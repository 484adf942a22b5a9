"""The retrospective: its four parts as fields, kept as they are written, and beside them what the learner did."""

from collections.abc import Callable
from dataclasses import replace
from typing import Final

import streamlit as st

from lab.handin.retrospective.pdf import Retrospective, filled, to_pictures, unshowable
from lab.lesson.learner import Learner
from lab.lesson.retrospective import MAX_CHARACTERS, PARTS
from lab.lesson.time_spent import in_words
from lab.ui.history import history
from lab.ui.session import act_here
from lab.ui.text import plain

MAX_SHORT: Final = 200
MAX_PAGES: Final = 8
MAX_UNSHOWABLE: Final = 8
QUESTIONS: Final = {
    "challenges": "What was particularly challenging? What was particularly confusing?",
    "takeaways": "What are your main takeaways: which concepts or techniques may help you later, as an analyst or engineer?",
}


def retrospective_form(learner: Learner, name: str = "") -> None:
    """Draw it; `name` stands in the first field until another one is written there."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _fields(learner, name)
        _preview(learner, name)
    with right:
        st.markdown("**What happened, to help you remember**")
        history(learner)


def _fields(learner: Learner, name: str) -> None:
    shown = filled(learner.progress, name)
    key, keep = _field(learner, "name", shown.name, default=name)
    st.text_input(PARTS["name"], key=key, on_change=keep, max_chars=MAX_SHORT)

    measured = in_words(learner.progress.time.seconds)
    key, keep = _field(learner, "time_spent", shown.time_spent, default=measured)
    st.text_input(PARTS["time_spent"], key=key, on_change=keep, max_chars=MAX_SHORT)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Measured: {measured}. Pauses of more than ten minutes are left out.", width="stretch")
        if learner.progress.retrospective.time_spent:
            st.button(  # noqa: TID251 - a callback is not lost
                "Use the measured time",
                key="retrospective-measured",
                icon=":material/timer:",
                on_click=lambda: _write(learner, "time_spent", ""),
            )

    for part, question in QUESTIONS.items():
        key, keep = _field(learner, part, getattr(shown, part))
        st.text_area(question, key=key, on_change=keep, max_chars=MAX_CHARACTERS, height=220)
    if odd := unshowable(*(getattr(shown, part) for part in PARTS)):
        listed = ", ".join(f"'{each}' (U+{ord(each):04X})" for each in odd[:MAX_UNSHOWABLE])
        more = f" and {len(odd) - MAX_UNSHOWABLE} more" if len(odd) > MAX_UNSHOWABLE else ""
        st.warning(
            f"The PDF cannot show {plain(listed)}{more}: no font here has it. Its code stands in its place.",
            icon=":material/font_download_off:",
        )


def _field(learner: Learner, part: str, text: str, *, default: str = "") -> tuple[str, Callable[[], None]]:
    """The key of a part's field, which shows a text, and what keeps another one; the default is not kept."""
    key = f"retrospective-{part}"
    drawn = f"{key}-drawn"

    def keep() -> None:
        written = str(st.session_state[key])
        if written.strip() in {"", default}:
            written = ""
            st.session_state.pop(drawn, None)
        _write(learner, part, written)

    # Only when there is another text, of another tab say: to be set, a field forgets what is being typed into it, and
    # what could not be kept.
    if key not in st.session_state or st.session_state.get(drawn) != text:
        st.session_state[drawn] = text
        if st.session_state.get(key) != text:
            st.session_state[key] = text
    return key, keep


def _write(learner: Learner, part: str, text: str) -> None:
    written = replace(learner.progress.retrospective, **{part: text})
    act_here(learner, lambda: learner.progress.write_retrospective(written))


def _preview(learner: Learner, name: str) -> None:
    if not st.toggle("Preview the PDF", key="retrospective-preview"):
        return
    pages, count = _pages(filled(learner.progress, name))
    for number, page in enumerate(pages, start=1):
        with st.container(border=True):
            st.image(page, caption=f"Page {number} of {count}", width="stretch")
    if count > MAX_PAGES:
        st.caption(f"The first {MAX_PAGES} of {count} pages.")


# The date on the page is that of today.
@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def _pages(retrospective: Retrospective) -> tuple[tuple[bytes, ...], int]:
    """The first pages, and how many there are."""
    pages = to_pictures(retrospective)
    return pages[:MAX_PAGES], len(pages)
