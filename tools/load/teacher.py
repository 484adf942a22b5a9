"""The teacher of a class: keeps the board open all the time, and lets the class vote twice on one question."""

import asyncio
import re
import time

from lab.course.vote import ROUNDS

from .browser import Browser
from .page import Page
from .person import Person
from .together import VOTE_SECONDS
from .tree import Node, PageError

_VOTED = re.compile(r"(\d+) of \d+ have voted")
# After this time, votes that are still missing are given up.
_LATEST_SECONDS = VOTE_SECONDS + 30


class Teacher(Person):
    """A teacher who sits at the machine, where the teacher's pages need no key."""

    async def attend(self) -> None:
        """Keep the board open until the task is cancelled; let the class vote after it has delivered both pairs."""
        self._browser = browser = Browser(self._url, "load-test/teacher")
        try:
            self._where = "Class board"
            self._page = await Page.open(browser, "class-board", self._see)
            for meeting in self.together.deliveries:
                await meeting.over()
            await self.pace.read()
            self._where = "Vote"
            await self._let_vote(browser)
            await asyncio.Event().wait()
        except (PageError, OSError, TimeoutError) as error:
            self.give_up(error)
        finally:
            await self.leave()

    @property
    def who(self) -> str:
        """The teacher's name in the book."""
        return "the teacher"

    async def _let_vote(self, browser: Browser) -> None:
        page, poll = await Page.open(browser, "vote", self._see), self.together.poll
        try:
            for number in range(1, ROUNDS + 1):
                self.book.count("rounds of a vote")
                poll.opens(number)
                await page.press("open-prediction" if number == 1 else "vote-vote-again")
                await page.until(lambda: page.can_press("vote-close"), "the open vote")
                # A learner who comes too late finds the vote closed.
                await page.shows(lambda: _voted(page) == self.together.learners, _LATEST_SECONDS)
                self.book.note("the teacher's page counts all votes", time.monotonic() - poll.last_cast_at)
                self.book.counts["votes that were counted"] += _voted(page)
                await page.press("vote-close")
                await page.until(lambda: page.can_press("vote-reveal"), "the closed vote")
                poll.reveals()
                await page.press("vote-reveal")
                await page.until(lambda: any(node.kind == "progress" for node in page.tree.walk()), "the votes")
                await self.pace.read()
            await page.press("vote-end")
        finally:
            await page.close()

    def _see(self, page: Page, node: Node, around: tuple[str, ...]) -> None:
        self.together.board.shown(node)
        super()._see(page, node, around)


def _voted(page: Page) -> int:
    found = _VOTED.search(page.words())
    return int(found[1]) if found else 0
