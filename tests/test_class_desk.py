"""Grading a class's notebooks in the background: progress, stopping in the middle, giving up, and refusals."""

import io
import threading
import time
import zipfile

import pytest
from notebooks import notebook
from patience import PATIENCE

from lab.errors import LabError
from lab.handin import class_desk
from lab.handin.bounds import MAX_NOTEBOOKS
from lab.handin.class_desk import ClassDesk, Upload, require_bearable
from lab.handin.desk import TURNS
from lab.handin.grader.rerun import Rerun
from lab.handin.notebook import to_bytes


class FakeRuns:
    """Runs notebooks without Spark: these tests check what the desk does with the results."""

    def __init__(self, _=0.0):
        self.seen = []
        self.going_on = threading.Event()
        self.going_on.set()
        self.ended = threading.Event()
        self.closed = threading.Event()

    def start(self):
        pass

    def __call__(self, submission, _):
        self.seen.append(submission.file)
        while not self.going_on.wait(0.01):
            if self.ended.is_set():
                raise LabError("The process that ran this notebook was ended.", "Look at it yourself.")
        return Rerun()

    def interrupt(self):
        self.ended.set()

    def close(self):
        self.closed.set()


@pytest.fixture
def fake_runs(monkeypatch):
    fake_runs = FakeRuns()
    monkeypatch.setattr(class_desk, "ProcessRuns", lambda _: fake_runs)
    return fake_runs


@pytest.fixture(scope="module")
def made():
    return {name: to_bytes(notebook(name=name)) for name in ("Ada", "Eva", "Zoe")}


def uploads(made):
    return [Upload(f"lab8-{name}.ipynb", data) for name, data in made.items()]


def zipped(members):
    file = io.BytesIO()
    with zipfile.ZipFile(file, "w") as archive:
        for name, data in members.items():
            archive.writestr(name, data)
    return file.getvalue()


def wait_for(seen):
    """Wait until `seen` returns something true, and return it."""
    deadline = time.monotonic() + 60 * PATIENCE
    while not (found := seen()):
        assert time.monotonic() < deadline
        time.sleep(0.01)
    return found


def done(desk):
    wait_for(lambda: desk.state.progress is None)
    return desk.state


def test_notebooks_and_a_zip_as_moodle_makes_it_are_graded_and_no_file_stays(fake_runs, made, tmp_path):
    desk = ClassDesk()
    folders = {"Eva": "Eva Doe_0_assignsubmission_file_", "Zoe": "Zoe Doe_1_assignsubmission_file_"}
    moodle = zipped({f"{folder}/lab8.ipynb": made[name] for name, folder in folders.items()})
    desk.begin([Upload("lab8-Ada.ipynb", made["Ada"]), Upload("../../class.zip", moodle)], tmp_path)
    graded = done(desk).graded
    assert [grade.learner for grade in graded.grades] == ["Ada", "Eva", "Zoe"]
    assert [grade.file for grade in graded.grades][1] == "class.zip/Eva Doe_0_assignsubmission_file_/lab8.ipynb"
    assert not graded.stopped
    assert list(tmp_path.iterdir()) == []
    assert fake_runs.closed.is_set()
    assert len(graded.files) == 5
    desk.forget()
    assert desk.state.graded is None


def test_it_says_which_notebook_and_how_many_and_shows_what_is_graded_until_then(fake_runs, made, tmp_path):
    desk = ClassDesk()
    fake_runs.going_on.clear()
    desk.begin(uploads(made), tmp_path)
    assert wait_for(lambda: fake_runs.seen and desk.state).progress.words == "Running lab8-Ada.ipynb"
    assert (desk.state.progress.done, desk.state.progress.total) == (0, 3)
    with pytest.raises(LabError, match="being graded already"):
        desk.begin(uploads(made), tmp_path)
    fake_runs.going_on.set()
    assert len(done(desk).graded.grades) == 3


