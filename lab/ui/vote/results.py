"""How a class has voted: each choice with the votes of each round, in words and as bars."""

import streamlit as st

from lab.course.vote import ROUNDS, Question, Tally
from lab.ui.text import plain
from lab.ui.vote import LETTERS, lettered, round_in_words, votes_in_words

# At most so many changes from one choice to another are listed, the most frequent first.
MAX_MOVES = 3


def results(question: Question, tally: Tally, *, right: int | None = None, own: tuple[int | None, ...] = ()) -> None:
    """Draw the results. `right` is the index of the right choice, if it is revealed; `own` are the viewer's choices."""
    with st.container(gap="xsmall"):
        for place in range(len(question.choices)):
            _choice(question, tally, place, right=right, own=own)
    st.caption(_in_words(tally))


def _choice(question: Question, tally: Tally, place: int, *, right: int | None, own: tuple[int | None, ...]) -> None:
    rounds = len(tally.rounds)
    is_right = " :green-badge[:material/check: right]" if place == right else ""
    yours = " :blue-badge[your vote]" if own and own[rounds - 1] == place else ""
    st.markdown(f"**{plain(lettered(question.choices, place))}**{is_right}{yours}")
    for number in range(1, rounds + 1):
        share = tally.share(number, place)
        said = votes_in_words(tally.rounds[number - 1][place], share)
        st.progress(share, f"{round_in_words(number)}: {said}" if rounds > 1 else said)


def _in_words(tally: Tally) -> str:
    voted = " ".join(
        f"{round_in_words(number)}: {tally.voted(number)} voted." for number in range(1, len(tally.rounds) + 1)
    )
    if len(tally.rounds) < ROUNDS:
        return f"{tally.voted(1)} voted."
    if not tally.moves:
        return f"{voted} Nobody voted in both."
    ways = sorted(((votes, way) for way, votes in tally.moves.items() if way[0] != way[1]), reverse=True)
    listed = ", ".join(f"{LETTERS[before]} to {LETTERS[after]}: {votes}" for votes, (before, after) in ways[:MAX_MOVES])
    return (
        f"{voted} Of those who voted in both, {tally.changed} changed their choice{f' ({listed})' if listed else ''}."
    )
