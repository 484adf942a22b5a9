"""What a learner predicted, whether it was right, and why in their own words: a reminder for the retrospective."""

import streamlit as st

from lab.learner.learner import Learner
from lab.lesson.predictions import PREDICTIONS
from lab.ui.text import plain


def predicted(learner: Learner) -> None:
    """List the predictions that were made; draw nothing if there are none."""
    progress, dataset = learner.progress, learner.workspace.dataset
    made = [(known, text) for known in PREDICTIONS.values() if (text := progress.prediction(known.id))]
    if not made:
        return
    st.markdown("**What you predicted**")
    lines = []
    for prediction, text in made:
        verdict = "right" if prediction.is_right(text, dataset) else "a surprise"
        reason = " ".join(progress.reason(prediction.id).split())
        lines.append(
            f"- {plain(prediction.named(dataset))}: {verdict}." + (f" You wrote: “{plain(reason)}”" if reason else "")
        )
    st.markdown("\n".join(lines))
