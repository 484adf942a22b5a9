"""A class whose pages are open on a server of its own, and which delivers at once."""

import asyncio
import tempfile
from pathlib import Path
from typing import Final

from lab.dataset import PAIRS
from lab.errors import LabError
from tools.load.book import Book
from tools.load.learner import Learner
from tools.load.person import AT_ONCE, Habits
from tools.load.server import Server
from tools.load.together import Together

# So many come at a time: the way to the first delivery is not what is measured.
_COMING: Final = 3
_STEADY: Final = Habits(mistake=0, reload=0, blink=0, leave=0, forget=0)


def at_once(learners: int) -> tuple[float, ...]:
    """Have all deliver each pair at one moment; return each delivery's seconds from the click until it is shown.

    Raise LabError if a page breaks, or shows an error.
    """
    book = Book()
    with tempfile.TemporaryDirectory() as folder:
        server = Server(Path(folder))
        try:
            asyncio.run(_attend(server.url, learners, book))
        finally:
            server.stop()
    if book.troubles:
        raise LabError(f"A page did not work: {book.troubles[0].text}", "")
    return tuple(took.seconds for took in book.took if took.what == AT_ONCE)


async def _attend(url: str, learners: int, book: Book) -> None:
    together = Together(learners, book)
    people = [Learner(number, url, book, 0, together, _STEADY, seed=1) for number in range(learners)]
    coming = asyncio.Semaphore(_COMING)

    async def come(person: Learner) -> None:
        async with coming:
            await person.come_to_the_report()

    try:
        await asyncio.gather(*map(come, people))
        for pair in PAIRS:
            await asyncio.gather(*(person.deliver(pair.name, asks=f"{pair.name}-pair") for person in people))
    finally:
        for person in people:
            await person.leave()
