"""Where a learner's notebook is executed and graded before they hand it in: in the background, one notebook at a time."""

import logging
import threading
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from weakref import WeakKeyDictionary

from nbformat import NotebookNode, v4

from lab.course.turns import Turns
from lab.dataset import Dataset
from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.engine.rest import Rest
from lab.errors import LabError
from lab.handin.execute import Cancelled, Execution, Stage
from lab.handin.grader import TIME_LIMIT
from lab.handin.grader.grade import grade
from lab.handin.grader.grading import Grade
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.submission import Submission, parse_submission
from lab.handin.notebook import file_name, to_bytes, to_notebook
from lab.handin.outline import SETUP_CELLS, Content, digests_of
from lab.learner.learner import Learner
from lab.learner.time_spent import in_words
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES

# An execution has a JVM of its own: two at a time would be slower for both on two cores, and take the memory of two.
TURNS: Final = Turns(1)
# After the last cell it is asked how many queries are running.
_PROBE: Final = "probe"
_PROBE_CODE: Final = "print(len(spark.streams.active))"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """A notebook that was executed: what it was made of, its outputs, the grade it would get, and when (UTC).

    `running` counts the queries that were active after the last cell, -1 if that cannot be told. `measured` is the time
    that the learner had spent by then, in words.
    """

    content: Content
    notebook: NotebookNode
    running: int
    grade: Grade
    measured: str
    at: datetime


@dataclass(frozen=True)
class State:
    """What the desk is doing, None if nothing; why the last time has failed; and what was made last."""

    stage: Stage | None = None
    error: LabError | None = None
    made: Made | None = None


class Desk:
    """One learner's; safe to use from several tabs."""

    def __init__(self, learner: Learner, engine: Engine) -> None:
        # Not the learner, by whom the desk is found: together they would be kept for ever.
        self._progress = learner.progress
        self._workspace = learner.workspace
        self._engine = engine
        self._lock = threading.Lock()
        # What had begun before this server was started has ended with the one before it.
        self._state = State(error=_interrupted() if learner.progress.executes else None)
        self._job: _Job | None = None
        learner.when_work_ends(self.clear)

    @property
    def state(self) -> State:
        """How far it is."""
        with self._lock:
            return self._state

    @property
    def content(self) -> Content:
        """What the learner's notebook would be made of now."""
        progress = self._progress
        answers = {step.id: progress.answer(step) for step in EXERCISES}
        return Content(
            self._workspace.dataset,
            progress.identity.name,
            {step_id: answer.text for step_id, answer in answers.items()},
            {group.id: progress.result(group.id).text for group in GROUPS},
            frozenset(step_id for step_id, answer in answers.items() if answer.passed == answer.text),
        )

    def begin(self) -> None:
        """Execute and grade the notebook as it is now, unless that is being done."""
        job = _Job(self.content, in_words(self._progress.time.seconds), self._engine, self._workspace.rest)
        with self._lock:
            if self._job:
                return
            self._job = job
            self._state = State(Stage("Waiting for a turn"), made=self._state.made)
        self._remember(begun=True)
        threading.Thread(target=self._work, args=(job,), name="hand-in", daemon=True).start()

    def cancel(self) -> None:
        """Stop what `begin` has begun, if it is not done yet. What was made before stays."""
        self._end()
        self._remember(begun=False)

    def clear(self) -> None:
        """Stop what is being done, and forget what was made. That it was not finished is known when the learner is back."""
        self._end()
        with self._lock:
            self._state = State()

    def _end(self) -> None:
        with self._lock:
            job, self._job = self._job, None
            if job:
                self._state = State(made=self._state.made)
        # It may take a while to end, in which nobody need wait: what becomes of it is not told any more.
        if job:
            job.cancel()

    def _work(self, job: "_Job") -> None:
        made: Made | None = None
        error: LabError | None = None
        try:
            made = job.run(lambda stage: self._say(job, stage))
        except Cancelled:
            pass
        except LabError as known:
            error = known
        except Exception as unknown:
            _log.exception("a notebook could not be executed")
            error = LabError(
                f"The notebook could not be executed ({type(unknown).__name__}).", "Try again; the console says more."
            )
        with self._lock:
            is_wanted = job is self._job
            if is_wanted:
                self._job = None
                self._state = State(None, error, made or self._state.made)
        if is_wanted:
            self._remember(begun=False)

    def _remember(self, *, begun: bool) -> None:
        """Keep whether it is being executed, for a server that is started after this one has ended in the middle."""
        # Where nothing can be kept, the page says so; the notebook is executed all the same.
        with suppress(LabError):
            self._progress.execute(begun=begun)

    def _say(self, job: "_Job", stage: Stage) -> None:
        with self._lock:
            if job is self._job:
                self._state = replace(self._state, stage=stage)


