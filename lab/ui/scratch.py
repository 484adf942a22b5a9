"""The scratch cell: a place on every page to try things, with the same vocabulary, never checked."""

import streamlit as st

from lab.lesson.learner import Learner
from lab.lesson.texts import SCRATCH_FIELD
from lab.ui.cell import show_output
from lab.ui.editor import editor
from lab.ui.feedback import show_failure
from lab.ui.press import button
from lab.ui.session import act, prefers_plain


def scratch(learner: Learner) -> None:
    """Draw it, folded. It is one cell, the same on every page."""
    with st.expander("Scratch cell: try things", key="scratch", icon=":material/science:"):
        st.markdown(
            "Runs in the same session as your cells: look at what they have defined, "
            '`streamingLogData.printSchema()` or `spark.sql("…").show()` say. It is never checked. What it defines stays.'
        )
        _cell(learner)


def _cell(learner: Learner) -> None:
    asked = editor(learner, SCRATCH_FIELD, label="Scratch code", block="scratch", plain=prefers_plain())
    if button("Run", key="run-scratch", icon=":material/play_arrow:") or asked:
        act(lambda: learner.run_scratch(learner.progress.scratch), "Running …", in_turn=True)
    if learner.scratch:
        show_output(learner.scratch, "the scratch cell")
        if learner.scratch.failure:
            show_failure(learner.scratch.failure, learner.scratch.line)
