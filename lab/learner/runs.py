"""The runs in a learner's workspace: the last run of each step, and the runs of its query."""

import re
from collections.abc import Iterable
from datetime import timedelta

from lab.bucket import LOG_DATA_LIVE, OUTPUT, files_in, is_read_by_spark, key_of
from lab.engine import facts
from lab.engine.failures import spark_in_words
from lab.engine.observe import INTERRUPTED, QueryRun
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import CellRun, perform
from lab.lesson.steps import STEPS, Step


class Runs:
    """The last run of each step. It is lost when the process ends, and so are the sessions and queries of the runs."""

    def __init__(self, workspace: HandoutWorkspace) -> None:
        self._workspace = workspace
        self._last: dict[str, CellRun] = {}
        # The id of the step to which a run of a query belongs, by run id.
        self._step_of_run: dict[str, str] = {}
        # The run ids of queries started by an answer that is not right, by step id.
        self._astray: dict[str, frozenset[str]] = {}
        # The run ids among them that started with an empty output folder.
        self._alone: frozenset[str] = frozenset()
        # The number of Spark sessions that the workspace has had; 0 before the first.
        self.session = 0

    def perform(self, code: str) -> CellRun:
        """Run a cell in the current session; a refusal is in the result, not raised."""
        run = perform(code, self._workspace, self.session)
        self.note_queries()
        return run

    def last(self, step: Step) -> CellRun | None:
        """Return the last run of the step; None if it has not run."""
        return self._last.get(step.id)

    def keep(self, step: Step, run: CellRun) -> None:
        """Keep a run of the step as its last one."""
        self._last[step.id] = run

    def has_run(self, step: Step) -> bool:
        """Return whether what the step defines still exists: it ran without an error, in the current Spark session.

        A step whose query has been stopped since has also run; the query's table still exists.
        """
        run = self._last.get(step.id)
        return run is not None and run.failure is None and run.session == self.session and self._workspace.is_open

    def of_query(self, step: Step) -> tuple[QueryRun, ...]:
        """Return every run of the query that the step starts, oldest first, under any name."""
        return tuple(run for run in self._workspace.observations.runs if self._step_of_run.get(run.run_id) == step.id)

    def latest(self, step: Step) -> QueryRun | None:
        """Return the newest run of the query that the step starts; None if there is none."""
        return next(reversed(self.of_query(step)), None)

    def is_running(self, step: Step) -> bool:
        """Return whether the query that the step starts is running."""
        latest = self.latest(step)
        return latest is not None and not latest.ended

    def changed_since(self, run: CellRun) -> QueryRun | None:
        """Return a query that finished a batch after a cell read its table, so that the cell's output is outdated."""
        done = run.at + timedelta(seconds=run.seconds)
        words = set(re.findall(r"\w+", run.code))
        for query in self._workspace.observations.runs:
            if query.name in words and query.last and query.last.done > done:
                return query
        return None

    def note_queries(self) -> None:
        """Remember which query is in a step's variable, no matter which cell has assigned it.

        Raise LabError when Spark has ended.
        """
        with spark_in_words():
            for step in STEPS.values():
                if step.streams and (run_id := self._workspace.run_id_of(step.variable)):
                    self._step_of_run[run_id] = step.id

    def note(self, step: Step, run_ids: Iterable[str]) -> None:
        """Remember that a cell of the step has started these runs of queries."""
        for run_id in run_ids:
            self._step_of_run[run_id] = step.id

    def has_output(self) -> bool:
        """Return whether anything is in the output folder."""
        return bool(self._workspace.bucket.list(OUTPUT))

    def went_astray(self, step: Step, run_ids: frozenset[str], *, had_output: bool) -> None:
        """Remember that the step's answer is not right. Its queries go on.

        `had_output` says whether the output folder had anything in it before them.
        """
        self._astray[step.id] = run_ids
        if not had_output:
            self._alone |= run_ids

    def went_right(self, step: Step) -> None:
        """Remember that the step's answer is right, so that the output of its query stays."""
        self._astray.pop(step.id, None)

    def clear_up(self, step: Step) -> None:
        """Stop the query of a wrong answer to the step and delete its output, to make room for the next answer."""
        latest, started = self.latest(step), self._astray.pop(step.id, frozenset())
        # If the step has been run in another way since, the query and the output do not belong to that answer.
        if latest is None or latest.run_id not in started:
            return
        self.stop(step)
        # If the folder had output before, nobody can tell whose a file is: it may have been overwritten.
        if saves(step) and latest.run_id in self._alone and not self._is_output_in_use():
            self._empty_output()

    def clear_output(self, step: Step) -> None:
        """Stop the step's query, and empty the output folder, with the checkpoint in it.

        Raise LabError when another query has its checkpoint there.
        """
        self.stop(step)
        if self._is_output_in_use():
            raise LabError(
                "Another query is running that keeps its checkpoint in Lab9Output.",
                "Stop it first: the last cell of the page SEV0 log stops all of them.",
            )
        self._empty_output()

    def first_batch_files(self, step: Step, *, anew: bool = False) -> tuple[str, ...]:
        """Return the names of the files in the live folder that the step's query would read as its first batch.

        Return an empty tuple if the step starts no query, or its query continues from its checkpoint. With `anew`, the
        query starts without its output and checkpoint.
        """
        if not step.streams or (saves(step) and not anew and self.has_output()):
            return ()
        live = files_in(self._workspace.bucket, LOG_DATA_LIVE)
        return tuple(sorted(entry.name for entry in live if is_read_by_spark(entry.name)))

    def _empty_output(self) -> None:
        self._workspace.bucket.delete(OUTPUT)
        self._workspace.bucket.make_folders()

    def _is_output_in_use(self) -> bool:
        """Return whether a running query has its checkpoint in the output folder."""
        known = [query for each in self._workspace.active if (query := facts.query(each))]
        keys = [key_of(self._workspace.bucket, query.checkpoint) for query in known if not query.temporary]
        return any(key is not None and key.startswith(OUTPUT) for key in keys)

    def stop(self, step: Step) -> None:
        """Stop the query that the step starts, if it is running."""
        for run in self.of_query(step):
            if not run.ended:
                self._workspace.stop_queries(run.run_id)

    def to_restore(self) -> tuple[Step, ...]:
        """Return the steps to run again after a lost session: those with a variable, and queries that were running."""

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
        """Forget everything except whether there is a session."""
        self._last.clear()
        self._step_of_run.clear()
        self._astray.clear()
        self.session = 1 if self._workspace.is_open else 0


def saves(step: Step) -> bool:
    """Return whether the step's query has its result and its checkpoint in the output folder."""
    return step.picture == "log"
