"""One learner: a workspace, and what became of each step."""

import contextlib
import threading
import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final

import pandas as pd

from lab import dataset
from lab.engine.engine import Engine
from lab.engine.failures import Failure, explain, spark_in_words
from lab.engine.observe import INTERRUPTED
from lab.engine.workspace import Workspace
from lab.errors import LabError
from lab.lesson.results import GROUPS, seen
from lab.lesson.steps import EMPTY_CODE, STEPS, Step, deliver_code, required

BATCH_SECONDS: Final = 2.0


@dataclass(frozen=True)
class CellRun:
    """What running a cell gave. `line` (from 1, in the cell) is where it failed; `session` is that of the workspace."""

    at: datetime
    seconds: float
    session: int
    text: str = ""
    table: pd.DataFrame | None = None
    failure: Failure | None = None
    line: int = 0


class Learner:
    """Everything of one learner; safe to use from several tabs. Every method that runs a cell waits for Spark."""

    def __init__(self, learner_id: str, workspace: Workspace, engine: Engine) -> None:
        self.id = learner_id
        self.workspace = workspace
        self._engine = engine
        # Counts the Spark sessions that the workspace has had; 0 before the first.
        self._session = 0
        self._runs: dict[str, CellRun] = {}
        # Steps of a lost session that are to be run again.
        self._lost: set[str] = set()
        # What was written into each result group, and which groups are to be checked.
        self.answers: dict[str, str] = {}
        self.checked: set[str] = set()
        # Counts what a page of another tab must be drawn anew for.
        self.version = 0
        self.closed = False
        self._lock = threading.RLock()

    # --- what became of the steps

    def last_run(self, step: Step) -> CellRun | None:
        """What the step gave when it was last run."""
        return self._runs.get(step.id)

    def has_run(self, step: Step) -> bool:
        """Whether what the step defines is there: it ran well, in the Spark session that is now in use.

        A step that starts a query has also run when its query has been stopped since; its table is still there.
        """
        run = self._runs.get(step.id)
        return run is not None and run.failure is None and run.session == self._session and self.workspace.is_open

    def is_running(self, step: Step) -> bool:
        """Whether the query that the step starts is running."""
        run = self.workspace.observations.latest(step.query) if step.query else None
        return run is not None and not run.ended

    def missing(self, step: Step) -> tuple[Step, ...]:
        """The earlier steps that must still be run."""
        return tuple(known for known in required(step) if not self.has_run(known))

    @property
    def interrupted(self) -> bool:
        """Whether the Spark in which the steps were run has gone, so that `restore` has something to bring back."""
        return self._session > 0 and not self.workspace.is_open

    # --- answering

    def answer(self, group_id: str, text: str) -> None:
        """Keep what was written into a result group."""
        self.answers[group_id] = text
        self.version += 1

    def check(self, group_id: str) -> None:
        """From now on, say of the group's answer whether it is right."""
        self.checked.add(group_id)
        self.version += 1

    # --- running

    def run(self, step: Step) -> CellRun:
        """Run the step's cell. A query of the same name is stopped first, as a restart must.

        A refusal of Spark or of the lab is in the result, not raised.
        """
        with self._lock:
            try:
                with spark_in_words():
                    self._ready()
                    if step.query:
                        self.workspace.stop_queries(step.query)
            except LabError as error:
                run = CellRun(datetime.now(UTC), 0, self._session, failure=Failure(str(error), ""))
            else:
                run = self._perform(step.code)
                if step.query and not run.failure:
                    self.workspace.wait_until_read(BATCH_SECONDS)
            self._runs[step.id] = run
            self.version += 1
            return run

    def run_once(self, step: Step) -> CellRun:
        """Run a step that starts a query unless the query is running; any other step as `run` does."""
        with self._lock:
            last = self._runs.get(step.id)
            return last if last and self.is_running(step) else self.run(step)

    def stop(self, step: Step) -> None:
        """Stop the query that the step starts, if it is running."""
        with self._lock, spark_in_words():
            self.workspace.stop_queries(step.query)

    def deliver(self, names: tuple[str, ...]) -> None:
        """Deliver log files together, and give the running queries a moment to read them.

        So the page that is drawn next shows their effect. Raises LabError when the delivery is refused.
        """
        self.run_code(deliver_code(names))
        self.workspace.wait_until_read(BATCH_SECONDS)

    def run_code(self, code: str) -> CellRun:
        """Run a cell that is no step, such as a delivery; raises LabError when it fails."""
        with self._lock:
            with spark_in_words():
                self._ready()
            run = self._perform(code)
            if run.failure:
                raise LabError(run.failure.sentence, "")
            return run

    def prepare(self, step: Step) -> CellRun | None:
        """Run every missing step that this one needs; gives the one that failed, if any."""
        with self._lock:
            for known in self.missing(step):
                run = self.run_once(known)
                if run.failure:
                    return run
            return None

    def restore(self) -> None:
        """Bring back what was there when Spark stopped; raises LabError when Spark cannot be started."""
        with self._lock, spark_in_words():
            self._ready()

    def run_everything(self) -> None:
        """Run what is still missing of both parts, with all deliveries, so that there are four results to write down.

        Raises LabError when something of it fails.
        """
        with self._lock:
            for step_id in ("volume-query", "sev0-query"):
                step = STEPS[step_id]
                if all(seen(group, self.workspace.observations) for group in GROUPS if group.query == step.query):
                    continue
                self.run_code(EMPTY_CODE)
                failed = self.prepare(step) or self.run(step)
                if failed.failure:
                    raise LabError(f"{step.title} failed: {failed.failure.sentence}", "")
                for pair in dataset.PAIRS:
                    self.run_code(deliver_code(pair.files))
                    if not self.workspace.wait_until_read():
                        raise LabError(f"{step.query} has not read {', '.join(pair.files)} in time.", "Try again.")

    def start_over(self) -> None:
        """Forget everything, and begin with empty folders."""
        with self._lock:
            with spark_in_words():
                self.workspace.start_over()
            self._runs.clear()
            self._lost.clear()
            self.answers.clear()
            self.checked.clear()
            self._session = 1 if self.workspace.is_open else 0
            self.version += 1

    def close(self) -> None:
        """Stop the learner's queries and delete their folder."""
        with self._lock:
            self.closed = True
            self.workspace.delete()

    # --- the session

    def _ready(self) -> None:
        """Wait for Spark, and take a session on it if the workspace has none.

        When an earlier session was lost, what it had is run again: definitions, and the queries that were running.
        Raises LabError when one of them cannot be; the next call tries again.
        """
        root = self._engine.wait()
        if not self.workspace.is_open:
            self._lost |= {
                step.id
                for step in STEPS.values()
                if (run := self._runs.get(step.id)) and run.session == self._session and not run.failure
                if (self._was_interrupted(step) if step.query else not step.demonstration)
            }
            self.workspace.open(root)
            self._session += 1
        for step in STEPS.values():
            if step.id in self._lost:
                run = self._perform(step.code)
                if run.failure:
                    raise LabError(f"{step.title} could not be run again: {run.failure.sentence}", "")
                self._runs[step.id] = run
                self._lost.discard(step.id)
                self.version += 1

    def _was_interrupted(self, step: Step) -> bool:
        latest = self.workspace.observations.latest(step.query)
        return latest is not None and latest.failure is INTERRUPTED

    def _perform(self, code: str) -> CellRun:
        # Importing the reader imports PySpark, which must not delay the first page.
        from lab.cells import CellError, CellOutput, Limits, run_cell  # noqa: PLC0415

        workspace = self.workspace
        output = CellOutput()
        at, begin = datetime.now(UTC), time.perf_counter()
        failure, line = None, 0
        with workspace.lock:
            workspace.say = output.print
            try:
                run_cell(code, workspace.names, output, Limits(workspace.owns, workspace.before_stop))
            except CellError as error:
                line = error.line
                failure = _failure(error.cause, error.message)
            finally:
                workspace.say = print
        with contextlib.suppress(LabError), spark_in_words():
            workspace.settle()
        return CellRun(at, time.perf_counter() - begin, self._session, output.text, output.table, failure, line)


def _failure(cause: Exception | None, message: str) -> Failure:
    if isinstance(cause, LabError):
        return Failure(str(cause), "")
    return explain(message) if cause else Failure(message, "")
