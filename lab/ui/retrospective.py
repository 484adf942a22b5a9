"""The retrospective: its four parts as fields, saved while the learner types, and beside them what the learner did."""

from dataclasses import replace
from typing import Final

import streamlit as st

from lab.handin.retrospective.pdf import Retrospective, filled, to_pictures, unshowable
from lab.learner.learner import Learner
from lab.learner.retrospective import PARTS
from lab.learner.time_spent import in_words
from lab.ui.editor import field
from lab.ui.headings import subsection
from lab.ui.history import history
from lab.ui.predicted import predicted
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain

MAX_PAGES: Final = 8
MAX_UNSHOWABLE: Final = 8
QUESTIONS: Final = {
    "challenges": "What was particularly challenging? What was particularly confusing?",
    "takeaways": "What are your main takeaways: which concepts or techniques may help you later, as an analyst or engineer?",
}


def retrospective_form(learner: Learner, name: str = "") -> None:
    """Draw the form; `name` is suggested in the first field until another one is written there."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _fields(learner, name)
        _preview(learner, name)
    with right:
        subsection("What happened, to help you remember")
        history(learner)
        predicted(learner)


def _fields(learner: Learner, name: str) -> None:
    measured = in_words(learner.progress.time.seconds)
    field(learner, "retrospective-name", label=PARTS["name"], suggested=name)
    field(learner, "retrospective-time_spent", label=PARTS["time_spent"], suggested=measured)
    with st.container(horizontal=True, vertical_alignment="center"):
        st.caption(f"Measured: {measured}. Pauses of more than ten minutes are left out.", width="stretch")
        if learner.progress.retrospective.time_spent and button(
            "Use the measured time", key="retrospective-measured", icon=":material/timer:"
        ):
            act(lambda: _use_measured(learner), "Writing …")

    for part, question in QUESTIONS.items():
        field(learner, f"retrospective-{part}", label=question, lines=8)
    shown = filled(learner.progress, name)
    if odd := unshowable(*(getattr(shown, part) for part in PARTS)):
        listed = ", ".join(f"'{each}' (U+{ord(each):04X})" for each in odd[:MAX_UNSHOWABLE])
        more = f" and {len(odd) - MAX_UNSHOWABLE} more" if len(odd) > MAX_UNSHOWABLE else ""
        st.warning(
            f"The PDF cannot show {plain(listed)}{more}: no font here has it. It shows the character's code instead.",
            icon=":material/font_download_off:",
        )


def _use_measured(learner: Learner) -> None:
    learner.progress.write_retrospective(replace(learner.progress.retrospective, time_spent=""))


def _preview(learner: Learner, name: str) -> None:
    if not st.toggle("Preview the PDF", key="retrospective-preview"):
        return
    pages, count = _pages(filled(learner.progress, name))
    for number, page in enumerate(pages, start=1):
        with st.container(border=True):
            st.image(
                page,
                caption=f"Page {number} of {count}",
                width="stretch",
                alt=f"The retrospective as it is printed, page {number} of {count}",
            )
    if count > MAX_PAGES:
        st.caption(f"The first {MAX_PAGES} of {count} pages.")


# With a timeout, since the pages show today's date.
@st.cache_data(ttl=600, max_entries=64, show_spinner=False)
def _pages(retrospective: Retrospective) -> tuple[tuple[bytes, ...], int]:
    """Return the first pages as pictures, and the number of all pages."""
    pages = to_pictures(retrospective)
    return pages[:MAX_PAGES], len(pages)
