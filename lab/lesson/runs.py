"""What was run in a learner's workspace: the last run of each step, and the runs of its query."""

from collections.abc import Iterable

from lab.engine.failures import spark_in_words
from lab.engine.observe import INTERRUPTED, QueryRun
from lab.engine.workspace import Workspace
from lab.lesson.run import CellRun, perform
from lab.lesson.steps import STEPS, Step


class Runs:
    """The last run of each step. It does not outlive the process, nor does what it tells of."""

    def __init__(self, workspace: Workspace) -> None:
        self._workspace = workspace
        self._last: dict[str, CellRun] = {}
        # The step whose variable held a run of a query, by run id.
        self._step_of_run: dict[str, str] = {}
        # Counts the Spark sessions that the workspace has had; 0 before the first.
        self.session = 0

    def perform(self, code: str) -> CellRun:
        """Run a cell in the session that is now in use; a refusal is in the result, not raised."""
        run = perform(code, self._workspace, self.session)
        self.note_queries()
        return run

    def last(self, step: Step) -> CellRun | None:
        """What the step gave when it was last run."""
        return self._last.get(step.id)

    def keep(self, step: Step, run: CellRun) -> None:
        """The step has been run."""
        self._last[step.id] = run

    def has_run(self, step: Step) -> bool:
        """Whether what the step defines is there: it ran without an error, in the Spark session that is now in use.

        A step that starts a query has also run when its query has been stopped since; its table is still there.
        """
        run = self._last.get(step.id)
        return run is not None and run.failure is None and run.session == self.session and self._workspace.is_open

    def of_query(self, step: Step) -> tuple[QueryRun, ...]:
        """Every run of the query that the step starts, oldest first, whatever its name."""
        return tuple(run for run in self._workspace.observations.runs if self._step_of_run.get(run.run_id) == step.id)

    def latest(self, step: Step) -> QueryRun | None:
        """The newest run of the query that the step starts."""
        return next(reversed(self.of_query(step)), None)

    def is_running(self, step: Step) -> bool:
        """Whether the query that the step starts is running."""
        latest = self.latest(step)
        return latest is not None and not latest.ended

    def note_queries(self) -> None:
        """Remember which query a step's variable stands for, whichever cell has put it there.

        Raises LabError when Spark has ended.
        """
        with spark_in_words():
            for step in STEPS.values():
                if step.streams and (run_id := self._workspace.run_id_of(step.variable)):
                    self._step_of_run[run_id] = step.id

    def note(self, step: Step, run_ids: Iterable[str]) -> None:
        """These runs of queries were started by a cell of the step."""
        for run_id in run_ids:
            self._step_of_run[run_id] = step.id

    def stop(self, step: Step) -> None:
        """Stop the query that the step starts, if it is running."""
        for run in self.of_query(step):
            if not run.ended:
                self._workspace.stop_queries(run.run_id)

    def to_restore(self) -> tuple[Step, ...]:
        """What a session that is lost had and the next one should have: definitions, and queries that were running."""

        def was_interrupted(step: Step) -> bool:
            latest = self.latest(step)
            return latest is not None and latest.failure is INTERRUPTED

        return tuple(
            step
            for step in STEPS.values()
            if (run := self._last.get(step.id)) and run.session == self.session and not run.failure
            if (was_interrupted(step) if step.streams else step.variable)
        )

    def clear(self) -> None:
        """Forget everything, but for whether there is a session."""
        self._last.clear()
        self._step_of_run.clear()
        self.session = 1 if self._workspace.is_open else 0
