"""Predict first: a question before something is shown, and afterwards the prediction beside what happened."""

import streamlit as st

from lab.learner.kept import SKIPPED
from lab.learner.learner import Learner
from lab.lesson.numbers import shown
from lab.lesson.predictions import PREDICTIONS
from lab.ui.attention import bring
from lab.ui.editor import field
from lab.ui.feedback import plain_but_code
from lab.ui.press import button, carry, is_carried


def is_asked(learner: Learner, prediction_id: str) -> bool:
    """Return whether the learner must still be asked: they have neither predicted nor skipped the question."""
    return learner.progress.prediction(prediction_id) is None


def predicted_first(learner: Learner, prediction_id: str, verb: str, *, pressed: bool) -> bool:
    """Return whether to carry out a button's action now: it was pressed, and the learner has predicted or skipped.

    After the press, the question is drawn here until it is answered. With nothing to ask, the press is enough.
    """
    key = f"asked-{prediction_id}"
    if not is_asked(learner, prediction_id):
        st.session_state.pop(key, None)
        return pressed or is_carried(prediction_id)
    if pressed:
        st.session_state[key] = True
        bring(f"predict-{prediction_id}")
        # The request for the focus is sent at the top of the page, which this run has passed.
        st.rerun()
    return key in st.session_state and ask(learner, prediction_id, verb)


def ask(learner: Learner, prediction_id: str, verb: str) -> bool:
    """Draw the question; return whether it has just been answered or skipped.

    `verb` names the action that follows: Deliver, Run.
    """
    prediction, dataset = PREDICTIONS[prediction_id], learner.workspace.dataset
    question = prediction.asked(dataset)
    with st.container(key=f"predict-{prediction_id}"):
        if prediction.choices:
            choice = st.radio(
                question,
                prediction.choices,
                index=None,
                format_func=lambda each: prediction.offered(each, dataset),
                key=f"choice-{prediction_id}",
            )
            text = str(choice) if choice else ""
        else:
            number = st.number_input(question, value=None, format="%0.3f", key=f"number-{prediction_id}")
            text = "" if number is None else shown(number)
        with st.container(horizontal=True):
            predicted = button(
                f"Predict and {verb.lower()}",
                key=f"predicted-{prediction_id}",
                type="primary",
                icon=":material/psychology_alt:",
            )
            skipped = button(f"Just {verb.lower()}", key=f"skipped-{prediction_id}")
        if predicted and not text:
            st.warning("Choose or write something first. It is never graded.", icon=":material/help:")
            return False
    if predicted or skipped:
        # What is kept tells other runs of the page, and the next one could stop this one here.
        carry(prediction_id)
        learner.progress.predict(prediction_id, text if predicted else SKIPPED)
    if predicted:
        bring(compared(prediction_id))
    return predicted or skipped


def compare(learner: Learner, prediction_id: str, *, why: bool = True) -> None:
    """Show the prediction, whether it was right and what happened; with `why`, also a field for the reason."""
    if text := learner.progress.prediction(prediction_id):
        prediction, dataset = PREDICTIONS[prediction_id], learner.workspace.dataset
        told = plain_but_code(prediction.told(text, dataset))
        with st.container(key=compared(prediction_id)):
            if prediction.is_right(text, dataset):
                st.success(told, icon=":material/psychology_alt:")
            else:
                # Not an error: surprise is the purpose of a prediction.
                st.info(told, icon=":material/psychology_alt:")
        if why:
            ask_why(learner, prediction_id)


def ask_why(learner: Learner, *prediction_ids: str) -> None:
    """Ask the learner for the reason of each outcome that they have predicted."""
    dataset = learner.workspace.dataset
    made = [PREDICTIONS[known] for known in prediction_ids if learner.progress.prediction(known)]
    if made:
        with st.expander(
            "Why is it so? Say it in a sentence of your own", key=f"whys-{made[0].id}", icon=":material/edit_note:"
        ):
            for prediction in made:
                field(learner, f"why-{prediction.id}", label=f"{prediction.named(dataset)}: why?", lines=2)
            st.caption("It is kept, never graded, and shown to you again when you write the retrospective.")


def compared(prediction_id: str) -> str:
    """Return the key of the container that shows a prediction beside what happened."""
    return f"compared-{prediction_id}"
