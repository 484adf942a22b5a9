"""What a class does at one moment: deliver each pair, and vote in each round of a vote."""

import json
import time
from typing import Final

from lab.course.vote import ROUNDS
from lab.dataset import PAIRS

from .book import Book
from .pace import Meeting
from .tree import Node

# Nobody waits longer for those who are late.
DELIVERY_SECONDS: Final = 240.0
VOTE_SECONDS: Final = 120.0
_BAR: Final = "vote-bar"
_CHOICES: Final = "choice-"
_GRID: Final = "lab_grid"


class Poll:
    """The vote of a class: since when each learner's page should show it, and who has voted."""

    def __init__(self, voters: int, book: Book) -> None:
        self._meetings = {number: Meeting(voters, VOTE_SECONDS) for number in range(1, ROUNDS + 1)}
        self._book = book
        self._since: dict[tuple[str, int], float] = {}
        self._seen: set[tuple[str, int, int]] = set()
        self._round = 0
        self._cast: set[tuple[int, int]] = set()
        self.last_cast_at = 0.0

    def opens(self, number: int) -> None:
        """Note the time: the teacher is about to open a round."""
        self._round = number
        self._since["the vote is open", number] = time.monotonic()

    def reveals(self) -> None:
        """Note the time: the teacher is about to show the votes of a round."""
        self._since["the votes are shown", self._round] = time.monotonic()

    def shown(self, learner: int, node: Node, around: tuple[str, ...], here_since: float) -> None:
        """Record the vote's delay on a learner's page, which is open since `here_since` (`time.monotonic`)."""
        if _BAR not in around or not self._round:
            return
        if node.key.startswith(_CHOICES):
            what = "the vote is open"
        elif node.kind == "progress":
            what = "the votes are shown"
        else:
            return
        since, seen = self._since.get((what, self._round)), (what, self._round, learner)
        # A page that was opened later shows it at once.
        if since and here_since < since and seen not in self._seen:
            self._book.note(f"a page says: {what}", time.monotonic() - since)
        self._seen.add(seen)

    def is_asked(self, learner: int) -> bool:
        """Return whether a round is open in which a learner has not voted."""
        return self._round > 0 and (learner, self._round) not in self._cast

    async def meet(self, learner: int) -> None:
        """Wait until all are about to vote."""
        self._cast.add((learner, self._round))
        self._book.count("votes")
        await self._meetings[self._round].join()

    def has_cast(self) -> None:
        """Note the time: a learner's page says that the vote is counted."""
        self.last_cast_at = time.monotonic()


class Board:
    """The delay of the class board: for the first step of each learner who has solved it."""

    def __init__(self, book: Book) -> None:
        self._book = book
        self._solved: dict[str, float] = {}

    def is_solved_by(self, name: str) -> None:
        """Note the time: the learner's own page shows the step as solved."""
        self._solved[name] = time.monotonic()

    def shown(self, node: Node) -> None:
        """Record the delay of each solved step that the board's page now shows."""
        if node.kind != "bidi_component" or node.content.component_name != _GRID:
            return
        for row in json.loads(node.content.json)["rows"]:
            if row["cells"][0]["state"] == "solved" and row["name"] in self._solved:
                self._book.note("the board shows a solved step", time.monotonic() - self._solved.pop(row["name"]))


class Together:
    """What all learners of a class share: a meeting for each pair of log files, the vote, the board."""

    def __init__(self, learners: int, book: Book) -> None:
        self.learners = learners
        self.deliveries = tuple(Meeting(learners, DELIVERY_SECONDS) for _ in PAIRS)
        self.poll = Poll(learners, book)
        self.board = Board(book)
