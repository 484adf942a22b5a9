"""The teacher's choice of a question: one of the lab's predictions, or a question of their own."""

from typing import Final

import streamlit as st

from lab.course.vote import MAX_CHOICES, MAX_TEXT, MIN_CHOICES, Question, own_question
from lab.course.votes import new_question_id
from lab.errors import LabError
from lab.learner.identity import Identity
from lab.learner.real_thing import SHOWINGS
from lab.lesson.pages import title_of
from lab.lesson.predictions import PREDICTIONS
from lab.ui.attention import say
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.press import button, submit_button
from lab.ui.session import show_error
from lab.ui.text import plain
from lab.ui.vote import choices_in_words

_KINDS: Final = ("One of the lab's predictions", "A question of your own")
# Predictions of a number have no choices, since each learner may have log files of their own.
_OFFERED: Final = tuple(known for known in PREDICTIONS.values() if known.choices)


def ask() -> None:
    """Draw the choice of a question; a press opens the vote."""
    section("Ask the class")
    kind = st.radio("What do you ask?", _KINDS, horizontal=True, key="question-kind")
    if kind == _KINDS[0]:
        _prediction()
    else:
        _own()


def _prediction() -> None:
    dataset = Identity().dataset
    titles = {
        known.id: f"{title_of(SHOWINGS[known.id].page)}: {known.named(dataset)}" for known in _OFFERED
    }  # fmt: skip
    chosen = st.radio(
        "Prediction", list(titles), format_func=lambda known: plain(titles[known]), key="question-prediction"
    )
    asked = question_of(chosen)
    st.markdown(plain(asked.text))
    st.markdown(choices_in_words(asked.choices))
    if button("Open the vote", key="open-prediction", type="primary", icon=":material/how_to_vote:"):
        _open(asked)


def question_of(prediction_id: str) -> Question:
    """Return one of the lab's predictions as a question about the log files that everybody has."""
    known, dataset = PREDICTIONS[prediction_id], Identity().dataset
    return Question(
        new_question_id(),
        known.asked(dataset),
        tuple(known.offered(choice, dataset) for choice in known.choices),
        known.choices.index(known.right),
        known.id,
    )


def _own() -> None:
    with st.form("own-question"):
        text = st.text_input("Your question", max_chars=MAX_TEXT, key="own-text", autocomplete="off")
        lines = st.text_area(
            f"The choices, {MIN_CHOICES} to {MAX_CHOICES}, each on a line of its own", key="own-choices"
        )
        st.caption("Everybody in the class reads it. The lab does not know what is right.")
        pressed = submit_button("Open the vote", key="open-own", icon=":material/how_to_vote:")
    if pressed:
        try:
            asked = own_question(new_question_id(), text, lines)
        except LabError as error:
            show_error(error)
        else:
            _open(asked)


def _open(asked: Question) -> None:
    try:
        with st.spinner("Asking the class …"):
            parts().votes.open(asked)
    except LabError as error:
        show_error(error)
        return
    say("The vote is open.")
    st.rerun()
