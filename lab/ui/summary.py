"""The outcome of each step, told honestly: solved, solved with hints, or after seeing the solution."""

import pandas as pd
import streamlit as st

from lab.learner.kept import Answer
from lab.learner.learner import Learner
from lab.lesson.steps import EXERCISES


def summary(learner: Learner) -> None:
    """Draw a table of the steps that the learner writes."""
    answers = {step.title: learner.progress.answer(step) for step in EXERCISES}
    rows = [(title, _words(answer), answer.hints) for title, answer in answers.items()]
    st.dataframe(
        pd.DataFrame(rows, columns=["step", "how", "hints opened"]), hide_index=True, alt="How each step was done"
    )
    solved = sum(answer.how in {"solved", "helped"} for answer in answers.values())
    st.caption(
        f"You wrote {solved} of the {len(answers)} steps yourself. Nobody grades this table; it is here for you to know."
    )


def _words(answer: Answer) -> str:
    match answer.how:
        case "solved":
            return "solved"
        case "helped":
            return "solved with hints"
        case "shown":
            return "done after seeing the solution"
        case _:
            return "the solution stood in" if answer.shown else "not done"
