"""The teacher's page of votes: the current vote and the buttons for its next state; else a new question, past votes."""

from collections.abc import Callable
from typing import Final

import streamlit as st

from lab.course.vote import Vote
from lab.errors import LabError
from lab.learner.real_thing import SHOWINGS
from lab.ui.attention import say
from lab.ui.fragment import fragment
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.past_votes import past_votes
from lab.ui.teacher.projector import PROJECTOR, for_projector, joining
from lab.ui.teacher.question import ask
from lab.ui.teacher.run_for_class import ask_to_show, page_to_show
from lab.ui.text import plain
from lab.ui.vote import choices_in_words
from lab.ui.vote.results import results

# How often the page looks for new votes.
LOOK_SECONDS: Final = 1.5


def vote_page() -> None:
    """Draw the page's content, and keep it up to date."""
    if page := page_to_show():
        st.switch_page(page)
    st.toggle("For the projector: large, with the address to vote at", key=PROJECTOR)
    large = bool(st.session_state.get(PROJECTOR))
    drawn = parts().votes.look()
    fragment(run_every=LOOK_SECONDS, key="vote-now")(_current)(drawn, large=large)
    if drawn is None and not large:
        ask()
        past_votes()


def _current(drawn: Vote | None, *, large: bool) -> None:
    # A fragment reruns without the page around it, for as long as the browser is open: check the access again.
    require_teacher()
    vote = parts().votes.look()
    if error := parts().votes.error:
        st.warning("The store cannot be asked now. The page goes on by itself.", icon=":material/cloud_off:")
        show_error(error)
    # Once a vote has begun or ended, here or in another lab, the page around the fragment must change, too.
    if (vote is None) != (drawn is None):
        st.rerun()
    try:
        with for_projector() if large else st.container(key="vote-plain"):
            _draw(vote, large=large)
    except LabError as error:
        show_error(error)


def _draw(vote: Vote | None, *, large: bool) -> None:
    if vote is None:
        if large:
            st.markdown("No question is open now.")
        joining(large=large)
        return
    section("The question" if vote.round == 1 else "The same question, once more")
    tally = parts().votes.tally(vote)
    if vote.state == "revealed":
        st.markdown(f"**{plain(vote.question.text)}**")
        results(vote.question, tally, right=vote.shown_right)
        _moves(vote)
        return
    beside, code = st.columns([3, 2] if large else [3, 1], gap="medium")
    with beside:
        st.markdown(f"**{plain(vote.question.text)}**")
        st.markdown(choices_in_words(vote.question.choices))
        st.markdown(f"{_voted(vote, tally.voted(vote.round))}{'' if vote.state == 'open' else ' The vote is closed.'}")
        # Beside the QR code, not below it: there, a projector would not show the buttons.
        _moves(vote)
    with code:
        joining(large=large)


def _voted(vote: Vote, votes: int) -> str:
    """Return how many have voted of those present: learners at work now, and people who have joined or voted."""
    board = parts().watch.look().board
    learners = {row.learner.key for row in board.rows if not row.away}
    there = len(learners | parts().voters.joined() | parts().votes.voters(vote))
    return f":material/how_to_vote: **{votes} of {max(there, votes)} have voted.**"


def _moves(vote: Vote) -> None:
    """Draw the buttons for the next state of the vote; the expected one stands out."""
    question, again = vote.question, "Discuss, then vote again"
    with st.container(horizontal=True, key="vote-moves"):
        if vote.state == "open":
            _move(vote, "Close the vote", Vote.close, "lock", "The vote is closed.", stands_out=True)
        if vote.state == "closed":
            _move(vote, "Reveal the votes", Vote.reveal, "visibility", "The votes are shown.", stands_out=True)
            _move(vote, "Go on voting", Vote.reopen, "lock_open", "The vote is open again.")
        if vote.can_vote_again:
            _move(
                vote,
                again,
                Vote.vote_again,
                "forum",
                "The second vote is open.",
                stands_out=vote.state == "revealed",
            )
        if vote.can_tell:
            _move(vote, "Say what is right", Vote.tell, "check", "The right choice is shown.")
        if (
            vote.state == "revealed"
            and question.prediction in SHOWINGS
            and button(
                "Run it on the stage",
                key="vote-run",
                icon=":material/play_arrow:",
                type="primary" if not vote.can_vote_again else "secondary",
            )
        ):
            ask_to_show(question.prediction)
            # Only the script of the page can switch pages, not a fragment.
            st.rerun()
        if button("End the vote", key="vote-end", icon=":material/stop:"):
            _do(lambda: parts().votes.end(vote), "The vote has ended.")


def _move(
    vote: Vote, label: str, move: Callable[[Vote], Vote], icon: str, says: str, *, stands_out: bool = False
) -> None:
    # Each move has its own key: a second press that arrives late must not make the next move.
    if button(
        label,
        key=f"vote-{move.__name__.replace('_', '-')}",
        icon=f":material/{icon}:",
        type="primary" if stands_out else "secondary",
    ):
        _do(lambda: parts().votes.change(vote, move), says)


def _do(action: Callable[[], object], says: str) -> None:
    try:
        with st.spinner("Telling the class …"):
            action()
    except LabError as error:
        show_error(error)
        return
    say(says)
    st.rerun()
