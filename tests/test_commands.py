"""The command line: `check` and `doctor` (`results` is in test_oracle)."""

import json
import socket
import subprocess
import sys
import time
from pathlib import Path
from types import SimpleNamespace

import psutil
import pytest
from patience import PATIENCE

from lab.__main__ import main
from lab.commands import doctor
from lab.errors import LabError
from lab.learner import trial
from lab.lesson.steps import EXERCISES, STEPS
from lab.settings import RUN_FOLDER
from lab.system import Memory

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def shared(classroom, monkeypatch):
    """Let the commands use this test run's Spark instead of starting one."""

    class Shared:
        root = classroom.engine.root
        run_folder = classroom.engine.run_folder

        def wait(self):
            return self.root

        def has_died(self):
            return False

        def stop(self):
            stopped.append(self)

    stopped = []
    monkeypatch.setattr("lab.commands.judging.lesson_engine", Shared)
    monkeypatch.setattr("lab.commands.doctor.lesson_engine", Shared)
    return stopped


def files(folder, *texts):
    paths = [folder / f"answer-{number}.py" for number in range(len(texts))]
    for path, text in zip(paths, texts, strict=True):
        path.write_text(text, encoding="utf-8")
    return [str(path) for path in paths]


def test_check_prints_a_json_object_a_line_and_says_with_its_exit_code_whether_all_passed(shared, tmp_path, capsys):
    wrong = "logSchema = 'serverID STRING, severity INT, timestamp DATE'"
    paths = files(tmp_path, STEPS["schema"].code, wrong, "logSchema = ??", "logSchema =\n  nothing")
    assert main(["check", "schema", *paths, "--json"]) == 1
    printed = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert [set(line) for line in printed] == [{"step", "file", "outcome", "mistake", "message", "line"}] * 4
    assert [line["outcome"] for line in printed] == ["passed", "wrong", "not attempted", "error"]
    assert [line["mistake"] for line in printed] == [None, "timestamp-type", None, None]
    assert [line["line"] for line in printed] == [None, None, 1, 1]
    assert [line["file"] for line in printed] == paths
    assert len(shared) == 1

    assert main(["check", "schema", paths[0]]) == 0
    assert capsys.readouterr().out == f"{paths[0]}: passed. {json.loads(json.dumps(printed[0]['message']))}\n"


