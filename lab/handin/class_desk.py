"""The desk that grades the notebooks of a class for the teacher, in the background, and keeps the last grades.

There is one desk for the whole lab, because all teachers share one key. The grades are only in the memory of this
process, until somebody forgets them, grades other notebooks, or the lab ends.
"""

import logging
import shutil
import threading
from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from functools import cached_property
from pathlib import Path

from lab.bucket.log_data import log_data
from lab.dataset import Dataset
from lab.errors import LabError
from lab.handin.bounds import MAX_BYTES, MAX_NOTEBOOKS
from lab.handin.desk import TURNS
from lab.handin.grader import TIME_LIMIT, Attempts
from lab.handin.grader.batch import grade_all
from lab.handin.grader.grading import Grade
from lab.handin.grader.process_runs import ProcessRuns
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.submission import Submission
from lab.handin.grader.walk import arrivals_in
from lab.handin.reports.formats import File, files_of
from lab.handin.reports.packing import usable_name

_log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Upload:
    """A file as the browser has sent it."""

    name: str
    data: bytes


@dataclass(frozen=True)
class GradingProgress:
    """The progress of the desk: what it is doing, in words, and how many of all files are done."""

    words: str
    done: int = 0
    total: int = 0


@dataclass(frozen=True)
class Graded:
    """The grades of a class in order, their time, sentences about files that were left out, and the number of files.

    Grading was stopped, or is not done yet, if there are fewer grades than files.
    """

    grades: tuple[Grade, ...]
    at: datetime
    left_out: tuple[str, ...]
    total: int

    @property
    def stopped(self) -> bool:
        """Whether some files have no grade."""
        return len(self.grades) < self.total

    @cached_property
    def files(self) -> tuple[File, ...]:
        """The files to download: the same as the command `grade` writes."""
        return files_of(self.grades, self.at, self.left_out)


@dataclass(frozen=True)
class State:
    """The progress of the job, None without one; why the last job failed; and the last grades, or those so far."""

    progress: GradingProgress | None = None
    error: LabError | None = None
    graded: Graded | None = None


