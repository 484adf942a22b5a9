"""The votes of this lab's class: one for all pages, and what looks for what another lab has written."""

import asyncio
from typing import Final

from lab.course.classroom import CLASSROOM
from lab.course.voters import Voters
from lab.course.votes import Votes
from lab.ui.text import plain

# Of a vote that is opened here, pages are told at once; of one that another lab has written, after so long.
LOOK_SECONDS: Final = 2.0
VOTES: Final = Votes(lambda: CLASSROOM.store, lambda: CLASSROOM.entrance.class_code)
VOTERS: Final = Voters(lambda: CLASSROOM.store, lambda: CLASSROOM.entrance)
# A choice is called by its letter, in a lecture hall, too.
LETTERS: Final = "ABCDEF"


async def watch() -> None:
    """Look whether a vote is on, again and again, as long as any page follows: once for all pages."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if VOTES.changes.is_followed:
            await asyncio.to_thread(VOTES.look)


def lettered(choices: tuple[str, ...], place: int) -> str:
    """Return a choice with its letter."""
    return f"{LETTERS[place]}. {choices[place]}"


def choices_in_words(choices: tuple[str, ...]) -> str:
    """Return all choices as text of a page, each in a line of its own."""
    return "  \n".join(plain(lettered(choices, place)) for place in range(len(choices)))


def votes_in_words(votes: int, share: float) -> str:
    """Return how many votes there are, and which part of all."""
    return f"{votes} vote{'' if votes == 1 else 's'}, {share:.0%}".replace("%", " %")


def round_in_words(number: int) -> str:
    """Return what a round is called."""
    return "First vote" if number == 1 else "Second vote"
