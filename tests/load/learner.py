"""One learner of the class: goes through the lab from the first page to four right results, again and again."""

import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from lab.dataset import PAIRS, SHIPPED, Dataset
from lab.lesson.results import GROUPS
from lab.lesson.steps import STEPS
from lab.variants import dataset_for

from . import answers
from .book import Book
from .browser import Browser
from .pace import Meeting, Pace
from .page import Page
from .tree import Node, PageError
from .words import codes, metrics, words_of_one

PLAIN = "plain-editor"
_ALERTS = ("alert", "exception")
_HARMLESS = ("You would then have",)


@dataclass(frozen=True)
class Habits:
    """How likely it is that a learner does something unusual, each time there is occasion."""

    mistake: float = 0.25
    reload: float = 0.1
    blink: float = 0.05
    leave: float = 0.15
    forget: float = 0.5


class Learner:
    """`meetings` are those of the first lap, one a pair of log files, at which all deliver at once."""

    def __init__(
        self, number: int, url: str, book: Book, pace: float, meetings: tuple[Meeting, ...], habits: Habits, seed: int
    ) -> None:
        self._draw = random.Random(f"{seed}-{number}")
        self._number = number
        self._url = url
        self._book = book
        self._pace = Pace(self._draw, pace)
        self._meetings = meetings
        self._habits = habits
        self._persons = 0
        self._laps = 0
        self._browser: Browser | None = None
        self._page: Page | None = None
        self._where = ""
        self._name = ""
        self._data: Dataset = SHIPPED
        # The blocks in which something is wrong on purpose.
        self._mistaken: set[str] = set()
        self._found: dict[str, str] = {}

    async def attend(self, laps: int | None = None) -> None:
        """Work, lap after lap, until so many are done or the task is cancelled; then leave."""
        done = 0
        try:
            while laps is None or done < laps:
                try:
                    await self._lap()
                    done += 1
                except (PageError, OSError, TimeoutError) as error:
                    self._book.trouble("broken", self._who, self._where, f"{error} {self._last_words()}")
                    done += 1
                    await self._leave()
                    await self._pace.read()
        finally:
            await self._leave()

    async def look_in(self) -> None:
        """Come, and leave again."""
        await self._come()
        await self._leave()

    # --- a lap

    async def _lap(self) -> None:
        if self._page is None:
            await self._come()
        self._laps += 1
        begin = time.monotonic()
        await self._introduce()
        await self._schema()
        await self._read_stream()
        await self._volume()
        await self._sev0()
        await self._results()
        self._book.note("a lap", time.monotonic() - begin)
        self._book.count("laps")
        if self._by_chance(self._habits.leave):
            self._book.count("left and was followed by another")
            await self._leave()
        else:
            await self._start_over()

    async def _come(self) -> None:
        """Another person sits down, with a browser that was never here."""
        self._persons += 1
        self._name, self._data = "", SHIPPED
        self._browser = Browser(self._url, f"load-test/{self._number}.{self._persons}")
        await self._open("")
        self._book.count("persons")

    async def _introduce(self) -> None:
        self._where = "Start"
        await self._pace.read()
        self._name = f"Learner {self._number}.{self._persons}.{self._laps}"
        code = f"class of {self._number % 3}"
        page = self._the_page
        await page.write("Your name", self._name)
        await self._pace.click()
        await page.write("Class code, if your class has one", code)
        await page.until(lambda: page.value("Your name") == self._name and self._use_button, "the button for a name")
        await self._pace.click()
        self._data = dataset_for(code, self._name)
        self._book.note("a click: use a name", await page.press(self._use_button))
        seed = f"seed `{self._data.seed[:8]}…`"
        await page.until(lambda: seed in page.words() and "not kept yet" not in page.words(), "log files of one's own")
        shown = {text.strip() for text in codes(page.tree.root)}
        self._compare("log files", {self._data.content(name).decode().strip() for name in self._data.contents} <= shown)

    @property
    def _use_button(self) -> str:
        return next((key for key in ("introduce-anew", "introduce") if self._the_page.look(key)), "")

    async def _schema(self) -> None:
        await self._go("Schema")
        await self._solve("schema")
        for step_id in ("schema-right", "schema-order", "schema-header", "schema-clock"):
            await self._demonstrate(step_id)
        rows = len(self._data.log_file("s115.csv").records)
        for step_id, count in (("schema-right", rows), ("schema-header", rows - 1)):
            self._compare(f"rows of {step_id}", f"{count} rows." in self._the_page.words(f"cell-{step_id}"))

    async def _read_stream(self) -> None:
        await self._go("Read stream")
        await self._solve("read-stream")
        if self._by_chance(self._habits.mistake):
            await self._press("run-peek", "a click: run a demonstration")
            await self._until(lambda: "running" in self._the_page.words("cell-peek"), "the peek")
            await self._pace.read()
            await self._press("stop-peek", "a click: stop a query")
            await self._until(lambda: "stopped" in self._the_page.words("cell-peek"), "the end of the peek")

    async def _volume(self) -> None:
        await self._go("Volume report")
        await self._solve("volume-report")
        await self._solve("volume-query")
        for pairs, pair in enumerate(PAIRS, start=1):
            await self._deliver(pair.name, asks=f"{pair.name}-pair")
            await self._pace.read()
            if pairs == 1:
                await self._solve("volume-show")
            else:
                await self._press("run-volume-show", "a click: run and check")
            cell = self._the_page.find("cell-volume-show")
            printed = next((text for text in codes(cell) if "|serverID|" in text), "")
            self._found[f"volume-{pair.name}"] = printed
            right = answers.right_volumes(self._data, pairs)
            self._compare(f"volume, pair {pairs}", answers.same_volumes(answers.read_table(printed), right), printed)
        await self._press("empty-live", "a click: empty the live folder")
        await self._until(lambda: "0 files in LogDataLive" in self._the_page.words("delivery"), "an empty folder")

    async def _sev0(self) -> None:
        await self._go("SEV0 log")
        if self._the_page.look("skipped-sorted-stream"):
            await self._press("skipped-sorted-stream", "a click: run a demonstration")
        else:
            await self._press("run-sev0-sorted", "a click: run a demonstration")
        await self._until(lambda: "refused, as it should be" in self._the_page.words("cell-sev0-sorted"), "the refusal")
        await self._solve("sev0")
        await self._solve("sev0-query")
        for pairs, pair in enumerate(PAIRS, start=1):
            await self._deliver(pair.name)
            text = "\n".join(codes(self._the_page.find("output-folder")))
            self._found[f"log-{pair.name}"] = text
            rows, right = answers.read_log(text), answers.right_logs(self._data, pairs)
            self._compare(f"SEV0 log, pair {pairs}", rows in right, text)
            if rows != right[0]:
                self._book.count("a pair in two batches")
        await self._solve("stop")
        self._compare("queries that run", "queries running: 0" in self._the_page.words("cell-stop"))

    async def _results(self) -> None:
        await self._go("Results")
        page = self._the_page
        for group in GROUPS:
            field, block, check = f"answer-{group.id}", f"group-{group.id}", f"check-{group.id}"
            if self._by_chance(self._habits.mistake):
                self._mistaken.add(block)
                await page.write(field, "s1 17\ns2 18")
                await self._press(check, "a click: check a result")
                await self._until(lambda: "Right" not in page.words(block), "a wrong result")  # noqa: B023
            await page.write(field, self._found[group.id])
            await self._press(check, "a click: check a result")
            await self._until(lambda: "Right:" in page.words(block), f"a right result of {group.id}")  # noqa: B023
            self._mistaken.discard(block)
            await self._pace.click()
        await self._until(lambda: "4 of 4 results are right" in page.words(), "four right results")
        self._book.count("results that were right")
        await self._pace.read()

    async def _start_over(self) -> None:
        if self._by_chance(self._habits.forget):
            await self._the_page.write("forget", value=True)
            await self._pace.click()
        await self._press("start-over", "a click: start over")
        await self._until(lambda: self._the_page.look("Your name"), "the page Start")
        self._book.count("started over")

    # --- what they do again and again

    async def _go(self, title: str) -> None:
        """Go on to another page; now and then it is loaded anew, or the line is cut."""
        self._where = title
        self._book.note("open a page", await self._the_page.go(title))
        if self._by_chance(self._habits.reload):
            self._book.count("reloaded a page")
            await self._again(politely=True)
        elif self._by_chance(self._habits.blink):
            self._book.count("lost the connection")
            await self._again(politely=False)
        await self._pace.read()

    async def _solve(self, step_id: str) -> None:
        """Write an answer, at times a wrong one first, run it, and have it checked until it is right."""
        block = f"cell-{step_id}"
        if step_id in answers.WRONG and self._by_chance(self._habits.mistake):
            self._mistaken.add(block)
            await self._write_and_run(step_id, self._draw.choice(answers.WRONG[step_id]))
            await self._until(
                lambda: not self._is_right(block) and "to do" not in self._the_page.words(block).splitlines()[:2],
                f"what is wrong in {step_id}",
            )
            self._book.count("wrong answers")
        await self._write_and_run(step_id, STEPS[step_id].code)
        await self._until(lambda: self._is_right(block), f"a right answer to {step_id}")
        self._mistaken.discard(block)

    def _is_right(self, block: str) -> bool:
        return any(
            node.kind == "alert" and words_of_one(node).startswith("Right")
            for node in self._the_page.find(block).walk()
        )

    async def _write_and_run(self, step_id: str, text: str) -> None:
        await self._pace.write()
        await self._the_page.write(f"code-{step_id}", text)
        await self._press(f"run-{step_id}", "a click: run and check")

    async def _demonstrate(self, step_id: str) -> None:
        await self._pace.click()
        await self._press(f"run-{step_id}", "a click: run a demonstration")
        await self._until(lambda: "ran in" in self._the_page.words(f"cell-{step_id}"), f"what {step_id} gives")

    async def _deliver(self, pair: str, asks: str = "") -> None:
        """Deliver a pair, in the first lap together with all others, and wait until its batch is shown."""
        await self._pace.click()
        page, together = self._the_page, asks and self._laps == 1 and self._persons == 1 and self._meetings
        before = self._strip["Batch"]
        if together:
            await self._meetings[[known.name for known in PAIRS].index(pair)].join()
        begin = time.monotonic()
        key = f"skipped-{asks}" if asks and page.look(f"skipped-{asks}") else f"deliver-{pair}"
        drawn = await page.press(key)
        await self._until(lambda: self._strip["Batch"] != before and self._strip["Files waiting"] == "0", "the batch")
        suffix = ", all at once" if together else ""
        self._book.note(f"deliver: the page is drawn{suffix}", drawn)
        self._book.note(f"deliver: the batch is shown{suffix}", time.monotonic() - begin)
        self._book.count("deliveries")

    @property
    def _strip(self) -> dict[str, str]:
        return metrics(self._the_page.find("strip"))

    async def _press(self, key: str, what: str) -> None:
        self._book.note(what, await self._the_page.press(key))

    async def _until(self, shown: Callable[[], object], what: str) -> None:
        await self._the_page.until(shown, what)

    # --- coming and going

    @property
    def _the_page(self) -> Page:
        if self._page is None:
            raise PageError("no page is open")
        return self._page

    async def _open(self, path: str) -> None:
        begin = time.monotonic()
        self._page = await Page.open(self._browser, path, self._see)
        self._book.note("load a page", time.monotonic() - begin)
        await self._until(lambda: "Spark is ready" in self._the_page.words("engine-status"), "that Spark is ready")
        await self._pace.click()
        await self._the_page.write(PLAIN, value=True)
        await self._until(lambda: self._the_page.look("code-scratch"), "plain text areas")

    async def _again(self, *, politely: bool) -> None:
        """Load the page again."""
        await self._close(politely=politely)
        if not politely:
            await self._pace.read()
        await self._open(self._where.lower().replace(" ", "-"))

    async def _leave(self) -> None:
        """Close the browser, as people do: some close the tab, some shut the lid."""
        await self._close(politely=self._by_chance(0.5))
        if self._browser:
            self._browser.close()
            self._browser = None

    async def _close(self, *, politely: bool) -> None:
        page, self._page = self._page, None
        if page:
            await _surely(page.close(politely=politely))

    # --- looking closely

    def _see(self, page: Page, node: Node, around: tuple[str, ...]) -> None:
        """Whatever arrives on the page: is it an error that nobody has asked for?"""
        text = words_of_one(node)
        if node.kind == "alert" and node.content.format in (node.content.ERROR, node.content.WARNING):
            if self._mistaken.isdisjoint(around) and not text.startswith(_HARMLESS):
                self._book.trouble("error", self._who, f"{self._where}: {'/'.join(around)}", text)
        elif node.kind == "exception" or (node.kind == "toast" and "error" in node.content.icon):
            self._book.trouble("error", self._who, f"{self._where}: {'/'.join(around)}", text)

    def _compare(self, what: str, same: bool, shown: str = "") -> None:  # noqa: FBT001
        """A result is compared with what is right for this learner."""
        self._book.count("results compared")
        if not same:
            self._book.trouble("mixed up", self._who, f"{self._where}: {what}", shown)

    @property
    def _who(self) -> str:
        return self._name or f"Learner {self._number}.{self._persons}"

    def _last_words(self) -> str:
        return f"Alerts: {[words_of_one(n) for n in self._page.tree.walk() if n.kind in _ALERTS]}" if self._page else ""

    def _by_chance(self, part: float) -> bool:
        return self._draw.random() < part


async def _surely(closing: Awaitable[None]) -> None:
    """Close also when the task is being cancelled, and whatever comes of it."""
    try:
        await asyncio.wait_for(closing, 10)
    except (OSError, TimeoutError):
        return
