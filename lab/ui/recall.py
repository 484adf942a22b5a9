"""Five minutes of recall on the page Start, days after a learner worked on the lab."""

import time
from dataclasses import dataclass, replace
from typing import Final

import streamlit as st

from lab.learner.learner import Learner
from lab.learner.recall import Question, is_due, questions
from lab.lesson.wording import worded
from lab.ui.attention import bring
from lab.ui.feedback import plain_but_code
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain

_ROUND: Final = "recall-round"
_PLACE: Final = "recall"


@dataclass(frozen=True)
class _Round:
    """The questions, what was answered to each so far, and whether the answer to the last one is shown."""

    questions: tuple[Question, ...]
    answers: tuple[str, ...] = ()
    shows: bool = False

    @property
    def right(self) -> int:
        """How many answers are right."""
        return sum(answer == asked.right for answer, asked in zip(self.answers, self.questions, strict=False))


def recall(learner: Learner) -> None:
    """Offer the questions when they are due, and ask one after another; otherwise draw nothing."""
    going: _Round | None = st.session_state.get(_ROUND)
    if going is None and not is_due(learner.progress.history, learner.progress.recalled_at, time.time()):
        return
    with st.container(border=True, key=_PLACE):
        if going is None:
            _offer(learner)
        elif len(going.answers) == len(going.questions) and not going.shows:
            _end(going)
        else:
            _ask(learner, going)


def _offer(learner: Learner) -> None:
    made = questions(learner.progress.history, str(learner.progress.recalled_at))
    st.markdown(
        f"**Five minutes of recall.** It is some days since you worked on this lab. Here are {len(made)} short questions, "
        "made from the mistakes that you met. They are never graded."
    )
    with st.container(horizontal=True):
        if button("Begin", key="recall-begin", type="primary", icon=":material/psychology:"):
            st.session_state[_ROUND] = _Round(made)
            bring(_PLACE)
            st.rerun()
        if button("Not today", key="recall-later"):
            act(learner.progress.recall, "Writing …")


def _ask(learner: Learner, going: _Round) -> None:
    number = len(going.answers) - going.shows
    question = going.questions[number]
    st.markdown(
        f"**Question {number + 1} of {len(going.questions)}** · {question.step.title}: what is wrong with this answer?"
    )
    st.code(worded(question.code, learner.workspace.dataset), wrap_lines=True)
    given = going.answers[number] if going.shows else None
    choice = st.radio(
        "What is wrong?",
        question.choices,
        index=question.choices.index(given) if given else None,
        key=f"recall-choice-{number}",
        disabled=going.shows,
    )
    if not going.shows:
        if button("Answer", key=f"recall-answer-{number}", type="primary", icon=":material/check:") and choice:
            st.session_state[_ROUND] = replace(going, answers=(*going.answers, str(choice)), shows=True)
            bring(f"recall-said-{number}")
            st.rerun()
        return
    with st.container(key=f"recall-said-{number}"):
        if given == question.right:
            st.success(f"Right: {plain(question.right)}.", icon=":material/check_circle:")
        else:
            st.info(f"It is another mistake: {plain(question.right)}.", icon=":material/lightbulb:")
        if question.told:
            st.caption(f"When you met it, the check said: {plain_but_code(question.told)}")
    last = number + 1 == len(going.questions)
    if button("Finish" if last else "Next question", key=f"recall-next-{number}", type="primary"):
        st.session_state[_ROUND] = replace(going, shows=False)
        bring(_PLACE)
        if last:
            act(learner.progress.recall, "Writing …")
        st.rerun()


def _end(going: _Round) -> None:
    st.markdown(f"**You knew {going.right} of {len(going.questions)}.**")
    missed = [
        f"- {plain(asked.step.title)}: {plain(asked.right)}"
        for asked, answer in zip(going.questions, going.answers, strict=True)
        if answer != asked.right
    ]
    st.markdown(
        "Look at these once more:\n\n" + "\n".join(missed) + "\n\nThe page *Mistake museum* runs each of them for you."
        if missed
        else "Nothing to look up."
    )
    if button("Close", key="recall-close"):
        del st.session_state[_ROUND]
        st.rerun()
