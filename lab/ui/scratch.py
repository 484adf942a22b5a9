"""The scratch cell: a place on every page to try things, with the same vocabulary, never checked."""

import streamlit as st

from lab.learner.learner import Learner
from lab.learner.texts import SCRATCH_FIELD
from lab.ui.cell import said_of_run, show_output
from lab.ui.editor import editor
from lab.ui.feedback import show_failure
from lab.ui.headings import unseen
from lab.ui.press import button
from lab.ui.session import act, prefers_plain


def scratch(learner: Learner) -> None:
    """Draw the cell, folded. It is the same one on every page."""
    with st.expander("Scratch cell: try things", key="scratch", icon=":material/science:"):
        unseen("Scratch cell")
        st.markdown(
            "This cell runs in the same session as yours. Look at what they have defined, for example with "
            '`streamingLogData.printSchema()` or `spark.sql("…").show()`. It is never checked. What it defines stays.'
        )
        _cell(learner)


def _cell(learner: Learner) -> None:
    asked = editor(learner, SCRATCH_FIELD, label="Scratch code", block="scratch", plain=prefers_plain())
    if button("Run the scratch cell", key="run-scratch", icon=":material/play_arrow:") or asked:
        act(
            lambda: learner.run_scratch(learner.progress.scratch),
            "Running …",
            in_turn=True,
            says=lambda: said_of_run(learner.scratch, "The scratch cell"),
        )
    if learner.scratch:
        show_output(learner.scratch, "the scratch cell", learner.runs.changed_since(learner.scratch))
        if learner.scratch.failure:
            show_failure(learner.scratch.failure, learner.scratch.line)
