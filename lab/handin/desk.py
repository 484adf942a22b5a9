"""Where a learner's notebook is executed and graded before they hand it in: in the background, one notebook at a time."""

import logging
import threading
from collections.abc import Callable
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final
from weakref import WeakKeyDictionary, proxy

from nbformat import NotebookNode, v4

from lab.dataset import Dataset
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.handin.execute import Cancelled, Execution, Progress
from lab.handin.grader.grade import TIME_LIMIT, grade
from lab.handin.grader.grading import Grade
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.submission import Submission, parse_submission
from lab.handin.notebook import file_name, to_bytes, to_notebook
from lab.handin.outline import SEED, Content
from lab.handin.turns import Turns
from lab.lesson.learner import Learner
from lab.lesson.results import GROUPS
from lab.lesson.steps import EXERCISES
from lab.lesson.time_spent import in_words

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

    progress: Progress | None = None
    error: LabError | None = None
    made: Made | None = None


class Desk:
    """One learner's; safe to use from several tabs."""

    def __init__(self, learner: Learner, engine: Engine) -> None:
        # Who has left is to be forgotten, with what was made for them: see `_DESKS`.
        self._learner: Learner = proxy(learner)
        self._engine = engine
        self._lock = threading.Lock()
        self._state = State()
        self._cancel: Callable[[], None] = lambda: None
        learner.when_closed(self.cancel)

    @property
    def state(self) -> State:
        """How far it is."""
        with self._lock:
            return self._state

    @property
    def content(self) -> Content:
        """What the learner's notebook would be made of now."""
        progress = self._learner.progress
        answers = {step.id: progress.answer(step) for step in EXERCISES}
        return Content(
            self._learner.workspace.dataset,
            progress.identity.name,
            {step_id: answer.text for step_id, answer in answers.items()},
            {group.id: progress.result(group.id).text for group in GROUPS},
            frozenset(step_id for step_id, answer in answers.items() if answer.passed == answer.text),
        )

    def begin(self) -> None:
        """Execute and grade the notebook as it is now, unless that is being done."""
        content = self.content
        measured = in_words(self._learner.progress.time.seconds)
        with self._lock:
            if self._state.progress:
                return
            self._state = State(Progress("Waiting for a turn"), made=self._state.made)
            job = _Job(content, measured, self._engine, self._say)
            self._cancel = job.cancel
        threading.Thread(target=self._work, args=(job,), name="hand-in", daemon=True).start()

    def cancel(self) -> None:
        """Stop what `begin` has begun, if it is not done yet."""
        self._cancel()

    def _say(self, progress: Progress) -> None:
        with self._lock:
            self._state = replace(self._state, progress=progress)

    def _work(self, job: "_Job") -> None:
        error: LabError | None = None
        made: Made | None = None
        try:
            made = job.run()
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
            self._state = State(None, error, made or self._state.made)


class _Job:
    """One notebook on its way."""

    def __init__(self, content: Content, measured: str, engine: Engine, say: Callable[[Progress], None]) -> None:
        self._content = content
        self._measured = measured
        self._engine = engine
        self._say = say
        self._cancelled = threading.Event()
        self._execution: Execution | None = None

    def cancel(self) -> None:
        self._cancelled.set()
        if self._execution:
            self._execution.cancel()

    def run(self) -> Made:
        """Wait for a turn, execute, grade; raises Cancelled, and LabError when it cannot be executed."""
        with TURNS.turn(self._cancelled.is_set, self._tell_ahead) as came:
            if not came:
                raise Cancelled
            notebook, running = self._execute()
            self._say(Progress("Grading it, as your teacher will"))
            name = file_name(self._content.name)
            found = grade(parse_submission(name, to_bytes(notebook)), self._content.dataset, self._run_again)
            if self._cancelled.is_set():
                raise Cancelled
            return Made(self._content, notebook, running, found, self._measured, datetime.now(UTC))

    def _tell_ahead(self, ahead: int) -> None:
        self._say(Progress(f"Waiting for a turn: {ahead} ahead of you"))

    def _execute(self) -> tuple[NotebookNode, int]:
        notebook = to_notebook(self._content)
        # A notebook may stop its queries in any way; only Spark knows whether none is left.
        notebook.cells.append(v4.new_code_cell(_PROBE_CODE, id=_PROBE))
        self._execution = Execution(notebook, self._engine.run_folder)
        if self._cancelled.is_set():
            raise Cancelled
        executed = self._execution.run(self._say, {SEED: self._content.dataset.seed})
        shown = "".join(output.get("text", "") for output in executed.cells.pop().outputs).strip()
        return executed, int(shown) if shown.isdecimal() else -1

    def _run_again(self, submission: Submission, dataset: Dataset) -> Rerun:
        root = self._engine.wait()
        from lab.handin.grader.run_again import run_again  # noqa: PLC0415 - PySpark is imported with Spark's start

        # The next one in the queue is waiting for this turn.
        given_up = self._cancelled.is_set
        return run_again(submission, dataset, root, self._engine.run_folder / "graded", TIME_LIMIT, given_up)


_DESKS: Final[WeakKeyDictionary[Learner, Desk]] = WeakKeyDictionary()
_DESKS_LOCK: Final = threading.Lock()


def desk_of(learner: Learner, engine: Engine) -> Desk:
    """The desk of a learner, the same in every tab."""
    with _DESKS_LOCK:
        if learner not in _DESKS:
            _DESKS[learner] = Desk(learner, engine)
        return _DESKS[learner]
