"""Predict first: a question before something is shown, and afterwards what was predicted beside what happened."""

import streamlit as st

from lab.learner.kept import SKIPPED
from lab.learner.learner import Learner
from lab.lesson.numbers import shown
from lab.lesson.predictions import PREDICTIONS
from lab.ui.attention import bring
from lab.ui.editor import field
from lab.ui.feedback import plain_but_code
from lab.ui.press import button


def is_asked(learner: Learner, prediction_id: str) -> bool:
    """Return whether the learner has neither predicted nor said that they would rather see."""
    return learner.progress.prediction(prediction_id) is None


def predicted_first(learner: Learner, prediction_id: str, verb: str, *, pressed: bool) -> bool:
    """Give whether what a button stands for is to happen now: once it is pressed, and the learner has said what they expect.

    In between, the question is drawn here. Without anything to ask, a press is enough.
    """
    key = f"asked-{prediction_id}"
    if not is_asked(learner, prediction_id):
        st.session_state.pop(key, None)
        return pressed
    if pressed:
        st.session_state[key] = True
        bring(f"predict-{prediction_id}")
        # Where the focus goes is said at the top of the page.
        st.rerun()
    return key in st.session_state and ask(learner, prediction_id, verb)


def ask(learner: Learner, prediction_id: str, verb: str) -> bool:
    """Draw the question; gives whether it has just been answered, or left out.

    `verb` is what follows: Deliver, Run.
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
        learner.progress.predict(prediction_id, text if predicted else SKIPPED)
    if predicted:
        bring(compared(prediction_id))
    return predicted or skipped


def compare(learner: Learner, prediction_id: str, *, why: bool = True) -> None:
    """Show what was predicted, whether it was right, what happened and, if asked here, a field for why it did."""
    if text := learner.progress.prediction(prediction_id):
        prediction, dataset = PREDICTIONS[prediction_id], learner.workspace.dataset
        told = plain_but_code(prediction.told(text, dataset))
        with st.container(key=compared(prediction_id)):
            if prediction.is_right(text, dataset):
                st.success(told, icon=":material/psychology_alt:")
            else:
                # No error: to be surprised is what a prediction is for.
                st.info(told, icon=":material/psychology_alt:")
        if why:
            ask_why(learner, prediction_id)


def ask_why(learner: Learner, *prediction_ids: str) -> None:
    """Have the learner say why it came so, of what they have predicted."""
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
    """Return what the place is called where a prediction stands beside what happened."""
    return f"compared-{prediction_id}"
