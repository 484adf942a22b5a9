"""One learner: the workspace, the runs of each step in it, and what the store keeps."""

import contextlib
import threading
from collections.abc import Callable
from typing import Final
from weakref import WeakMethod

from lab.bucket import LOG_DATA, files_in
from lab.bucket.quota import require_room
from lab.bucket.setup import SetUp, set_up
from lab.engine.changes import Changes
from lab.engine.engine import Engine
from lab.engine.failures import spark_in_words
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import CellRun, refused
from lab.learner.experiments import Experiments
from lab.learner.groundwork import Groundwork
from lab.learner.identity import Identity
from lab.learner.progress import Progress
from lab.learner.quota import Quota
from lab.learner.runs import Runs
from lab.learner.submissions import Submissions
from lab.learner.texts import SCRATCH_FIELD, Texts
from lab.lesson.results import Group, files_read
from lab.lesson.steps import EMPTY_CODE, STEPS, Step, deliver_code
from lab.lesson.wording import worded

# When a whole class delivers at once, the last batch takes about four.
BATCH_SECONDS: Final = 5.0


class Learner:
    """The state of one learner; safe to use from several tabs. Every method that runs a cell waits for Spark."""

    def __init__(self, learner_id: str, workspace: HandoutWorkspace, engine: Engine, progress: Progress) -> None:
        self.id = learner_id
        self.workspace = workspace
        self.progress = progress
        self.texts = Texts(progress)
        self._engine = engine
        self.runs = Runs(workspace)
        self.scratch: CellRun | None = None
        self._version = 0
        self._changes = Changes()
        self.bucket_set_up = SetUp(workspace.bucket)
        self.groundwork = Groundwork(workspace, engine, self.bucket_set_up, self.runs, progress, self._changed)
        self._lock = threading.RLock()
        self.experiments = Experiments(
            workspace, engine, self.groundwork, self.runs, progress, self._lock, self._changed
        )
        # A weak reference, because others keep the workspace, and this must not keep alive a learner who has left.
        told = WeakMethod(self._tell)
        Quota(workspace, lambda sentence: (tell := told()) and tell(sentence))
        self._submissions = Submissions(workspace, engine, self.runs, progress, self.texts)
        self.closed = False
        self._when_work_ends: list[Callable[[], object]] = []

    @property
    def version(self) -> int:
        """A counter of the changes for which the pages in other tabs must be redrawn."""
        return self._version + self.progress.version + self.workspace.observations.version

    def on_change(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Call `tell`, in any thread, whenever a page may need to be redrawn; return an unsubscribe function."""
        told = (self._changes, self.progress.changes, self.workspace.observations.changes, self._engine.changes)
        ends = [changes.subscribe(tell) for changes in told]

        def end() -> None:
            for each in ends:
                each()

        return end

    @property
    def interrupted(self) -> bool:
        """Whether the Spark in which the steps ran has ended, so that `restore` has something to restore."""
        return self.runs.session > 0 and not self.workspace.is_open

    def set_up_bucket(self) -> None:
        """Make the folders, and put the log files into LogData; raise LabError when the bucket refuses."""
        with self._lock:
            set_up(self.workspace.bucket, self.workspace.dataset)
            self._changed()

    def introduce(self, identity: Identity) -> None:
        """Save who the learner is. When that changes their log files, start over with the new ones.

        Nothing that they wrote is lost. Raise LabError when it cannot be saved, or the bucket refuses.
        """
        with self._lock:
            if identity.dataset.seed == self.workspace.dataset.seed:
                self.progress.introduce(identity)
                return
            # In a bucket that is not set up there is nothing to replace yet.
            set_up_before = not self.bucket_set_up.missing(self.workspace.dataset).folders
            # Save the identity first: if the bucket refuses then, it is known which files belong there.
            self.progress.introduce(identity)
            self.workspace.dataset = identity.dataset
            self._changed()
            if set_up_before:
                self.start_over()

    def catch_up(self) -> None:
        """Take over what another server has saved for the learner: a page never shows anything older than the store.

        Ignore a store that is unreachable: it is asked again later, and a write to it raises its own error.
        """
        with contextlib.suppress(LabError):
            self.progress.catch_up()
        if self.progress.identity.dataset.seed != self.workspace.dataset.seed:
            # Without the lock, which a running cell holds. The top of the page says that the bucket has other files.
            self.workspace.dataset = self.progress.identity.dataset
            self._changed()

    def result_feedback(self, group: Group) -> Feedback | None:
        """Return the feedback of the check on a result; None if no check was asked for."""
        return self._submissions.result_feedback(group)

    # --- running

    def submit(self, step: Step) -> CellRun:
        """Run the learner's answer, and check it. A refusal is in the result and in the feedback, not raised.

        A query that already runs with the same answer goes on; use `restart` to start it again.
        Raise LabError when an earlier step is missing that the learner has not passed.
        """
        with self._lock:
            require_room(self.workspace.bucket)
            self.prepare(step, solutions=False)
            run = self._submissions.submit(step)
            if step.streams and self.runs.is_running(step):
                self.workspace.wait_until_read(BATCH_SECONDS)
            self._changed()
            return run

    def run(self, step: Step) -> CellRun:
        """Run the lab's own code of a step. First stop a query that it started earlier.

        A refusal of Spark or of the lab is in the result, not raised.
        """
        with self._lock:
            code = worded(step.code, self.workspace.dataset)
            try:
                with spark_in_words():
                    self.groundwork.ready()
                    self.runs.stop(step)
            except LabError as error:
                run = refused(code, str(error), self.runs.session)
            else:
                run = self.runs.perform(code)
                if step.streams and not run.failure:
                    self.workspace.wait_until_read(BATCH_SECONDS)
            self.runs.keep(step, run)
            self._changed()
            return run

    def restart(self, step: Step, name: str = "") -> CellRun:
        """Stop the step's query, and the query called `name` if given, then run the step again."""
        with self._lock:
            self.stop(step)
            if name:
                with spark_in_words():
                    self.workspace.stop_named(name)
            return self.submit(step) if step.is_exercise else self.run(step)

    def run_once(self, step: Step) -> CellRun:
        """Run a step as `run` does, unless it has a running query: then return its last run."""
        with self._lock:
            last = self.runs.last(step)
            return last if last and self.runs.is_running(step) else self.run(step)

    def resume(self, step: Step) -> None:
        """Restart the query of a step with the code that had started it, for example after an outage.

        With a checkpoint of its own it continues from there, else it starts again with the files in the live folder.
        Raise LabError when it cannot be started yet.
        """
        with self._lock:
            if self.groundwork.resume(step):
                self.workspace.wait_until_read(BATCH_SECONDS)
                self._changed()

    def clear_output(self, step: Step) -> None:
        """Stop the query that the step starts, and delete its output and its checkpoint.

        Raise LabError when another query has its checkpoint there, or the bucket refuses.
        """
        with self._lock, spark_in_words():
            self.runs.clear_output(step)
            self._changed()

    def stop(self, step: Step) -> None:
        """Stop the query that the step starts, if it is running."""
        with self._lock, spark_in_words():
            self.runs.stop(step)
            self._changed()

    def deliver(self, names: tuple[str, ...]) -> None:
        """Deliver log files together, and wait up to BATCH_SECONDS for the running queries to read them.

        So the next drawing of the page shows their effect. Raise LabError when the delivery is refused.
        """
        sizes = [entry.size for entry in files_in(self.workspace.bucket, LOG_DATA) if entry.name in names]
        require_room(self.workspace.bucket, len(sizes), sum(sizes))
        self.run_code(deliver_code(names))
        self.workspace.wait_until_read(BATCH_SECONDS)

    def run_code(self, code: str) -> CellRun:
        """Run a cell that is not a step, such as a delivery; raise LabError when it fails."""
        with self._lock:
            with spark_in_words():
                self.groundwork.ready()
            run = self.runs.perform(code)
            self._changed()
            if run.failure:
                raise LabError(run.failure.sentence, "")
            return run

    def run_scratch(self, code: str) -> None:
        """Run the scratch cell; a refusal is in the result, not raised.

        Raise LabError when the learner's folders are full.
        """
        with self._lock:
            require_room(self.workspace.bucket)
            self.texts.mark(SCRATCH_FIELD)
            with spark_in_words():
                self.groundwork.ready()
            self.scratch = self.runs.perform(code)
            self._changed()

    def prepare(self, step: Step, *, solutions: bool = True) -> None:
        """Run every missing step that this one needs, with the code that passed, else with the solution.

        If the solution of an exercise runs, it counts as shown. Raise LabError when a step fails or, without
        `solutions`, when a missing exercise has not been passed.
        """
        with self._lock:
            self.groundwork.prepare(step, solutions=solutions)

    def start(self, step: Step, *, anew: bool = False) -> None:
        """Run a step, and the steps it needs, with the code that has passed, else with the solution.

        With `anew`, empty the live folder and restart the step's query. Raise LabError when any of it fails.
        """
        with self._lock:
            if anew:
                self.run_code(EMPTY_CODE)
            self.prepare(step)
            if anew:
                with spark_in_words():
                    self.runs.stop(step)
            self.groundwork.start(step)
            self._changed()

    def restore(self) -> None:
        """Restore the steps that had run when Spark ended; raise LabError when Spark cannot be started."""
        with self._lock, spark_in_words():
            self.groundwork.ready()

    def run_everything(self) -> None:
        """Run what is still missing of both parts, with all deliveries, so that there are four results to write down.

        Raise LabError when any of it fails.
        """
        with self._lock:
            own = self.workspace.dataset
            for step in (step for step in STEPS.values() if step.results):
                if all(files_read(group, self.runs.of_query(step), own) for group in step.results):
                    continue
                self.run_code(EMPTY_CODE)
                self.prepare(step)
                self.groundwork.start(step)
                for pair in own.pairs:
                    self.run_code(deliver_code(pair.files))
                    if not self.workspace.wait_until_read():
                        raise LabError(f"{step.title} has not read {', '.join(pair.files)} in time.", "Try again.")

    def start_over(self, *, forget: bool = False) -> None:
        """Empty the folders and forget all runs; with `forget`, also delete everything that the learner wrote."""
        with self._lock:
            if forget:
                self.progress.forget()
                self.end_work()
                self.workspace.dataset = self.progress.identity.dataset
            with spark_in_words():
                self.workspace.start_over()
            self.runs.clear()
            self.groundwork.clear()
            self.experiments.clear()
            self.scratch = None
            self._changed()

    def when_work_ends(self, action: Callable[[], object]) -> None:
        """Register a callback for `end_work`; it must end other work for the learner, and forget its results."""
        self._when_work_ends.append(action)

    def end_work(self) -> None:
        """End all work for the learner other than their own queries, because they leave or forget everything."""
        for action in self._when_work_ends:
            action()

    def close(self) -> None:
        """Stop the learner's queries and delete their folder."""
        self.end_work()
        with self._lock:
            self.closed = True
            self._changes.notify()
            self.workspace.delete()

    def _tell(self, sentence: str) -> None:
        self.progress.tell(sentence)
        self._changed()

    def _changed(self) -> None:
        self._version += 1
        self._changes.notify()
        self.progress.time.sign()
