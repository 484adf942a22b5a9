"""Notebooks run in a separate process; if that ends, only one notebook loses its grade."""

import sys
import threading
from multiprocessing import Pipe
from types import ModuleType

import psutil
import pytest
from notebooks import notebook, read_submission, save

from lab.dataset import SHIPPED
from lab.engine.java import JvmEndedError
from lab.errors import LabError
from lab.handin.grader.process_runs import ProcessRuns, _how, _send


@pytest.fixture
def process_runs(monkeypatch):
    # The other process begins with this one's main module, which an earlier page test may have set to the app.
    monkeypatch.setitem(sys.modules, "__main__", ModuleType("__main__"))
    process_runs = ProcessRuns(60.0)
    yield process_runs
    process_runs.close()


@pytest.mark.slow
def test_a_process_that_ends_costs_one_notebook_its_grade(process_runs, tmp_path):
    submission = read_submission(save(tmp_path, notebook()))
    before = set(psutil.Process().children(recursive=True))
    process_runs.start()

    def end():
        process_runs._process.kill()

    killing = threading.Timer(0.5, end)
    killing.start()
    with pytest.raises(LabError, match=r"was ended \((SIGKILL|exit code \d+)\)"):
        process_runs(submission, SHIPPED)
    killing.join()
    # The next notebook gets a new process and a new Spark.
    assert len(process_runs(submission, SHIPPED).snapshots) > 0
    process_runs.close()
    left = psutil.wait_procs(set(psutil.Process().children(recursive=True)) - before, timeout=60)[1]
    assert [process for process in left if "java" in process.name()] == []


def test_a_spark_that_does_not_start_is_a_sentence(process_runs, monkeypatch):
    monkeypatch.setenv("LAB_CONFINE", "perhaps")
    with pytest.raises(LabError, match=r"LAB_CONFINE is 'perhaps'\."):
        process_runs.start()


def test_what_cannot_be_sent_is_said_and_nobody_waits_for_it():
    ours, theirs = Pipe()
    _send(theirs, threading.Lock())
    assert "cannot be sent" in str(ours.recv())
    _send(theirs, JvmEndedError("Java has ended.", "Start it again.", "its log"))
    answer = ours.recv()
    assert (type(answer), answer.what, answer.advice) == (LabError, "Java has ended.", "Start it again.")
    ours.close()
    _send(theirs, "to nobody")


def test_how_a_process_ended_is_said():
    assert _how(-11) == "SIGSEGV"
    assert _how(139) == "exit code 139"
    assert _how(None) == "exit code None"