def test_stopped_in_the_middle_of_a_notebook_what_is_graded_stays(fake_runs, made, tmp_path, monkeypatch):
    desk = ClassDesk()
    monkeypatch.setattr(class_desk, "ProcessRuns", lambda _: _Once(fake_runs))
    desk.begin(uploads(made), tmp_path)
    wait_for(lambda: len(fake_runs.seen) == 2)
    desk.stop()
    graded = done(desk).graded
    assert [grade.learner for grade in graded.grades] == ["Ada"]
    assert graded.stopped
    assert (graded.total, desk.state.error) == (3, None)
    assert list(tmp_path.iterdir()) == []
    # The desk accepts another class.
    fake_runs.ended.clear()
    fake_runs.going_on.set()
    fake_runs.seen.clear()
    desk.begin(uploads(made)[:1], tmp_path)
    assert len(done(desk).graded.grades) == 1


class _Once:
    """Runs one notebook, and stays in the second one until it is ended."""

    def __init__(self, fake_runs):
        self._fake_runs = fake_runs
        self.start, self.interrupt, self.close = fake_runs.start, fake_runs.interrupt, fake_runs.close

    def __call__(self, submission, dataset):
        if self._fake_runs.seen:
            self._fake_runs.going_on.clear()
        return self._fake_runs(submission, dataset)


def test_a_learner_whose_notebook_is_executed_comes_first_and_a_stop_ends_the_waiting(fake_runs, made, tmp_path):
    desk = ClassDesk()
    with TURNS.turn(lambda: False, lambda _: None):
        desk.begin(uploads(made), tmp_path)
        wait_for(lambda: "Waiting for a turn: 1 ahead" in desk.state.progress.words)
        assert fake_runs.seen == []
        desk.stop()
        state = done(desk)
    assert (state.graded, state.error, fake_runs.seen) == (None, None, [])


def test_what_was_forgotten_meanwhile_does_not_come_back(fake_runs, made, tmp_path):
    desk = ClassDesk()
    fake_runs.going_on.clear()
    desk.begin(uploads(made), tmp_path)
    wait_for(lambda: fake_runs.seen)
    desk.forget()
    wait_for(fake_runs.closed.is_set)
    assert desk.state == class_desk.State()


def test_a_spark_that_does_not_start_is_a_sentence(fake_runs, made, tmp_path, monkeypatch):
    def fail():
        raise LabError("Spark did not start.", "See the doctor.")

    monkeypatch.setattr(fake_runs, "start", fail)
    desk = ClassDesk()
    desk.begin(uploads(made), tmp_path)
    assert str(done(desk).error) == "Spark did not start. See the doctor."
    assert list(tmp_path.iterdir()) == []


def test_what_nobody_has_thought_of_is_a_sentence_and_the_desk_goes_on(fake_runs, made, tmp_path, monkeypatch):
    desk = ClassDesk()
    with monkeypatch.context() as patch:
        patch.setattr(class_desk, "arrivals_in", lambda _: 1 / 0)
        desk.begin(uploads(made), tmp_path)
        assert "The grader itself failed (ZeroDivisionError)" in str(done(desk).error)
    desk.begin(uploads(made), tmp_path)
    assert len(done(desk).graded.grades) == 3


@pytest.mark.parametrize(
    "name", ["lab8.ipynb", "lab8.zip", "x" * 400 + ".ipynb", "con.ipynb", "a\x00b.ipynb", "..", "\ud800.zip"]
)
def test_whatever_a_file_holds_and_is_called_it_is_a_row_that_says_what_to_do(fake_runs, tmp_path, name):
    desk = ClassDesk()
    desk.begin([Upload(name, b"nothing of the kind")], tmp_path)
    state = done(desk)
    assert state.error is None
    [grade] = state.graded.grades
    assert grade.error
    assert not grade.is_graded


def test_nothing_and_too_much_are_refused_before_anything_is_written(tmp_path):
    with pytest.raises(LabError, match="no file to grade"):
        require_bearable([])
    with pytest.raises(LabError, match="501 files, more than 500"):
        require_bearable([Upload("a.ipynb", b"")] * (MAX_NOTEBOOKS + 1))
    with pytest.raises(LabError, match="120 MB"):
        require_bearable([Upload("a.zip", bytes(60_000_000))] * 2)


def test_a_zip_of_more_notebooks_than_a_class_has_is_refused(fake_runs, tmp_path):
    desk = ClassDesk()
    desk.begin([Upload("class.zip", zipped({f"{number}.ipynb": b"" for number in range(MAX_NOTEBOOKS + 1)}))], tmp_path)
    assert "There are 501 files; 500 are graded at once here." in str(done(desk).error)
