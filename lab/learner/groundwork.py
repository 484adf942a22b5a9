"""The steps that other steps need: whether they have run, and running them with code that was right before."""

from collections.abc import Callable, Sequence

from lab.bucket.setup import SetUp
from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import CellRun
from lab.learner.progress import Progress
from lab.learner.runs import Runs
from lab.lesson.steps import STEPS, Step, required


class Groundwork:
    """The groundwork of one learner. Methods that run a cell wait for Spark; call them with the learner's lock held."""

    def __init__(
        self,
        workspace: HandoutWorkspace,
        engine: Engine,
        bucket_set_up: SetUp,
        runs: Runs,
        progress: Progress,
        changed: Callable[[], None],
    ) -> None:
        """Call `changed` after each step that was run."""
        self._workspace = workspace
        self._engine = engine
        self._bucket_set_up = bucket_set_up
        self._runs = runs
        self._progress = progress
        self._changed = changed
        # Ids of steps of a lost session that must run again.
        self._lost: set[str] = set()

    def is_done(self, step: Step) -> bool:
        """Return whether later steps can build on it: it has run and, if it is an exercise, with right code."""
        run = self._runs.last(step)
        right = {self._progress.answer(step).passed, step.code}
        return run is not None and self._runs.has_run(step) and (not step.is_exercise or run.code in right)

    def missing(self, step: Step) -> tuple[Step, ...]:
        """Return the earlier steps that must still be done."""
        return tuple(known for known in required(step) if not self.is_done(known))

    def undone(self, step: Step) -> tuple[Step, ...]:
        """Return the missing exercises that the learner has never passed: only the solution can replace them."""
        return tuple(
            known for known in self.missing(step) if known.is_exercise and not self._progress.answer(known).passed
        )

    def ready(self) -> None:
        """Wait for Spark, and open a session on it if the workspace has none.

        When an earlier session was lost, run its steps again. A step that fails now stays failed.
        Raise LabError when Spark cannot be started, the bucket has no folders, or the learner has to wait.
        """
        self._workspace.cooldown.require_over()
        if self._bucket_set_up.missing(self._workspace.dataset).folders:
            raise LabError("Your bucket has no folders yet.", "Set them up at the top of the page.")
        root = self._engine.wait()
        if not self._workspace.is_open_on(root):
            # The workspace may still have a session of a Spark that has ended, and nobody has told it yet.
            self._workspace.abandon(self._workspace.session)
            self._lost |= {step.id for step in self._runs.to_restore()}
            self._workspace.open(root)
            self._runs.session += 1
        for step in STEPS.values():
            lost = self._runs.last(step)
            if lost and step.id in self._lost:
                self._again(step, lost.code)
                self._lost.discard(step.id)
                self._changed()

    def prepare(self, step: Step, *, solutions: bool = True) -> None:
        """Run every missing step that this one needs; see `Learner.prepare` for details and errors."""
        with spark_in_words():
            self.ready()
        undone = self.undone(step)
        if undone and not solutions:
            raise LabError(
                f"This cell builds on {_titles(undone)}, which {'is' if len(undone) == 1 else 'are'} not done yet.",
                "Do that first; the solution is below its cell, under Hints and solution.",
            )
        for known in self.missing(step):
            self.start(known)

    def start(self, step: Step) -> None:
        """Run a step with the code that has passed, else with the solution, unless its query already runs with it.

        Raise LabError when both fail.
        """
        passed = self._progress.answer(step).passed
        for code in dict.fromkeys(filter(None, (passed, step.code))):
            last = self._runs.last(step)
            if last and last.code == code and self._runs.is_running(step):
                return
            with spark_in_words():
                self._runs.stop(step)
            run = self._again(step, code)
            self._changed()
            if not run.failure:
                break
        if run.failure:
            raise LabError(f"{step.title} failed: {run.failure.sentence}", "")
        if step.is_exercise and run.code != passed:
            self._progress.show_solution(step)

    def resume(self, step: Step) -> bool:
        """Restart the query of a step with the code that had started it; return False if it is running, or never ran.

        Raise LabError when it cannot be started yet.
        """
        with spark_in_words():
            self.ready()
        last = self._runs.last(step)
        if last is None or self._runs.is_running(step):
            return False
        run = self._again(step, last.code)
        if run.failure:
            # Keep the run that had started the query, so that its code can be tried again.
            self._runs.keep(step, last)
            raise LabError(run.failure.sentence, "")
        return True

    def clear(self) -> None:
        """Forget which steps must run again: the learner starts over."""
        self._lost.clear()

    def _again(self, step: Step, code: str) -> CellRun:
        """Run code that was right before; when it fails now, stop the queries that it has started."""
        with spark_in_words():
            before = self._workspace.active_runs
        with self._workspace.helpers.without_deliveries():
            run = self._runs.perform(code)
        if not step.variable or step.variable in self._workspace.names:
            run = run.in_spite_of_skips
        self._runs.keep(step, run)
        if run.failure:
            with spark_in_words():
                for run_id in self._workspace.active_runs - before:
                    self._workspace.stop_queries(run_id)
        return run


def _titles(steps: Sequence[Step]) -> str:
    return ", ".join(f'"{step.title}"' for step in steps)
