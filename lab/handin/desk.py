"""The desk that executes and grades a learner's notebook before the hand-in, in the background, one at a time."""

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
from lab.engine.cooldown import Cooldown
from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.errors import LabError
from lab.handin.execute import Cancelled, Execution, ExecutionProgress
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

# Each execution has its own JVM. Two at a time would need the memory of two, and both would be slower on two cores.
TURNS: Final = Turns(1)
# An extra cell after the last one, which prints how many queries are running.
_PROBE: Final = "probe"
_PROBE_CODE: Final = "print(len(spark.streams.active))"

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Made:
    """An executed notebook: its content, its outputs, the grade that it would get, and the time (UTC).

    `running` counts the queries that were active after the last cell, -1 if that is not known. `measured` is the time
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
    """The progress of the running job, None without one; why the last job failed; and the last executed notebook."""

    progress: ExecutionProgress | None = None
    error: LabError | None = None
    made: Made | None = None


class Desk:
    """The desk of one learner; safe to use from several tabs."""

    def __init__(self, learner: Learner, engine: Engine) -> None:
        # Do not keep the learner, the weak key of `_DESKS`: this reference would keep both alive for ever.
        self._progress = learner.progress
        self._workspace = learner.workspace
        self._engine = engine
        self._lock = threading.Lock()
        # A job that the store knows of was started by an earlier server, and ended with it.
        self._state = State(error=_interrupted() if learner.progress.executes else None)
        self._job: _Job | None = None
        learner.when_work_ends(self.clear)

    @property
    def state(self) -> State:
        """The current state."""
        with self._lock:
            return self._state

    @property
    def content(self) -> Content:
        """The content of the learner's notebook as it is now."""
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
        """Start to execute and grade the notebook as it is now, unless a job is running."""
        job = _Job(self.content, in_words(self._progress.time.seconds), self._engine, self._workspace.cooldown)
        with self._lock:
            if self._job:
                return
            self._job = job
            self._state = State(ExecutionProgress("Waiting for a turn"), made=self._state.made)
        self._remember(begun=True)
        threading.Thread(target=self._work, args=(job,), name="hand-in", daemon=True).start()

    def cancel(self) -> None:
        """Cancel the running job, if there is one. The notebook that was executed before stays."""
        self._end()
        self._remember(begun=False)

    def clear(self) -> None:
        """Cancel the running job, and forget the last notebook. The store still says that the job was not finished."""
        self._end()
        with self._lock:
            self._state = State()

    def _end(self) -> None:
        with self._lock:
            job, self._job = self._job, None
            if job:
                self._state = State(made=self._state.made)
        # The job may take a while to end. Nobody need wait for it, because its outcome is ignored now.
        if job:
            job.cancel()

    def _work(self, job: "_Job") -> None:
        made: Made | None = None
        error: LabError | None = None
        try:
            made = job.run(lambda progress: self._say(job, progress))
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
        """Save whether a job is running, for the next server, should this one end in the middle."""
        # If nothing can be saved, the page says so; the notebook is executed all the same.
        with suppress(LabError):
            self._progress.execute(begun=begun)

    def _say(self, job: "_Job", progress: ExecutionProgress) -> None:
        with self._lock:
            if job is self._job:
                self._state = replace(self._state, progress=progress)


class _Job:
    """The execution and grading of one notebook."""

    def __init__(self, content: Content, measured: str, engine: Engine, cooldown: Cooldown) -> None:
        self._content = content
        self._measured = measured
        self._engine = engine
        self._cooldown = cooldown
        self._cancelled = threading.Event()
        self._execution: Execution | None = None

    def cancel(self) -> None:
        """Cancel the job: `run` raises Cancelled, at the latest after its current part."""
        self._cancelled.set()
        if self._execution:
            self._execution.cancel()

    def run(self, say: Callable[[ExecutionProgress], None]) -> Made:
        """Wait for a turn, execute, grade; raise Cancelled, or LabError when the notebook cannot be executed."""
        with TURNS.turn(self._cancelled.is_set, lambda ahead: say(_waiting(ahead))) as came:
            if not came:
                raise Cancelled
            self._cooldown.require_over()
            notebook, running = self._execute(say)
            self._go_on()
            say(ExecutionProgress("Grading it, as your teacher will"))
            name = file_name(self._content.name)
            found = grade(parse_submission(name, to_bytes(notebook)), self._content.dataset, self._run_again)
            self._go_on()
            return Made(self._content, notebook, running, found, self._measured, datetime.now(UTC))

    def _go_on(self) -> None:
        if self._cancelled.is_set():
            raise Cancelled

    def _execute(self, say: Callable[[ExecutionProgress], None]) -> tuple[NotebookNode, int]:
        notebook = to_notebook(self._content)
        # A notebook may stop its queries in any way, so ask Spark itself whether one is left.
        notebook.cells.append(v4.new_code_cell(_PROBE_CODE, id=_PROBE))
        self._execution = Execution(notebook, self._engine.run_folder)
        # From here on `cancel` reaches the execution; an earlier call is noticed here.
        self._go_on()
        executed = self._execution.run(say, {SETUP_CELLS: digests_of(self._content.dataset)})
        shown = "".join(output.get("text", "") for output in executed.cells.pop().outputs).strip()
        return executed, int(shown) if shown.isdecimal() else -1

    def _run_again(self, submission: Submission, dataset: Dataset) -> Rerun:
        root = self._engine.wait()
        from lab.handin.grader.run_again import run_again  # noqa: PLC0415 - PySpark is imported with Spark's start

        # The Spark of the app may end meanwhile. The message must not blame the notebook for that.
        with spark_in_words():
            # Stop soon after a cancellation: the next one in the queue is waiting for this turn.
            given_up = self._cancelled.is_set
            folder = self._engine.run_folder / "graded"
            return run_again(submission, dataset, root, folder, TIME_LIMIT, given_up, self._cooldown)


def _interrupted() -> LabError:
    return LabError(
        "Your notebook was being executed when the lab was restarted, so it was not finished.", "Execute it again."
    )


def _waiting(ahead: int) -> ExecutionProgress:
    return ExecutionProgress(f"Waiting for a turn: {ahead} ahead of you")


_DESKS: Final[WeakKeyDictionary[Learner, Desk]] = WeakKeyDictionary()
_DESKS_LOCK: Final = threading.Lock()


def desk_of(learner: Learner, engine: Engine) -> Desk:
    """Return the desk of a learner, the same in every tab."""
    with _DESKS_LOCK:
        if learner not in _DESKS:
            _DESKS[learner] = Desk(learner, engine)
        return _DESKS[learner]
