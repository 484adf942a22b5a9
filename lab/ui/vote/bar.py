"""The bar in which a learner sees the teacher's question, and votes; on every page of the lesson."""

from typing import Final

import streamlit as st

from lab.course.vote import Ballot, Vote
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.ui.parts import parts
from lab.ui.press import submit_button
from lab.ui.session import show_error
from lab.ui.text import plain
from lab.ui.vote import lettered
from lab.ui.vote.results import results

_SAID: Final = "vote-said"


def vote_bar(learner: Learner, page: str) -> None:
    """Draw the bar, within a fragment that reruns when something has changed. Nearly always, it is empty."""
    with st.container(key="vote-bar"):
        if vote := parts().votes.now():
            with st.container(border=True, gap="small"):
                # Streamlit would show an error that is raised in a fragment as a traceback.
                try:
                    _draw(learner, vote, page)
                except LabError as error:
                    show_error(error)


def _draw(learner: Learner, vote: Vote, page: str) -> None:
    _head(vote, page)
    st.markdown(f"**{plain(vote.question.text)}**")
    ballot = parts().votes.ballot(learner.id, vote.question)
    own = ballot.of_round(vote.round)
    if vote.state == "open":
        _ask(learner, vote, ballot)
    elif vote.state == "closed":
        st.markdown(f"You voted for **{_named(vote, own)}**." if own is not None else "You have not voted.")
        st.caption("Your teacher has not shown the votes yet.")
    else:
        results(vote.question, parts().votes.tally(vote), right=vote.shown_right, own=ballot.choices)


def _head(vote: Vote, page: str) -> None:
    words = {
        "open": "Your teacher asks the class. Vote here."
        if vote.round == 1
        else "You have discussed it. Vote once more, for the same or for another choice.",
        "closed": "The vote is closed.",
        "revealed": "This is how the class has voted.",
    }[vote.state]
    now = (vote.question.id, vote.round, vote.state)
    said_now, said_on = st.session_state.get(_SAID, (None, ""))
    if said_now == now and said_on != page:
        # A screen reader has read it out on another page.
        st.markdown(f":material/how_to_vote: {words}")
        return
    st.session_state[_SAID] = now, page
    st.info(words, icon=":material/how_to_vote:")


def _ask(learner: Learner, vote: Vote, ballot: Ballot) -> None:
    question, own = vote.question, ballot.of_round(vote.round)
    key = f"{question.id}-{vote.round}"
    # A form sends nothing to the server before the vote: in a class, all choose at the same moment.
    with st.form(f"ballot-{key}", border=False):
        choice = st.radio(
            "Your vote",
            range(len(question.choices)),
            index=own,
            format_func=lambda place: plain(lettered(question.choices, place)),
            key=f"choice-{key}",
        )
        pressed = submit_button("Vote", key=f"cast-{key}", icon=":material/how_to_vote:")
    if pressed:
        if choice is None:
            st.warning("Choose something first.", icon=":material/help:")
            return
        with st.spinner("Counting your vote …"):
            own = parts().votes.cast(learner.id, question.id, vote.round, choice).of_round(vote.round)
    if own is not None:
        st.success(
            f"You voted for **{_named(vote, own)}**. You can change it until your teacher closes the vote.",
            icon=":material/check:",
        )


def _named(vote: Vote, place: int) -> str:
    """Return a choice with its letter, escaped for Markdown."""
    return plain(lettered(vote.question.choices, place))
