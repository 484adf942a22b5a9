"""One learner: a workspace, what became of each step in it, and what is kept of them."""

import threading
from collections.abc import Sequence
from typing import Final

from lab import dataset
from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.engine.observe import INTERRUPTED, QueryRun
from lab.engine.workspace import Workspace
from lab.errors import LabError
from lab.lesson.examine import examine
from lab.lesson.feedback import Feedback
from lab.lesson.progress import Progress, Result
from lab.lesson.results import GROUPS, Group, check, seen
from lab.lesson.run import CellRun, perform, refused
from lab.lesson.steps import EMPTY_CODE, STEPS, Step, deliver_code, required

BATCH_SECONDS: Final = 2.0


class Learner:
    """Everything of one learner; safe to use from several tabs. Every method that runs a cell waits for Spark."""

    def __init__(self, learner_id: str, workspace: Workspace, engine: Engine, progress: Progress) -> None:
        self.id = learner_id
        self.workspace = workspace
        self.progress = progress
        self._engine = engine
        # Counts the Spark sessions that the workspace has had; 0 before the first.
        self._session = 0
        self._runs: dict[str, CellRun] = {}
        # The step whose variable held a run of a query, by run id.
        self._step_of_run: dict[str, str] = {}
        # Steps of a lost session that are to be run again.
        self._lost: set[str] = set()
        self.scratch: CellRun | None = None
        # How often a step's text was replaced by a button, and not typed.
        self._replaced: dict[str, int] = {}
        # Counts what a page of another tab must be drawn anew for.
        self.version = 0
        self.closed = False
        self._lock = threading.RLock()

    # --- what became of the steps

    def last_run(self, step: Step) -> CellRun | None:
        """What the step gave when it was last run."""
        return self._runs.get(step.id)

    def has_run(self, step: Step) -> bool:
        """Whether what the step defines is there: it ran without an error, in the Spark session that is now in use.

        A step that starts a query has also run when its query has been stopped since; its table is still there.
        """
        run = self._runs.get(step.id)
        return run is not None and run.failure is None and run.session == self._session and self.workspace.is_open

    def is_done(self, step: Step) -> bool:
        """Whether later steps can build on it: it has run and, if it is an exercise, with code that is right."""
        run = self._runs.get(step.id)
        answer = self.progress.answer(step)
        return (
            run is not None and self.has_run(step) and (not step.is_exercise or run.code in {answer.passed, step.code})
        )

    def query_runs(self, step: Step) -> tuple[QueryRun, ...]:
        """Every run of the query that the step starts, oldest first, whatever its name."""
        return tuple(run for run in self.workspace.observations.runs if self._step_of_run.get(run.run_id) == step.id)

    def query_run(self, step: Step) -> QueryRun | None:
        """The newest run of the query that the step starts."""
        return next(reversed(self.query_runs(step)), None)

    def is_running(self, step: Step) -> bool:
        """Whether the query that the step starts is running."""
        run = self.query_run(step) if step.streams else None
        return run is not None and not run.ended

    def missing(self, step: Step) -> tuple[Step, ...]:
        """The earlier steps that must still be done."""
        return tuple(known for known in required(step) if not self.is_done(known))

    def undone(self, step: Step) -> tuple[Step, ...]:
        """Those of the missing steps that the learner has never passed, so that only the solution can stand in."""
        return tuple(
            known for known in self.missing(step) if known.is_exercise and not self.progress.answer(known).passed
        )

    @property
    def interrupted(self) -> bool:
        """Whether the Spark in which the steps were run has gone, so that `restore` has something to bring back."""
        return self._session > 0 and not self.workspace.is_open

    # --- writing

    def write(self, step: Step, text: str) -> None:
        """Keep the text of a step's cell."""
        with self._lock:
            if text != self.progress.answer(step).text:
                self.progress.keep_answer(step, text=text)
                self.version += 1

    def write_scratch(self, text: str) -> None:
        """Keep the text of the scratch cell."""
        with self._lock:
            if text != self.progress.scratch:
                self.progress.keep_scratch(text)
                self.version += 1

    def replace(self, step: Step, text: str) -> None:
        """Put another text into a step's cell, so that `undo` can put the present one back."""
        with self._lock:
            before = self.progress.answer(step).text
            if text != before:
                self.progress.keep_answer(step, text=text, before=before)
                self._replaced[step.id] = self.replaced(step) + 1
                self.version += 1

    def replaced(self, step: Step) -> int:
        """How often `replace` has replaced the text of a step's cell."""
        return self._replaced.get(step.id, 0)

    def undo(self, step: Step) -> None:
        """Put back what `replace` has replaced, if anything."""
        if before := self.progress.answer(step).before:
            self.replace(step, before)

    def open_hint(self, step: Step) -> None:
        """Show one hint more."""
        with self._lock:
            hints = min(self.progress.answer(step).hints + 1, len(step.hints))
            self.progress.keep_answer(step, hints=hints)
            self.version += 1

    def show_solution(self, step: Step) -> None:
        """Show the solution."""
        with self._lock:
            self.progress.keep_answer(step, shown=True)
            self.version += 1

    def predict(self, prediction_id: str, text: str) -> None:
        """Keep a prediction."""
        with self._lock:
            self.progress.keep_prediction(prediction_id, text)
            self.version += 1

    # --- results

    def write_result(self, group: Group, text: str) -> None:
        """Keep what was written into a result group."""
        with self._lock:
            known = self.progress.result(group.id)
            self.progress.keep_result(group.id, Result(text, known.checked))
            self.version += 1

    def check_result(self, group: Group) -> None:
        """From now on, say of the group's result whether it is right."""
        with self._lock:
            self.progress.keep_result(group.id, Result(self.progress.result(group.id).text, checked=True))
            self.version += 1

    def result_feedback(self, group: Group) -> Feedback | None:
        """What the check says of a result; None if it has not been asked for.

        When the query that it is about is no longer known, since the lab has been started anew, what was said then counts.
        """
        known = self.progress.result(group.id)
        if not known.checked:
            return None
        runs = self.query_runs(STEPS[group.step_id])
        feedback = check(group, known.text, runs)
        if seen(group, runs) is None and known.feedback:
            return known.feedback
        if feedback != known.feedback:
            with self._lock:
                self.progress.keep_result(group.id, Result(known.text, checked=True, feedback=feedback))
        return feedback

    # --- running

    def submit(self, step: Step) -> CellRun:
        """Run the learner's answer, and check it. A refusal is in the result and in the feedback, not raised.

        A query that is running with the very same answer goes on: `restart` would begin it anew.
        Raises LabError when an earlier step is missing that the learner has not passed.
        """
        with self._lock:
            self.prepare(step, solutions=False)
            with spark_in_words():
                text = self.progress.answer(step).text
                last = self._runs.get(step.id)
                if last and last.code == text and self.is_running(step):
                    return last
                run, feedback = examine(
                    step, text, self.workspace, self._engine.root, self._engine.run_folder, self._session
                )
            self._note_queries()
            if feedback.outcome != "not attempted":
                self._runs[step.id] = run
            answer = self.progress.answer(step)
            passed = feedback.outcome == "passed"
            self.progress.keep_answer(
                step,
                checked=text,
                feedback=feedback,
                passed=text if passed else answer.passed,
                how=answer.how or (answer.help if passed else ""),
            )
            if step.streams and self.is_running(step):
                self.workspace.wait_until_read(BATCH_SECONDS)
            self.version += 1
            return run

    def run(self, step: Step) -> CellRun:
        """Run the lab's own code of a step. A query that it started earlier is stopped first.

        A refusal of Spark or of the lab is in the result, not raised.
        """
        with self._lock:
            try:
                with spark_in_words():
                    self._ready()
                    self._stop(step)
            except LabError as error:
                run = refused(step.code, str(error), self._session)
            else:
                run = self._perform(step.code)
                if step.streams and not run.failure:
                    self.workspace.wait_until_read(BATCH_SECONDS)
            self._runs[step.id] = run
            self.version += 1
            return run

    def restart(self, step: Step) -> CellRun:
        """Stop the query that the step starts, then run the step again."""
        with self._lock:
            self.stop(step)
            return self.submit(step) if step.is_exercise else self.run(step)

    def run_once(self, step: Step) -> CellRun:
        """Run a step that starts a query unless the query is running; any other step as `run` does."""
        with self._lock:
            last = self._runs.get(step.id)
            return last if last and self.is_running(step) else self.run(step)

    def stop(self, step: Step) -> None:
        """Stop the query that the step starts, if it is running."""
        with self._lock, spark_in_words():
            self._stop(step)
            self.version += 1

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

    def run_scratch(self, code: str) -> None:
        """Run whatever the learner wants to try; a refusal is in the result, not raised."""
        with self._lock:
            with spark_in_words():
                self._ready()
            self.scratch = self._perform(code)
            self.version += 1

    def prepare(self, step: Step, *, solutions: bool = True) -> None:
        """Run every missing step that this one needs, with the code that passed, else with the solution.

        A step that the solution stands in for counts as shown. Raises LabError when a step fails or, without
        `solutions`, when one is missing that has not been passed.
        """
        with self._lock:
            with spark_in_words():
                self._ready()
            undone = self.undone(step)
            if undone and not solutions:
                raise LabError(
                    f"This cell builds on {_titles(undone)}, which {'is' if len(undone) == 1 else 'are'} not done yet.",
                    "Do that first, or go on with the solution: Prepare this page, at the top, runs it.",
                )
            for known in self.missing(step):
                passed = self.progress.answer(known).passed
                if known.is_exercise and not passed:
                    self.progress.keep_answer(known, shown=True)
                self._start(known, passed or known.code)

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
                groups = [group for group in GROUPS if group.step_id == step_id]
                if all(seen(group, self.query_runs(step)) for group in groups):
                    continue
                self.run_code(EMPTY_CODE)
                self.prepare(step)
                passed = self.progress.answer(step).passed
                if not passed:
                    self.progress.keep_answer(step, shown=True)
                self._start(step, passed or step.code)
                for pair in dataset.PAIRS:
                    self.run_code(deliver_code(pair.files))
                    if not self.workspace.wait_until_read():
                        raise LabError(f"{step.title} has not read {', '.join(pair.files)} in time.", "Try again.")

    def start_over(self, *, forget: bool = False) -> None:
        """Begin with empty folders and nothing run; with `forget`, also without anything that was written."""
        with self._lock:
            with spark_in_words():
                self.workspace.start_over()
            self._runs.clear()
            self._step_of_run.clear()
            self._lost.clear()
            self.scratch = None
            if forget:
                self.progress.forget()
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
                if (self._was_interrupted(step) if step.streams else step.variable)
            }
            self.workspace.open(root)
            self._session += 1
        for step in STEPS.values():
            if step.id in self._lost:
                run = self._perform(self._runs[step.id].code)
                if run.failure:
                    raise LabError(f"{step.title} could not be run again: {run.failure.sentence}", "")
                self._runs[step.id] = run
                self._lost.discard(step.id)
                self.version += 1

    def _was_interrupted(self, step: Step) -> bool:
        latest = self.query_run(step)
        return latest is not None and latest.failure is INTERRUPTED

    def _start(self, step: Step, code: str) -> None:
        """Run a step with code that is known to be right, unless its query is running with it."""
        run = self._runs.get(step.id)
        if run and run.code == code and self.is_running(step):
            return
        with spark_in_words():
            self._stop(step)
        run = self._runs[step.id] = self._perform(code)
        self.version += 1
        if run.failure:
            raise LabError(f"{step.title} failed: {run.failure.sentence}", "")

    def _stop(self, step: Step) -> None:
        for run in self.query_runs(step):
            if not run.ended:
                self.workspace.stop_queries(run.run_id)

    def _perform(self, code: str) -> CellRun:
        run = perform(code, self.workspace, self._session)
        self._note_queries()
        return run

    def _note_queries(self) -> None:
        """Remember which query a step's variable stands for, whichever cell has put it there."""
        for step in STEPS.values():
            if step.streams and (run_id := self.workspace.run_id_of(step.variable)):
                self._step_of_run[run_id] = step.id


def _titles(steps: Sequence[Step]) -> str:
    return ", ".join(f"*{step.title}*" for step in steps)
