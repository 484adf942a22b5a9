"""The lab as a notebook: which cells it has, in which order. The same for the empty lab and for a learner's own."""

import html
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from types import MappingProxyType
from typing import Final, Literal

from lab.dataset import FIRST, SECOND, Dataset, Pair
from lab.lesson.results import GROUPS, Group
from lab.lesson.steps import EMPTY_CODE, STEPS, Step, deliver_code

RESULT: Final = "result-"
SETUP: Final = "setup-"
# Tells the lab's kernel, in its environment, with which log files a notebook begins.
SEED: Final = "LAB_SEED"
# Where the set-up has the three folders, next to the notebook; and what it gives to the cells that follow.
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
# The cell with the records of the log files, which are the learner's own.
_RECORDS: Final = f"{SETUP}records"
_SETUP_FILE: Final = Path(__file__).with_name("setup_cells.py")


@dataclass(frozen=True)
class Cell:
    """One cell; `id` is what it is found by in a notebook, whatever has been added around it."""

    id: str
    kind: Literal["markdown", "code"]
    source: str


@dataclass(frozen=True)
class Content:
    """What of a notebook is a learner's: the log files, the code of each step, and the four results, by their ids.

    `name` is the learner's; `explained` are the steps of which the reason for the solution is told.
    """

    dataset: Dataset
    name: str = ""
    answers: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    results: Mapping[str, str] = field(default_factory=lambda: MappingProxyType({}))
    explained: frozenset[str] = frozenset()

    def code(self, step: Step) -> str:
        """The learner's code of a step, at first its starter."""
        return self.answers.get(step.id, step.starter)


def outline(content: Content) -> tuple[Cell, ...]:
    """All cells of the lab's notebook; the last four are the result groups."""
    return tuple(_cells(content))


def setup_cells(dataset: Dataset) -> tuple[Cell, ...]:
    """The code cells with which the notebook begins: folders, records, Spark, helper functions."""
    lines = "\n".join(f'    "{name}": "{records}",' for name, records in log_files(dataset).items())
    written = {
        **_written(),
        _RECORDS: f"# The records of each log file, with a blank between them.\n{LOG_FILES} = {{\n{lines}\n}}",
    }
    return tuple(Cell(cell_id, "code", source) for cell_id, source in written.items())


def log_files(dataset: Dataset) -> dict[str, str]:
    """What LOG_FILES is in the notebook: the records of each log file by its name, with a blank between them."""
    return {name: " ".join(data.decode().split()) for name, data in dataset.contents.items()}


@cache
def _written() -> Mapping[str, str]:
    parts = re.split(r"^# %% (\S+)\n", _SETUP_FILE.read_text(encoding="utf-8"), flags=re.MULTILINE)[1:]
    return MappingProxyType(dict(zip(parts[::2], (part.strip() for part in parts[1::2]), strict=True)))


def _cells(content: Content) -> Iterator[Cell]:
    yield Cell("title", "markdown", _TITLE)
    yield Cell("about-setup", "markdown", _ABOUT_SETUP)
    yield from setup_cells(content.dataset)
    yield Cell("about-stream", "markdown", "## The stream")
    yield from _step(content, "schema")
    yield from _step(content, "read-stream")

    yield Cell("about-volume", "markdown", _ABOUT_VOLUME)
    yield from _step(content, "volume-report")
    yield from _step(content, "volume-query")
    yield from _step(content, "volume-show")
    yield from _deliver("volume", FIRST)
    yield _again(content, "first")
    yield from _deliver("volume", SECOND)
    yield _again(content, "second")

    yield Cell("about-log", "markdown", _ABOUT_LOG)
    yield Cell("log-empty", "code", EMPTY_CODE)
    yield from _step(content, "sev0")
    yield from _step(content, "sev0-query")
    for pair in (FIRST, SECOND):
        yield from _deliver("log", pair)
        yield Cell(f"log-show-{pair.name}", "code", "show_sev0_log()")
    yield from _step(content, "stop")

    yield Cell("about-results", "markdown", _ABOUT_RESULTS)
    for group in GROUPS:
        yield _result(group, content.results.get(group.id, ""))


def _step(content: Content, step_id: str) -> Iterator[Cell]:
    step = STEPS[step_id]
    yield Cell(f"task-{step.id}", "markdown", f"### {step.title}\n\n{step.task}")
    yield Cell(step.id, "code", content.code(step))
    if step.id in content.explained:
        yield Cell(f"why-{step.id}", "markdown", step.why)


def _deliver(part: str, pair: Pair) -> Iterator[Cell]:
    first, last = pair.window
    yield Cell(
        f"about-{part}-{pair.name}",
        "markdown",
        f"Deliver the log files of t{first} to t{last}, and wait until they have been read:",
    )
    yield Cell(f"{part}-deliver-{pair.name}", "code", f"{deliver_code(pair.files)}\nwait_until_read()")


def _again(content: Content, name: str) -> Cell:
    return Cell(f"volume-show-{name}", "code", content.code(STEPS["volume-show"]))


def _result(group: Group, text: str) -> Cell:
    return Cell(
        f"{RESULT}{group.id}",
        "markdown",
        f"**{group.title}.** {group.question}\n\n<pre>\n{html.escape(text.strip(), quote=False)}\n</pre>",
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
