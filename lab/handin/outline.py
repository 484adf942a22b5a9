"""The lab as a notebook: its cells in order, the same for the empty lab and for a learner's notebook."""

import hashlib
import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from lab.dataset import PAIRS, Dataset, Pair
from lab.lesson.results import GROUPS, Group
from lab.lesson.steps import EMPTY_CODE, EXERCISES, STEPS, Part, Step, deliver_code
from lab.lesson.wording import window_in_words, worded

RESULT: Final = "result-"
SETUP: Final = "setup-"
# The environment variable that tells the lab's kernel which cells are the lab's own, by `digests_of`.
SETUP_CELLS: Final = "LAB_SETUP_CELLS"
# The folder next to the notebook in which the set-up makes the three folders, and the names that it defines for the
# cells after it.
FOLDER: Final = "lab8"
GIVEN: Final = (
    "spark",
    "s3_log_data_uri",
    "s3_log_data_live_uri",
    "s3_lab9_output_uri",
    "copy_s3_file_to_live_folder",
    "empty_s3_folder",
    "wait_until_read",
    "show_sev0_log",
)
LOG_FILES: Final = "LOG_FILES"
# The cell with the records of the learner's own log files.
_RECORDS: Final = f"{SETUP}records"
RECORDS_BEGIN: Final = f"# The records of each log file, with a blank between them.\n{LOG_FILES} = {{\n"
_SETUP_FILE: Final = Path(__file__).with_name("setup_cells.py")


@dataclass(frozen=True)
class Cell:
    """One cell of the notebook. The grader finds it by its `id`, whatever somebody has added around it."""

    id: str
    kind: Literal["markdown", "code"]
    source: str


@dataclass(frozen=True)
class Content:
    """The learner's part of a notebook: the log files, the code of each step and the four results, by their ids.

    `name` is the learner's name; `explained` has the steps for which the notebook explains the solution.
    """

    dataset: Dataset
    name: str = ""
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    results: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    explained: frozenset[str] = frozenset()

    def code(self, step: Step) -> str:
        """Return the learner's code of a step; without any, its starter."""
        return self.answers.get(step.id, step.starter)


def outline(content: Content) -> tuple[Cell, ...]:
    """Return all cells of the lab's notebook; the last four are the result groups."""
    return tuple(_cells(content))


def setup_cells(dataset: Dataset) -> tuple[Cell, ...]:
    """Return the code cells at the beginning of the notebook: folders, records, Spark, helper functions."""
    lines = "\n".join(f'    "{name}": "{records}",' for name, records in log_files(dataset).items())
    written = {
        **_written(),
        _RECORDS: f"{RECORDS_BEGIN}{lines}\n}}",
    }
    return tuple(Cell(cell_id, "code", source) for cell_id, source in written.items())


def digests_of(dataset: Dataset) -> str:
    """Return the digests of the set-up cells, joined by commas."""
    return ",".join(digest(cell.source) for cell in setup_cells(dataset))


def digest(source: str) -> str:
    """Return the SHA-256 of a text, in hexadecimal."""
    return hashlib.sha256(source.encode(errors="surrogatepass")).hexdigest()


def log_files(dataset: Dataset) -> dict[str, str]:
    """Return the value of LOG_FILES in the notebook: by file name, the records with a blank between them."""
    return {name: " ".join(dataset.content(name).decode().split()) for name in dataset.files}


@cache
def _written() -> Mapping[str, str]:
    parts = re.split(r"^# %% (\S+)\n", _SETUP_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return MappingProxyType(dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True)))


def _cells(content: Content) -> Iterator[Cell]:
    yield Cell("title", "markdown", _TITLE)
    yield Cell("about-setup", "markdown", _ABOUT_SETUP)
    yield from setup_cells(content.dataset)
    yield Cell("about-stream", "markdown", "## The stream")
    yield from _steps(content, "stream")

    yield Cell("about-volume", "markdown", _ABOUT_VOLUME)
    yield from _steps(content, "volume")
    for pair in content.dataset.pairs:
        yield from _deliver("volume", pair)
        yield from _again(content, "volume", pair)
    yield from _steps(content, "volume", last=True)

    yield Cell("about-log", "markdown", _ABOUT_LOG)
    yield Cell("log-empty", "code", EMPTY_CODE)
    yield from _steps(content, "log")
    for pair in content.dataset.pairs:
        yield from _deliver("log", pair)
        yield from _again(content, "log", pair)
        yield Cell(f"log-show-{pair.name}", "code", "show_sev0_log()")
    yield from _steps(content, "log", last=True)

    yield Cell("about-results", "markdown", _ABOUT_RESULTS)
    for group in GROUPS:
        yield _result(group, content)


def _steps(content: Content, part: Part, *, last: bool = False) -> Iterator[Cell]:
    for step in EXERCISES:
        if step.part == part and step.last == last:
            yield Cell(f"task-{step.id}", "markdown", f"### {step.title}\n\n{step.task}")
            yield Cell(step.id, "code", content.code(step))
            if step.id in content.explained:
                yield Cell(f"why-{step.id}", "markdown", step.why)


def _deliver(part: Part, pair: Pair) -> Iterator[Cell]:
    yield Cell(
        f"about-{part}-{pair.name}",
        "markdown",
        f"Deliver the log files of {window_in_words(*pair.window)}, and wait until they have been read:",
    )
    yield Cell(f"{part}-deliver-{pair.name}", "code", f"{deliver_code(pair.files)}\nwait_until_read()")


def _again(content: Content, part: Part, pair: Pair) -> Iterator[Cell]:
    for step in EXERCISES:
        if step.part == part and step.again:
            yield Cell(f"{step.id}-{pair.name}", "code", content.code(step))


def step_of(cell_id: str) -> Step | None:
    """Return the step whose code a cell has, also for a cell that is repeated after a delivery; None for others."""
    again = {f"{step.id}-{pair.name}": step for step in EXERCISES if step.again for pair in PAIRS}
    return STEPS.get(cell_id) or again.get(cell_id)


def _result(group: Group, content: Content) -> Cell:
    question, text = worded(group.question, content.dataset), content.results.get(group.id, "")
    return Cell(
        f"{RESULT}{group.id}",
        "markdown",
        f"**{group.title}.** {question}\n\n<pre>\n{html.escape(text.strip(), quote=False)}\n</pre>",
    )


_TITLE: Final = """
# Spark Streaming for log processing

Log files with records `serverID,severity,timestamp` are delivered into a folder, and two streaming queries keep up with
them: the **volume report**, a table in memory that is replaced with each delivery, and the **SEV0 log**, csv files to which
each delivery appends.
""".strip()
_ABOUT_SETUP: Final = """
## Before you begin

These cells make the three folders, write the four log files if they are not there, and start Spark. They need PySpark 3.5 or
newer and a Java that it can use. Run them as they are to work in a folder next to this notebook; to work in S3, change the
three addresses first.
""".strip()
_ABOUT_VOLUME: Final = """
## Part 1: the volume report

The number of SEV2 records of each server, divided by its number of time units, `max(timestamp) - min(timestamp) + 1`. It
is taken over everything that was delivered since the query started.
""".strip()
_ABOUT_LOG: Final = """
## Part 2: the SEV0 log

`serverID timestamp` of every SEV0 record, ordered by timestamp and then by serverID within each batch. The live folder is
emptied first, so that both pairs can be delivered once more.
""".strip()
_ABOUT_RESULTS: Final = """
## Results

The four groups of numbers, each in a cell of its own, inside the `<pre>` tag.
""".strip()
