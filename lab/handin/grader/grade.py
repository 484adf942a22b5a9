"""The grading of notebooks on a running Spark, one after the other; a failure never stops the next one."""

import hashlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from itertools import count
from typing import Final, Protocol

from lab.dataset import Dataset
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.handin.grader import TIME_LIMIT
from lab.handin.grader.grading import Grade, not_graded, results, worth_checking
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.submission import Submission
from lab.handin.grader.verdicts import same_result
from lab.lesson.results import GROUPS
from lab.variants import SEED_LENGTH, like, variant

# The extra time after the timeout, for the last action of the notebook and for cleaning up.
GRACE_SECONDS: Final = 90.0
ATTEMPTS: Final = 2
# At most so many failures are listed: if the first cells fail, all later ones fail because of them.
MAX_FAILED: Final = 5

_log = logging.getLogger(__name__)


class RunsAgain(Protocol):
    """A callable that runs a notebook again on a set of log files; it raises LabError with the reason if it cannot."""

    def __call__(self, submission: Submission, dataset: Dataset) -> Rerun: ...


@dataclass(frozen=True)
class CellReaderRuns:
    """Runs notebooks with the cell reader, on an engine that is restarted if it dies; see `RunsAgain`."""

    engine: Engine
    time_limit: float = TIME_LIMIT

    def __call__(self, submission: Submission, dataset: Dataset) -> Rerun:
        """Run the notebook; retry once if the JVM ends during the run."""
        for _ in range(ATTEMPTS):
            root = self.engine.wait()
            from lab.handin.grader.run_again import run_again  # noqa: PLC0415 - PySpark is imported with Spark's start

            folder = self.engine.run_folder / "graded"
            rerun, error, stopped = self._bounded(lambda: run_again(submission, dataset, root, folder, self.time_limit))  # noqa: B023
            if error and not self.engine.has_died():
                raise error
            if rerun and (stopped or not self.engine.readiness.down):
                return rerun
        raise LabError(f"Spark ended {ATTEMPTS} times while this notebook was run.", "Look at it yourself.")

    def _bounded(self, action: Callable[[], Rerun]) -> tuple[Rerun | None, Exception | None, bool]:
        """Return the result or the exception of `action`, and whether it was stopped; after a timeout, stop the JVM."""
        outcome: list[Rerun | Exception] = []

        def act() -> None:
            try:
                outcome.append(action())
            except Exception as error:
                outcome.append(error)

        thread = threading.Thread(target=act, name="grade", daemon=True)
        thread.start()
        thread.join(self.time_limit + GRACE_SECONDS)
        if thread.is_alive():
            self.engine.stop()
            return Rerun(ended=f"the notebook could not be stopped after {self.time_limit:g} seconds"), None, True
        result = outcome[0]
        return (None, result, False) if isinstance(result, Exception) else (result, None, False)


def hidden_dataset(submission: Submission, dataset: Dataset) -> Dataset:
    """Return the hidden log files for the second run of a notebook: always the same for the same code.

    They are derived from the code, because a learner could compute the right results of log files that are known
    before. No right result is the same on both sets: otherwise a result typed into the code would look computed.
    """
    whole = "\0".join(("hidden", dataset.seed, *(cell.source for cell in submission.cells)))
    digests = (hashlib.sha256(f"{whole}\0{number}".encode(errors="surrogatepass")) for number in count())
    candidates = (like(variant(digest.hexdigest()[:SEED_LENGTH]), dataset) for digest in digests)
    return next(each for each in candidates if not any(same_result(group, each, dataset) for group in GROUPS))


def grade(submission: Submission, dataset: Dataset, run: RunsAgain) -> Grade:
    """Grade a notebook made for a set of log files. Never raise: the grade has the error."""
    begin = time.monotonic()
    try:
        own = run(submission, dataset)
        other = None
        if worth_checking(own, dataset):
            hidden = hidden_dataset(submission, dataset)
            other = (run(submission, hidden), hidden)
        found = results(submission, (own, dataset), other)
        failed = [f"Code {each}." for each in own.failed]
        more = len(failed) - MAX_FAILED
        rest = (f"{more} more code cells failed.",) if more > 0 else ()
        notes = (*submission.notes, *failed[:MAX_FAILED], *rest, *own.notes)
        graded = Grade(submission.file, submission.learner, dataset.seed, found, notes)
    except LabError as error:
        graded = not_graded(submission.file, str(error), submission.learner)
    except Exception as error:
        _log.exception("%s could not be graded", submission.file)
        reason = f"The grader itself failed on this notebook ({type(error).__name__}). Look at it yourself."
        graded = not_graded(submission.file, reason, submission.learner)
    return replace(graded, seconds=time.monotonic() - begin)
