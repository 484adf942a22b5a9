"""Demonstrations of what a prediction is about, in the teacher's own workspace, after the class has voted on it."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Final

from lab.bucket import LOG_DATA_LIVE, files_in
from lab.judge.step import Step
from lab.learner.kept import SKIPPED
from lab.learner.learner import Learner
from lab.lesson.predictions import LATE_START
from lab.lesson.steps import EMPTY_CODE, answering
from lab.lesson.steps.peek import STEP as PEEK
from lab.lesson.steps.schema_header import STEP as SCHEMA_HEADER
from lab.lesson.steps.sev0_sorted import STEP as SEV0_SORTED
from lab.lesson.steps.stop import STEP as STOP
from lab.lesson.steps.volume_show import STEP as VOLUME_SHOW


@dataclass(frozen=True)
class Showing:
    """How to demonstrate a prediction: the page, the function to run, and the key of the block with the outcome.

    `asked` are other predictions that the page would ask for before it shows the outcome. `show` raises LabError when
    something fails.
    """

    page: str
    show: Callable[[Learner], object]
    brings: str
    asked: tuple[str, ...] = ()


def show(learner: Learner, prediction_id: str) -> None:
    """Run a demonstration and what it needs. First skip its open predictions: the class has been asked already."""
    showing = SHOWINGS[prediction_id]
    for known in (prediction_id, *showing.asked):
        if learner.progress.prediction(known) is None:
            learner.progress.predict(known, SKIPPED)
    showing.show(learner)


def _first_pair(learner: Learner) -> None:
    learner.start(answering("volume"), anew=True)
    learner.deliver(learner.workspace.dataset.pairs[0].files)


def _second_pair(learner: Learner) -> None:
    first, second = (pair.files for pair in learner.workspace.dataset.pairs)
    there = {entry.name for entry in files_in(learner.workspace.bucket, LOG_DATA_LIVE)}
    # Continue the run if this comes right after the vote on the first pair.
    if there != set(first) or not learner.runs.is_running(answering("volume")):
        _first_pair(learner)
    learner.deliver(second)


def _empty_table(learner: Learner) -> None:
    learner.start(answering("volume"), anew=True)
    learner.start(VOLUME_SHOW)


def _late_start(learner: Learner) -> None:
    learner.prepare(PEEK)
    learner.stop(PEEK)
    learner.run_code(EMPTY_CODE)
    learner.deliver(tuple(name for pair in learner.workspace.dataset.pairs for name in pair.files))
    learner.run(PEEK)


def _after_stop(learner: Learner) -> None:
    _first_pair(learner)
    learner.start(STOP)
    learner.start(VOLUME_SHOW)


def _demonstrate(step: Step) -> Callable[[Learner], None]:
    def run(learner: Learner) -> None:
        learner.prepare(step)
        learner.run(step)

    return run


SHOWINGS: Final[Mapping[str, Showing]] = MappingProxyType(
    {
        "first-pair": Showing("volume_report", _first_pair, "stage"),
        "second-pair": Showing("volume_report", _second_pair, "stage"),
        "sorted-stream": Showing("sev0_log", _demonstrate(SEV0_SORTED), SEV0_SORTED.block),
        "update-mode": Showing("volume_report", lambda learner: learner.experiments.compare_modes(), "modes"),
        "crash-restart": Showing(
            "sev0_log", lambda learner: learner.experiments.let_it_crash(), "crash", ("crash-checkpoint",)
        ),
        "crash-checkpoint": Showing(
            "sev0_log", lambda learner: learner.experiments.let_it_crash(), "crash", ("crash-restart",)
        ),
        "header": Showing("schema", _demonstrate(SCHEMA_HEADER), SCHEMA_HEADER.block),
        "empty-table": Showing("volume_report", _empty_table, VOLUME_SHOW.block),
        LATE_START: Showing("read_stream", _late_start, "stage"),
        "after-stop": Showing("volume_report", _after_stop, VOLUME_SHOW.block),
    }
)
