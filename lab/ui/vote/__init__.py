"""The task that looks for votes written by another lab, and the words of a vote that all its pages share."""

import asyncio
from typing import Final

from lab.ui.parts import parts
from lab.ui.text import plain

# Pages are notified at once of a vote that is opened here; of one that another lab has written, after so many seconds.
LOOK_SECONDS: Final = 2.0
# The letters of the choices, which people can also say aloud in a lecture hall.
LETTERS: Final = "ABCDEF"


async def poll_votes() -> None:
    """Poll whether a vote is on, as long as any page follows: one task for all pages."""
    while True:
        await asyncio.sleep(LOOK_SECONDS)
        if parts().votes.changes.has_subscribers:
            await asyncio.to_thread(parts().votes.look)


def lettered(choices: tuple[str, ...], place: int) -> str:
    """Return a choice with its letter."""
    return f"{LETTERS[place]}. {choices[place]}"


def choices_in_words(choices: tuple[str, ...]) -> str:
    """Return all choices as text of a page, each in a line of its own."""
    return "  \n".join(plain(lettered(choices, place)) for place in range(len(choices)))


def votes_in_words(votes: int, share: float) -> str:
    """Return the number of votes and their share as text."""
    return f"{votes} vote{'' if votes == 1 else 's'}, {share:.0%}".replace("%", " %")


def round_in_words(number: int) -> str:
    """Return the name of a round."""
    return "First vote" if number == 1 else "Second vote"
