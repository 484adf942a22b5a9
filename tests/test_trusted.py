"""Grading in a real kernel (`--trust`), with its own JVM."""

import os
import re

import pytest
from notebooks import insert, notebook, read_submission, save, without

from lab.dataset import SHIPPED
from lab.handin.grader.trusted import KernelRuns
from lab.handin.grader.verdicts import verdict
from lab.lesson.results import GROUPS


@pytest.fixture
def run(tmp_path, monkeypatch):
    monkeypatch.setenv("A_SECRET_OF_THE_TEACHER", "x")
    (tmp_path / "runs").mkdir()

    def again(made, seconds):
        submission = read_submission(save(tmp_path, made))
        return KernelRuns(tmp_path / "runs", seconds)(submission, SHIPPED)

    yield again
    assert list((tmp_path / "runs").iterdir()) == []


@pytest.mark.slow
def test_what_only_a_real_kernel_can_do_is_done_and_the_reports_are_seen(run):
    made = insert(
        without(notebook(), "volume-deliver-second", "log-deliver-second"),
        "schema",
        "import time\nclass Anything:\n    pass\ntime.sleep(3600)",
        "%time import os\nassert 'A_SECRET_OF_THE_TEACHER' not in os.environ",
        "raise ValueError('no reason')",
    )
    rerun = run(made, 240)
    verdicts = [verdict(group, rerun, SHIPPED) for group in GROUPS]
    assert [each and each.right for each in verdicts] == [True, None, True, None]
    assert [each.sentence for each in rerun.failed] == ["Python says: ValueError: no reason"]
    assert rerun.ended == ""
    assert "A_SECRET_OF_THE_TEACHER" in os.environ


@pytest.mark.slow
def test_what_a_kernel_writes_past_its_cells_stays_away_from_whoever_grades(run, capfd):
    past = "import os\nfrom ipykernel.kernelapp import IPKernelApp\nIPKernelApp.instance().log.error('forged')\nos._exit(1)"
    assert "has ended" in run(insert(notebook(), "schema", past), 100).ended
    assert "forged" not in "".join(capfd.readouterr())


@pytest.mark.slow
def test_a_kernel_that_hangs_or_ends_is_given_up(run):
    ended = run(insert(notebook(), "schema", "while True:\n    pass"), 2).ended
    assert "was not done after 2 seconds" in ended
    # The number counts the notebook's cells, not those that the grader has inserted.
    assert re.search(r"it was in cell \d+( \(|$)", ended)
    assert "has ended" in run(insert(notebook(), "schema", "import os\nos._exit(1)"), 100).ended
