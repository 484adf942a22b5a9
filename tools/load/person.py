"""A person at a browser: comes, goes, opens pages, presses buttons, and checks closely what is shown."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lab.dataset import PAIRS, SHIPPED, Dataset
from lab.lesson.steps import STEPS

from . import answers
from .book import Book
from .browser import Browser
from .pace import Pace
from .page import PATIENCE_SECONDS, Page
from .together import Together
from .tree import Node, PageError
from .words import metrics, words_of_one

PLAIN = "plain-editor"
_ALERTS = ("alert", "exception")
# A warning that only announces what a button will do.
_HARMLESS = ("You would then have",)
_CLOSE_SECONDS = 10
AT_ONCE = "deliver a pair, all at once"
# The labels of a vote's choice and of its button.
_CHOICE, _VOTE = "Your vote", "Vote"
# When a click has had no effect for so long, and the page is at rest, a person clicks once more.
LOST_SECONDS = 10.0


# Questions that a page may ask between a press and the run of a cell.
_ASKED_BEFORE_A_RUN = (
    "header",
    "late-start",
    "empty-table",
    "sorted-stream",
    "after-stop",
    "first-pair",
    "second-pair",
)


@dataclass(frozen=True)
class Habits:
    """The probability of each unusual action of a learner, at each occasion."""

    mistake: float = 0.25
    reload: float = 0.1
    blink: float = 0.05
    leave: float = 0.15
    forget: float = 0.5


class Person:
    """One seat of the class and the person in it. `together` is what a class of several does at one moment."""

    def __init__(
        self, number: int, url: str, book: Book, pace: float, together: Together | None, habits: Habits, seed: int
    ) -> None:
        self.draw = random.Random(f"{seed}-{number}")
        self.number = number
        self.book = book
        self.pace = Pace(self.draw, pace)
        self.habits = habits
        # How many persons have sat here, and the laps of all of them.
        self.persons = self.laps = 0
        self.name = ""
        self.data: Dataset = SHIPPED
        # Blocks that show an error on purpose.
        self.mistaken: set[str] = set()
        self._url = url
        self.together = together
        self._browser: Browser | None = None
        self._page: Page | None = None
        self._where = self._cell = ""
        self._opened_at = 0.0

    @property
    def who(self) -> str:
        """The person's name in the book."""
        return self.name or f"Learner {self.number}.{self.persons}"

    @property
    def page(self) -> Page:
        """The page that is open; raises PageError if none is."""
        if self._page is None:
            raise PageError("no page is open")
        return self._page

    @property
    def is_here(self) -> bool:
        """Whether somebody sits here."""
        return self._page is not None

    # --- coming and going

    async def come(self) -> None:
        """Have a new person sit down, with a new browser."""
        self.persons += 1
        self.name, self.data = "", SHIPPED
        self.mistaken.clear()
        self._browser = Browser(self._url, f"load-test/{self.number}.{self.persons}")
        await self._open("")
        self.book.count("persons")

    async def leave(self) -> None:
        """Close the browser as people do: some close the tab, some shut the lid."""
        await self._close(politely=self.by_chance(0.5))
        if self._browser:
            self._browser.close()
            self._browser = None

    async def go(self, title: str) -> None:
        """Go to another page; now and then reload it or lose the connection."""
        await self._take_part()
        self._where, self._cell = title, ""
        self.book.note("open a page", await self.page.go(title))
        if self.by_chance(self.habits.reload):
            self.book.count("reloaded a page")
            await self._again(politely=True)
        elif self.by_chance(self.habits.blink):
            self.book.count("lost the connection")
            await self._again(politely=False)
        await self.pace.read()

    async def _open(self, path: str) -> None:
        begin = self._opened_at = time.monotonic()
        self._page = await Page.open(self._browser, path, self._see)
        self.book.note("load a page", time.monotonic() - begin)
        await self.page.until(lambda: "Spark is ready" in self.page.words("engine-status"), "that Spark is ready")
        await self.pace.click()
        await self.page.write(PLAIN, value=True)
        await self.page.until(lambda: self.page.look("code-scratch"), "plain text areas")

    async def _again(self, *, politely: bool) -> None:
        await self._close(politely=politely)
        if not politely:
            await self.pace.read()
        await self._open(self._where.lower().replace(" ", "-"))

    async def _close(self, *, politely: bool) -> None:
        page, self._page = self._page, None
        if page:
            await _surely(page.close(politely=politely))

    # --- doing

    async def press(self, key: str, what: str, shown: Callable[[], object], expected: str) -> None:
        """Press a button, and wait until the page shows the effect. Click again if the click was lost."""
        await self._take_part()
        begin, page = time.monotonic(), self.page
        await page.press(key)
        for skip in (f"skipped-{asked}" for asked in _ASKED_BEFORE_A_RUN):
            if page.look(skip):
                await page.press(skip)
        while not await page.shows(shown, LOST_SECONDS) and time.monotonic() - begin < PATIENCE_SECONDS:
            if page.is_settled and page.can_press(key):
                self.book.count("clicks that were lost")
                await page.press(key)
        await page.until(shown, expected)
        self.book.note(what, time.monotonic() - begin)

    async def solve(self, step_id: str) -> None:
        """Write an answer (at times a wrong one first), run it, and have it checked until it is right."""
        block = self._cell = f"cell-{step_id}"
        if step_id in answers.WRONG and self.by_chance(self.habits.mistake):
            self.mistaken.add(block)
            wrong = self.draw.choice(answers.WRONG[step_id])
            await self._write_and_run(
                step_id, wrong, lambda: self._judged(block) is False, f"what is wrong in {step_id}"
            )
            self.book.count("wrong answers")
        right = STEPS[step_id].code
        await self._write_and_run(step_id, right, lambda: self._judged(block), f"a right answer to {step_id}")
        self.mistaken.discard(block)

    async def demonstrate(self, step_id: str) -> None:
        """Run a cell whose code is the lab's."""
        await self.pace.click()
        block = f"cell-{step_id}"
        shown = f"what {step_id} gives"
        await self.press(f"run-{step_id}", "run a cell", lambda: "ran in" in self.page.words(block), shown)

    async def deliver(self, pair: str, asks: str = "") -> None:
        """Deliver a pair (in the first lap together with all others), and wait until its batch is shown."""
        await self.pace.click()
        together = self.together if asks and self.laps == 1 else None
        # When a page is drawn twice at once, Streamlit removes fragments for a moment (`ForwardMsgQueue.clear`).
        await self.page.until(lambda: self._numbers, "the numbers of the stage")
        before = self._numbers["Batch"]
        key, skip = f"deliver-{pair}", f"skipped-{asks}"
        if together:
            # The page first asks for a prediction. All then deliver at one moment, by skipping it.
            await self.page.press(key)
            key = skip if self.page.look(skip) else key
            await together.deliveries[[known.name for known in PAIRS].index(pair)].join()
        await self.press(
            key,
            AT_ONCE if together else "deliver a pair",
            lambda: self._numbers and self._numbers["Batch"] != before and self._numbers["Files waiting"] == "0",
            "the batch of a delivery",
        )
        self.book.count("deliveries")

    async def _take_part(self) -> None:
        """Vote at the same moment as all others, if the page asks for a vote."""
        poll = self.together.poll if self.together else None
        if poll is None or not self.page.look(_VOTE) or not poll.is_asked(self.number):
            return
        await poll.meet(self.number)
        options = self.page.find(_CHOICE).content.options
        await self.page.write(_CHOICE, self.draw.choice(options))
        await self.press(_VOTE, "vote, all at once", lambda: "You voted for" in self.page.words("vote-bar"), "the vote")
        poll.has_cast()

    def by_chance(self, part: float) -> bool:
        """Return True with a probability of `part`."""
        return self.draw.random() < part

    async def _write_and_run(self, step_id: str, text: str, shown: Callable[[], object], expected: str) -> None:
        await self.pace.write()
        await self.page.write(f"code-{step_id}", text)
        await self.press(f"run-{step_id}", "run and check", shown, expected)

    @property
    def _numbers(self) -> dict[str, str]:
        stage = self.page.look("stage")
        return metrics(stage) if stage else {}

    # --- looking closely

    def compare(self, what: str, same: bool, shown: str = "") -> None:  # noqa: FBT001
        """Record whether a result is right for this learner."""
        self.book.count("results compared")
        if not same:
            self.book.trouble("mixed up", self.who, f"{self._where}: {what}", shown)

    def give_up(self, error: Exception) -> None:
        """Record that something did not work, before this person leaves."""
        alerts = [words_of_one(node) for node in self._page.tree.walk() if node.kind in _ALERTS] if self._page else []
        cell = self._page.words(self._cell) if self._page and self._cell else ""
        self.book.trouble("broken", self.who, self._where, f"{error}; alerts: {alerts}; {self._cell}: {cell}")

    def _judged(self, block: str) -> bool | None:
        """Return the check's verdict on the text in a cell: right, wrong, or None if there is none yet."""
        said = [words_of_one(node) for node in self.page.find(block).walk() if node.kind == "alert"]
        return any(text.startswith("Right") for text in said) if said else None

    def _see(self, _: Page, node: Node, around: tuple[str, ...]) -> None:
        """Handle an element that arrives: pass it to the poll, and record an error that this person did not provoke."""
        if self.together:
            self.together.poll.shown(self.number, node, around, self._opened_at)
        text = words_of_one(node)
        if node.kind == "alert":
            wrong = node.content.format in (node.content.ERROR, node.content.WARNING)
            wrong = wrong and self.mistaken.isdisjoint(around) and not text.startswith(_HARMLESS)
        else:
            wrong = node.kind == "exception" or (node.kind == "toast" and "error" in node.content.icon)
        if wrong:
            self.book.trouble("error", self.who, f"{self._where}: {'/'.join(around)}", text)


async def _surely(closing: Awaitable[None]) -> None:
    """Close also when the task is being cancelled, and ignore errors of closing."""
    try:
        await asyncio.wait_for(closing, _CLOSE_SECONDS)
    except (OSError, TimeoutError):
        return
