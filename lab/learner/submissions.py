"""What a learner submits: answers to steps, and results. Both are checked, and what the check says is saved."""

import contextlib

from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import CellRun
from lab.learner.examine import examine
from lab.learner.progress import Progress
from lab.learner.runs import Runs
from lab.learner.texts import Texts
from lab.lesson.results import Group, check, files_read
from lab.lesson.steps import STEPS, Step


class Submissions:
    """Runs and checks what one learner submits. For `submit`, the caller holds the learner's lock."""

    def __init__(
        self, workspace: HandoutWorkspace, engine: Engine, runs: Runs, progress: Progress, texts: Texts
    ) -> None:
        self._workspace = workspace
        self._engine = engine
        self._runs = runs
        self._progress = progress
        self._texts = texts

    def result_feedback(self, group: Group) -> Feedback | None:
        """Return the feedback of the check on a result; None if no check was asked for.

        When the result's query is no longer known, because the lab was restarted, return the earlier feedback.
        """
        known = self._progress.result(group.id)
        if not known.checked:
            return None
        runs = self._runs.of_query(STEPS[group.step_id])
        if files_read(group, runs, self._workspace.dataset) is None and known.feedback:
            return known.feedback
        feedback = check(group, known.text, runs, self._workspace.dataset)
        # "Not attempted" may change by itself, when the query has read its files: do not save it.
        if feedback.outcome != "not attempted":
            self._progress.keep_feedback(group.id, known.text, feedback)
        return feedback

    def submit(self, step: Step) -> CellRun:
        """Run the learner's answer, check it, and save what the check says.

        A query that already runs with the same answer goes on. Raise LabError when Spark has ended.
        """
        with spark_in_words():
            text = self._progress.answer(step).text
            self._texts.mark(f"code-{step.id}")
            last = self._runs.last(step)
            if last and last.code == text and self._runs.is_running(step):
                if self._progress.answer(step).checked == text:
                    return last
                # The same code ran as the solution before: now check it as the learner's.
                self._runs.stop(step)
            if step.streams:
                self._runs.clear_up(step)
            had_output = step.streams and self._runs.has_output()
            before = self._workspace.active_runs
            run, feedback = examine(
                step,
                text,
                self._workspace,
                self._engine.root,
                self._engine.run_folder,
                self._runs.session,
                frozenset(known.run_id for known in self._runs.of_query(step)),
            )
        # If Spark has ended since, the top of the page says so. The feedback is saved in any case.
        with contextlib.suppress(LabError):
            self._note_queries(step, before, had_output=had_output, has_passed=feedback.has_passed)
        answer = self._progress.answer(step)
        passed = feedback.has_passed
        self._progress.keep_answer(
            step,
            checked=text,
            feedback=feedback,
            passed=text if passed else answer.passed,
            how=answer.how or (answer.help if passed else ""),
        )
        self._progress.history.attempted(step, feedback)
        if feedback.outcome != "not attempted":
            self._runs.keep(step, run)
        return run

    def _note_queries(self, step: Step, before: frozenset[str], *, had_output: bool, has_passed: bool) -> None:
        """Remember which queries an answer has started; `before` are the earlier run ids.

        Raise LabError when Spark has ended.
        """
        with spark_in_words():
            if step.streams:
                # This includes a query that is not in the step's variable.
                started = self._workspace.active_runs - before
                self._runs.note(step, started)
                if has_passed:
                    self._runs.went_right(step)
                elif started:
                    self._runs.went_astray(step, started, had_output=had_output)
        self._runs.note_queries()