@pytest.mark.parametrize(
    "step",
    [pytest.param(step, marks=pytest.mark.slow if step.streams else ()) for step in EXERCISES],
    ids=[step.id for step in EXERCISES],
)
def test_check_passes_the_solution_of_every_step(shared, tmp_path, capsys, step):
    assert main(["check", step.id, *files(tmp_path, step.code), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["outcome"] == "passed"


def test_check_that_cannot_run_exits_with_2(shared, tmp_path, capsys, monkeypatch):
    assert main(["check", "schema", str(tmp_path / "nothing.py")]) == 2
    assert "nothing.py: No such file or directory" in capsys.readouterr().err
    (tmp_path / "bytes.py").write_bytes(b"\xff")
    assert main(["check", "schema", str(tmp_path / "bytes.py")]) == 2
    assert "not text in UTF-8" in capsys.readouterr().err

    def fail(_):
        raise LabError("There is no Java for Spark.", "Install it.")

    monkeypatch.setattr("lab.commands.judging.lesson_engine.wait", fail)
    assert main(["check", "schema", *files(tmp_path, "a")]) == 2
    assert "There is no Java for Spark. Install it." in capsys.readouterr().err
    with pytest.raises(SystemExit) as ended:
        main(["check", "nonsense", "x"])
    assert ended.value.code == 2


@pytest.mark.parametrize(
    ("error", "words"),
    [
        (LabError("Spark has ended.", "Start it, then try again."), "Spark has ended. Start it"),
        # Java has ended since the answer before, and nobody has noticed yet.
        (ConnectionRefusedError(111, "Connection refused"), "Spark has stopped. Bring it back"),
    ],
)
def test_an_answer_at_which_check_could_not_run_loses_none_after_it(
    shared, tmp_path, capsys, monkeypatch, error, words
):
    paths = files(tmp_path, "ends Spark", STEPS["schema"].code)
    examine = trial.examine

    def end_spark(step, text, *more):
        if text == "ends Spark":
            raise error
        return examine(step, text, *more)

    monkeypatch.setattr(trial, "examine", end_spark)
    assert main(["check", "schema", *paths]) == 2
    said = capsys.readouterr()
    assert f"{paths[0]}: {words}" in said.err
    assert said.out.startswith(f"{paths[1]}: passed.")


@pytest.mark.slow
def test_the_answer_after_one_in_which_java_has_ended_is_checked_on_a_new_spark(tmp_path, monkeypatch):
    # It writes a file when its query runs, and then waits for a minute; if Java ends, it waits no longer.
    waits = """
query = streamingLogData.writeStream.format("memory").queryName("held").start()
spark.read.csv(s3_log_data_uri).write.csv(s3_lab9_output_uri + "begun")
for each in range(6):
    query.awaitTermination(10)
"""
    step = STEPS["volume-report"]
    paths = files(tmp_path, waits, step.code)
    folder = tmp_path / "run"
    monkeypatch.setenv(RUN_FOLDER, str(folder))
    command = [sys.executable, "-m", "lab", "check", step.id, *paths]
    with subprocess.Popen(
        command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, encoding="utf-8"
    ) as check:
        deadline = time.monotonic() + 180 * PATIENCE
        while not list(folder.glob("*/*/Lab9Output/begun/_SUCCESS")):
            assert check.poll() is None, check.stderr.read()
            assert time.monotonic() < deadline
            time.sleep(0.05)
        for child in psutil.Process(check.pid).children(recursive=True):
            if child.name().startswith("java"):
                child.kill()
        printed, said = check.communicate(timeout=180 * PATIENCE)
    assert check.returncode == 2
    assert f"{paths[0]}: Spark has stopped. Bring it back, then try again; your place is kept." in said
    assert printed == f"{paths[1]}: passed. {step.passed}\n"


@pytest.mark.parametrize("command", [[], ["check"], ["doctor"], ["results"]])
def test_every_command_has_help(command, capsys):
    with pytest.raises(SystemExit) as ended:
        main([*command, "--help"])
    assert ended.value.code == 0
    assert "usage: python -m lab" in capsys.readouterr().out


def test_doctor_finds_this_machine_well(shared, capsys):
    assert main(["doctor"]) == 0
    printed = capsys.readouterr().out
    for what in ("Python", "pyspark", "Java", "Disk", "Memory", "Port", "Store", "Spark"):
        assert f"  {what} " in printed
    assert "MISSING" not in printed
    assert printed.endswith("The lab can run.\n")


def test_doctor_says_what_is_missing_and_what_to_do(capsys, monkeypatch):
    def no_java():
        raise LabError("There is no Java for Spark.", "Run: pip install -r requirements.txt")

    monkeypatch.setattr(doctor, "find_java", no_java)
    monkeypatch.setattr(doctor.shutil, "disk_usage", lambda _: SimpleNamespace(free=1000))
    monkeypatch.setattr(doctor, "memory", lambda: Memory(4000, 1000))
    monkeypatch.setenv("LAB_STORE", "nonsense")
    assert main(["doctor", "--no-start"]) == 1
    printed = capsys.readouterr().out
    assert "MISSING  Java        There is no Java for Spark." in printed
    assert "pip install -r requirements.txt" in printed
    assert "set LAB_RUN_FOLDER to a folder on another disk" in printed
    assert "close other programs" in printed
    assert "LAB_STORE names no database" in printed
    assert printed.endswith("4 things missing: see above.\n")


def test_doctor_knows_that_a_port_in_use_is_no_hindrance(monkeypatch):
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        monkeypatch.setattr(doctor, "PORT", taken.getsockname()[1])
        assert doctor._port().state == "note"