class ClassDesk:
    """Grades the notebooks of one class at a time; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._state = State()
        self._job: _Job | None = None

    @property
    def state(self) -> State:
        """The current state."""
        with self._lock:
            return self._state

    def begin(self, uploads: Sequence[Upload], folder: Path, class_code: str = "", attempts: Attempts = "last") -> None:
        """Start to grade files, which are in a new folder inside `folder` meanwhile; forget the grades of before.

        Raises LabError if there is nothing or too much to grade, or another job is running.
        """
        require_bearable(uploads)
        with self._lock:
            if self._job:
                raise LabError("Notebooks are being graded already.", "Wait until they are, or stop that first.")
            self._job = job = _Job(self, uploads, folder, class_code, attempts)
            self._state = State(GradingProgress("Reading the files"))
        threading.Thread(target=self._work, args=(job,), name="class-desk", daemon=True).start()

    def stop(self) -> None:
        """Stop grading; the grades so far stay."""
        with self._lock:
            job = self._job
        if job:
            job.stop()

    def forget(self) -> None:
        """Forget the grades, and stop a running job."""
        with self._lock:
            job, self._job, self._state = self._job, None, State()
        if job:
            job.stop()

    def say(self, job: "_Job", progress: GradingProgress, graded: Graded | None = None) -> None:
        """Take the progress and the grades of a job, unless it is no longer the current one."""
        with self._lock:
            if job is self._job:
                self._state = replace(self._state, progress=progress, graded=graded or self._state.graded)

    def _work(self, job: "_Job") -> None:
        error: LabError | None = None
        try:
            job.run()
        except LabError as known:
            error = known
        except Exception as unknown:
            _log.exception("a class could not be graded")
            error = LabError(f"The grader itself failed ({type(unknown).__name__}).", "The lab's console says more.")
        with self._lock:
            if job is self._job:
                self._job = None
                self._state = State(None, error, self._state.graded)


class _Job:
    """The grading of one class."""

    def __init__(
        self, desk: ClassDesk, uploads: Sequence[Upload], folder: Path, class_code: str, attempts: Attempts
    ) -> None:
        self._desk = desk
        self._uploads = tuple(uploads)
        self._folder = folder
        self._class_code = class_code
        self._attempts = attempts
        self._stopped = threading.Event()
        self._runs = ProcessRuns(TIME_LIMIT)
        self._done = self._total = 0

    def stop(self) -> None:
        """Stop the job at once, even in the middle of a notebook."""
        self._stopped.set()
        self._runs.interrupt()

    def run(self) -> None:
        """Grade the files; raise LabError if nothing can be graded. Leave no file behind."""
        place = _new_folder(self._folder)
        try:
            paths = _laid_down(self._uploads, place)
            # Free the uploads: a class may have 100 MB.
            self._uploads = ()
            arrivals = arrivals_in(paths)
            self._total = len(arrivals.found)
            if self._total > MAX_NOTEBOOKS:
                raise LabError(
                    f"There are {self._total:,} files; {MAX_NOTEBOOKS} are graded at once here.",
                    "Grade one class after the other, or use python -m lab grade.",
                )
            grades: list[Grade] = []

            def say(number: int, grade: Grade) -> None:
                grades.append(grade)
                self._done = number
                graded = Graded(tuple(grades), datetime.now().astimezone(), arrivals.left_out, self._total)
                self._desk.say(self, GradingProgress("Grading", number, self._total), graded)

            given = log_data()
            if self._start():
                grade_all(
                    arrivals.found, self._rerun, self._class_code, say, self._attempts, given, self._stopped.is_set
                )
        finally:
            self._runs.close()
            shutil.rmtree(place, ignore_errors=True)

    def _start(self) -> bool:
        """Start the grader's process with its Spark; return False if the job was stopped meanwhile."""
        with TURNS.turn(self._stopped.is_set, self._say_ahead) as came:
            if not came:
                return False
            self._say("Starting a Spark for the notebooks")
            try:
                self._runs.start()
            except LabError:
                if not self._stopped.is_set():
                    raise
        return not self._stopped.is_set()

    def _rerun(self, submission: Submission, dataset: Dataset) -> Rerun:
        """Run one notebook in its own turn, so that learners who execute theirs do not wait for the whole class."""
        with TURNS.turn(self._stopped.is_set, self._say_ahead) as came:
            if not came:
                raise LabError("Grading was stopped.", "Grade it again.")
            name = submission.file.rpartition("/")[2]
            self._say(f"Running {name}")
            return self._runs(submission, dataset)

    def _say_ahead(self, ahead: int) -> None:
        self._say(f"Waiting for a turn: {ahead} ahead")

    def _say(self, words: str) -> None:
        self._desk.say(self, GradingProgress(words, self._done, self._total))


def require_bearable(uploads: Sequence[Upload]) -> None:
    """Raise LabError if there are no files, too many files, or too many bytes."""
    if not uploads:
        raise LabError("There is no file to grade.", "Drop notebooks, or a zip of them.")
    if len(uploads) > MAX_NOTEBOOKS:
        raise LabError(f"These are {len(uploads)} files, more than {MAX_NOTEBOOKS}.", "Drop a zip of one class.")
    total = sum(len(upload.data) for upload in uploads)
    if total > MAX_BYTES:
        raise LabError(
            f"The files have {total / 1e6:,.0f} MB; {MAX_BYTES // 1_000_000} MB are taken here.",
            "Drop fewer at a time, or use python -m lab grade.",
        )


def _new_folder(within: Path) -> Path:
    """Create a new folder that only this user can read, and return it."""
    within.mkdir(parents=True, exist_ok=True)
    number = 1
    while True:
        place = within / f"class-{number}"
        try:
            place.mkdir(mode=0o700)
        except FileExistsError:
            number += 1
        else:
            return place


def _laid_down(uploads: Sequence[Upload], place: Path) -> list[Path]:
    """Write the files, each into its own folder, because a browser may send two with one name; return the paths."""
    paths = []
    for number, upload in enumerate(uploads, start=1):
        folder = place / f"file {number}"
        folder.mkdir()
        name = upload.name.replace("\\", "/").rpartition("/")[2]
        path = folder / usable_name(name)
        path.write_bytes(upload.data)
        paths.append(path)
    return paths
