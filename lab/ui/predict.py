"""Predict first: a question before something is shown, and afterwards what was predicted beside what happened."""

import streamlit as st

from lab.lesson.learner import Learner
from lab.lesson.predictions import PREDICTIONS
from lab.lesson.progress import SKIPPED
from lab.ui.press import button
from lab.ui.text import plain


def is_asked(learner: Learner, prediction_id: str) -> bool:
    """Whether the learner has neither predicted nor said that they would rather see."""
    return learner.progress.prediction(prediction_id) is None


def ask(learner: Learner, prediction_id: str, verb: str) -> bool:
    """Draw the question in place of a button; gives whether what the button stands for is to happen now.

    `verb` is what the button does: Deliver, Run.
    """
    prediction = PREDICTIONS[prediction_id]
    with st.container(key=f"predict-{prediction_id}"):
        if prediction.choices:
            choice = st.radio(prediction.question, prediction.choices, index=None, key=f"choice-{prediction_id}")
            text = str(choice) if choice else ""
        else:
            number = st.number_input(prediction.question, value=None, format="%0.3f", key=f"number-{prediction_id}")
            text = "" if number is None else f"{number:g}"
        with st.container(horizontal=True):
            predicted = button(
                f"Predict and {verb.lower()}",
                key=f"predicted-{prediction_id}",
                type="primary",
                icon=":material/psychology_alt:",
            )
            skipped = button(f"Just {verb.lower()}", key=f"skipped-{prediction_id}")
        if predicted and not text:
            st.warning("Choose or write something first; it is never graded.", icon=":material/help:")
            return False
    if predicted or skipped:
        learner.progress.predict(prediction_id, text if predicted else SKIPPED)
    return predicted or skipped


def compare(learner: Learner, prediction_id: str) -> None:
    """What was predicted, and what happened."""
    if text := learner.progress.prediction(prediction_id):
        then = PREDICTIONS[prediction_id].then(learner.workspace.dataset)
        st.caption(f":material/psychology_alt: You predicted: *{plain(text)}*. {then}")
