"""A learner: goes through the lab from the first page to four right results, again and again."""

import time

from lab.bucket.log_data import log_data
from lab.lesson.results import GROUPS
from lab.ui.identity import log_files_in_words
from lab.variants import dataset_for

from . import answers
from .person import Person
from .tree import PageError
from .words import codes

_CLASSES = 3
# The page shows at most so many lines of each log file.
MAX_SHOWN = 20


class Learner(Person):
    """A learner with a new name in each lap, and so with other log files: anything left of the last lap would show."""

    async def attend(self, laps: int | None = None) -> None:
        """Do lap after lap until `laps` are done or the task is cancelled; then leave."""
        try:
            while laps is None or self.laps < laps:
                try:
                    await self._lap()
                except (PageError, OSError, TimeoutError) as error:
                    self.give_up(error)
                    await self.leave()
                    await self.pace.read()
        finally:
            await self.leave()

    async def look_in(self) -> None:
        """Come, and leave again."""
        await self.come()
        await self.leave()

    async def come_to_the_report(self) -> None:
        """Come, and do the lab until the volume report runs and the first pair can be delivered."""
        self.laps += 1
        await self.come()
        await self._introduce()
        await self._schema()
        await self._read_stream()
        await self._start_report()

    async def _lap(self) -> None:
        self.laps += 1
        if not self.is_here:
            await self.come()
        begin = time.monotonic()
        await self._introduce()
        await self._schema()
        await self._read_stream()
        reports = await self._volume()
        logs = await self._sev0()
        await self._results(reports | logs)
        self.book.note("a lap", time.monotonic() - begin)
        self.book.count("laps")
        if self.by_chance(self.habits.leave):
            self.book.count("left, and somebody else came")
            await self.leave()
        else:
            await self._start_over()

    async def _introduce(self) -> None:
        await self.pace.read()
        self.name = f"Learner {self.number}.{self.persons}.{self.laps}"
        code = f"class {self.number % _CLASSES}"
        page = self.page
        given = log_data()
        self.data = dataset_for(code, self.name, given)
        await page.write("identity-name", self.name)
        if not given.is_of_course:
            await self.pace.click()
            await page.write("identity-class_code", code)
        # Only when the lab has read both does it offer to start over, if there is something to lose.
        await page.until(
            lambda: "not in use yet" in page.words() and page.is_settled, "that the name is not in use yet"
        )
        await self.pace.click()
        files = log_files_in_words(self.data)
        await self.press(
            "introduce-anew" if page.look("introduce-anew") else "introduce",
            "use a name",
            lambda: files in page.words() and "not in use yet" not in page.words(),
            "log files of one's own",
        )
        shown = {text.strip() for text in codes(page.tree.root)}
        self.compare(
            "log files",
            {"\n".join(content.decode().split()[:MAX_SHOWN]) for content in self.data.contents.values()} <= shown,
        )

    async def _schema(self) -> None:
        await self.go("Schema")
        await self.solve("schema")
        if self.together:
            self.together.board.is_solved_by(self.name)
        for step_id in ("schema-right", "schema-order", "schema-header", "schema-clock"):
            await self.demonstrate(step_id)
        rows = len(self.data.log_file(self.data.files[0]).records)
        for step_id, count in (("schema-right", rows), ("schema-header", rows - 1)):
            self.compare(f"rows of {step_id}", f"{count} rows." in self.page.words(f"cell-{step_id}"))

    async def _read_stream(self) -> None:
        await self.go("Read stream")
        await self.solve("read-stream")
        if self.by_chance(self.habits.mistake):
            cell = "cell-peek"
            await self.press("run-peek", "run a cell", lambda: "running" in self.page.words(cell), "the peek")
            await self.pace.read()
            await self.press("stop-peek", "stop a query", lambda: "stopped" in self.page.words(cell), "its end")

    async def _volume(self) -> dict[str, str]:
        """Do the part on the volume report; return both reports as they are printed."""
        await self._start_report()
        printed = {}
        for pairs, pair in enumerate(self.data.pairs, start=1):
            await self.deliver(pair.name, asks=f"{pair.name}-pair")
            await self.pace.read()
            right = answers.right_volumes(self.data, pairs)
            if pairs == 1:
                await self.solve("volume-show")
            else:
                # In every lap, the two reports differ.
                before = self._printed()
                await self.press("run-volume-show", "run and check", lambda: self._printed() != before, "a report")  # noqa: B023
            text = printed[f"volume-{pair.name}"] = self._printed()
            self.compare(f"volume, pair {pairs}", answers.same_volumes(answers.read_table(text), right), text)
        await self.press(
            "empty-live",
            "empty the live folder",
            lambda: "0 files in LogDataLive" in self.page.words("delivery"),
            "an empty folder",
        )
        return printed

    async def _start_report(self) -> None:
        await self.go("Volume report")
        await self.solve("volume-report")
        await self.solve("volume-query")

    def _printed(self) -> str:
        cell = self.page.find("cell-volume-show")
        return next((text for text in codes(cell) if "|serverID|" in text), "")

    async def _sev0(self) -> dict[str, str]:
        """Do the part on the SEV0 log; return the log after each pair, as its files hold it."""
        await self.go("SEV0 log")
        await self.press(
            "run-sev0-sorted",
            "run a cell",
            lambda: "refused, as it should be" in self.page.words("cell-sev0-sorted"),
            "the refusal",
        )
        await self.solve("sev0")
        await self.solve("sev0-query")
        shown = {}
        for pairs, pair in enumerate(self.data.pairs, start=1):
            await self.deliver(pair.name)
            text = shown[f"log-{pair.name}"] = "\n".join(codes(self.page.find("output-folder")))
            rows, right = answers.read_log(text), answers.right_logs(self.data, pairs)
            self.compare(f"SEV0 log, pair {pairs}", rows in right, text)
            if rows != right[0]:
                self.book.count("pairs in two batches")
        await self.solve("stop")
        self.compare("queries that run", "queries running: 0" in self.page.words("cell-stop"))
        return shown

    async def _results(self, found: dict[str, str]) -> None:
        await self.go("Results")
        for group in GROUPS:
            block = f"group-{group.id}"
            if self.by_chance(self.habits.mistake):
                self.mistaken.add(block)
                await self._hand_over(group.id, "s1 17\ns2 18", lambda: self._judged(block) is False)  # noqa: B023
            await self._hand_over(group.id, found[group.id], lambda: self._judged(block))  # noqa: B023
            self.mistaken.discard(block)
        await self.page.until(lambda: "4 of 4 results are right" in self.page.words(), "four right results")
        self.book.count("four right results")
        self.book.finished.add(self.number)
        await self.pace.read()

    async def _hand_over(self, group_id: str, text: str, shown) -> None:
        await self.pace.click()
        await self.page.write(f"answer-{group_id}", text)
        await self.press(f"check-{group_id}", "check a result", shown, f"what is said of {group_id}")

    async def _start_over(self) -> None:
        if self.by_chance(self.habits.forget):
            await self.page.write("forget", value=True)
            await self.pace.click()
        await self.press("start-over", "start over", lambda: self.page.look("identity-name"), "the page Start")
        self.book.count("started over")
