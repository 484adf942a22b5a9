"""The experiments of pages: they run on Spark with the learner's own code, in a hidden workspace."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace
from lab.judge.probe import Probe, probing
from lab.learner.experiments.crash import Story, run_story, savings
from lab.learner.experiments.modes import Compared, compare_modes
from lab.learner.groundwork import Groundwork
from lab.learner.progress import Progress
from lab.learner.runs import Runs
from lab.lesson.steps import EXERCISES, Step, answering, required
from lab.records import LogFile


class Experiments:
    """The experiments of one learner, kept until they start over. Methods that make one wait for Spark."""

    def __init__(
        self,
        workspace: HandoutWorkspace,
        engine: Engine,
        groundwork: Groundwork,
        runs: Runs,
        progress: Progress,
        lock: threading.RLock,
        changed: Callable[[], None],
    ) -> None:
        """`lock` is the learner's lock; the callback `changed` is called after each experiment."""
        self._workspace = workspace
        self._engine = engine
        self._groundwork = groundwork
        self._runs = runs
        self._progress = progress
        self._lock = lock
        self._changed = changed
        self.compared: Compared | None = None
        self.crash: tuple[Story, ...] = ()

    def compare_modes(self) -> None:
        """Run the report in each output mode and keep the results.

        The input is what the learner has delivered, else the two pairs of log files. Raise LabError when Spark cannot
        be used, or an earlier step fails.
        """
        with self._ground(answering("volume")) as probe:
            self.compared = compare_modes(probe, self._deliveries())
        self._changed()

    def let_it_crash(self) -> None:
        """Run the crash story of the learner's query, and of one that appends; raise LabError as `compare_modes`."""
        stories = []
        query = answering("log")
        for saving in savings(self._progress.answer(query).passed):
            with self._ground(query) as probe:
                stories.append(run_story(probe, saving, self._pairs()))
        self.crash = tuple(stories)
        self._changed()

    def clear(self) -> None:
        """Forget all experiments."""
        self.compared = None
        self.crash = ()

    @contextmanager
    def _ground(self, step: Step) -> Iterator[Probe]:
        """Return a context manager with a probe in which the steps that `step` needs have run.

        They run with the learner's code that passed, else with the solution.
        """
        with self._lock, spark_in_words():
            self._groundwork.ready()
            with probing(self._workspace, self._engine.root, self._engine.run_folder, EXERCISES) as probe:
                for known in required(step):
                    self._define(probe, known)
                yield probe

    def _define(self, probe: Probe, step: Step) -> None:
        for code in filter(None, dict.fromkeys((self._progress.answer(step).passed, step.code))):
            run = probe.perform(code)
            if not run.has_failed:
                return
        raise LabError(f"{step.title} failed: {run.failure.sentence if run.failure else ''}", "")

    def _pairs(self) -> tuple[tuple[LogFile, ...], ...]:
        return self._workspace.dataset.batches()

    def _deliveries(self) -> tuple[tuple[LogFile, ...], ...]:
        """Return the files of each batch of the learner's report."""
        run = self._runs.latest(answering("volume"))
        return tuple(batch.files for batch in run.batches if batch.files) if run and run.files else self._pairs()