class _Job:
    """One notebook on its way."""

    def __init__(self, content: Content, measured: str, engine: Engine, rest: Rest) -> None:
        self._content = content
        self._measured = measured
        self._engine = engine
        self._rest = rest
        self._cancelled = threading.Event()
        self._execution: Execution | None = None

    def cancel(self) -> None:
        """`run` raises Cancelled, at the latest when it is done with what it is at."""
        self._cancelled.set()
        if self._execution:
            self._execution.cancel()

    def run(self, say: Callable[[Stage], None]) -> Made:
        """Wait for a turn, execute, grade; raises Cancelled, and LabError when it cannot be executed."""
        with TURNS.turn(self._cancelled.is_set, lambda ahead: say(_waiting(ahead))) as came:
            if not came:
                raise Cancelled
            self._rest.require_over()
            notebook, running = self._execute(say)
            self._go_on()
            say(Stage("Grading it, as your teacher will"))
            name = file_name(self._content.name)
            found = grade(parse_submission(name, to_bytes(notebook)), self._content.dataset, self._run_again)
            self._go_on()
            return Made(self._content, notebook, running, found, self._measured, datetime.now(UTC))

    def _go_on(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _execute(self, say: Callable[[Stage], None]) -> tuple[NotebookNode, int]:
        notebook = to_notebook(self._content)
        # A notebook may stop its queries in any way; only Spark knows whether none is left.
        notebook.cells.append(v4.new_code_cell(_PROBE_CODE, id=_PROBE))
        self._execution = Execution(notebook, self._engine.run_folder)
        # Who cancels from now on tells the execution.
        self._go_on()
        executed = self._execution.run(say, {SETUP_CELLS: digests_of(self._content.dataset)})
        shown = "".join(output.get("text", "") for output in executed.cells.pop().outputs).strip()
        return executed, int(shown) if shown.isdecimal() else -1

    def _run_again(self, submission: Submission, dataset: Dataset) -> Rerun:
        root = self._engine.wait()
        from lab.handin.grader.run_again import run_again  # noqa: PLC0415 - PySpark is imported with Spark's start

        # The Spark of the app may end meanwhile, for which the notebook is not to blame.
        with spark_in_words():
            # The next one in the queue is waiting for this turn.
            given_up = self._cancelled.is_set
            folder = self._engine.run_folder / "graded"
            return run_again(submission, dataset, root, folder, TIME_LIMIT, given_up, self._rest)


def _interrupted() -> LabError:
    return LabError(
        "Your notebook was being executed when the lab was restarted, so it was not finished.", "Execute it again."
    )


def _waiting(ahead: int) -> Stage:
    return Stage(f"Waiting for a turn: {ahead} ahead of you")


_DESKS: Final[WeakKeyDictionary[Learner, Desk]] = WeakKeyDictionary()
_DESKS_LOCK: Final = threading.Lock()


def desk_of(learner: Learner, engine: Engine) -> Desk:
    """Return the desk of a learner, the same in every tab."""
    with _DESKS_LOCK:
        if learner not in _DESKS:
            _DESKS[learner] = Desk(learner, engine)
        return _DESKS[learner]
