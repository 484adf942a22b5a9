"""Notebooks executed for real: in the lab's kernel, and in an ordinary Jupyter."""

import asyncio
import os
import re
import shutil
import subprocess
import sys
import threading
from pathlib import Path

import nbformat
import pytest
from nbformat import v4

from lab import oracle
from lab.dataset import SHIPPED
from lab.errors import LabError
from lab.handin.execute import Cancelled, Execution
from lab.handin.notebook import to_bytes, to_notebook
from lab.handin.outline import SETUP_CELLS, Content, digests_of, setup_cells
from lab.lesson.steps import EXERCISES
from lab.variants import variant

OWN = variant("0123456789abcdef")
SOLUTIONS = {step.id: step.code for step in EXERCISES}
WITHOUT_JAVA = "no Java is installed; on Debian: apt-get install openjdk-17-jre-headless"


def text_of(cell):
    # Spark writes a progress bar to stderr, which is not the cell's output.
    return "".join(
        output.get("text", output.get("evalue", "")) for output in cell.outputs if output.get("name") != "stderr"
    )


def outputs(notebook):
    return {cell.id: text_of(cell) for cell in notebook.cells if cell.cell_type == "code"}


def failed(notebook):
    return {
        cell.id: output
        for cell in notebook.cells
        if cell.cell_type == "code"
        for output in cell.outputs
        if output.output_type == "error"
    }


def volumes(text):
    return {server: float(volume) for server, volume in re.findall(r"\|\s*(s\d)\|\s*([\d.E-]+)\|", text)}


def expected_volumes(dataset, pairs):
    files = [file for batch in dataset.batches(pairs) for file in batch]
    return oracle.volume_report(files)


def expected_log(dataset, pairs):
    return [f"{server} {timestamp}" for server, timestamp in oracle.sev0_log(dataset.batches(pairs))]


def assert_gives_the_reports(notebook, dataset):
    assert failed(notebook) == {}
    shown = outputs(notebook)
    assert volumes(shown["volume-show"]) == {}
    assert volumes(shown["volume-show-first"]) == pytest.approx(expected_volumes(dataset, 1))
    assert volumes(shown["volume-show-second"]) == pytest.approx(expected_volumes(dataset, 2))
    for pairs, cell in ((1, "log-show-first"), (2, "log-show-second")):
        # A pair may be read in two batches; each batch is then sorted separately.
        assert sorted(shown[cell].splitlines()) == sorted(expected_log(dataset, pairs))
    assert "queries running: 0" in shown["stop"]


def of_cells(*sources):
    """Return a notebook with the lab's set-up, followed by a learner's cells."""
    cells = [v4.new_code_cell(cell.source, id=cell.id) for cell in setup_cells(SHIPPED)]
    return v4.new_notebook(
        cells=[*cells, *(v4.new_code_cell(source, id=f"cell-{number}") for number, source in enumerate(sources))]
    )


@pytest.mark.slow
def test_a_learner_s_notebook_gives_the_reports_of_their_log_files(tmp_path):
    said = []
    notebook = to_notebook(Content(OWN, "Zoë", SOLUTIONS))
    executed = Execution(notebook, tmp_path).run(said.append, {SETUP_CELLS: digests_of(OWN)})
    assert_gives_the_reports(executed, OWN)
    assert [cell.source for cell in executed.cells] == [cell.source for cell in notebook.cells]
    # Only a copy was executed, and its folder is gone.
    assert not any(cell.get("outputs") for cell in notebook.cells)
    assert list(tmp_path.iterdir()) == []
    assert said[0].total == 0
    assert [step.done for step in said[1:]] == list(range(said[-1].total))
    nbformat.validate(nbformat.reads(to_bytes(executed).decode(), 4))


HOSTILE = (
    "import os\nos.system('touch PWNED')",
    "__import__('os').system('touch PWNED')",
    "open('PWNED', 'w')",
    "builder",
    "hadoop",
    "files_below('/')",
    "spark.read.text('/etc/passwd').show()",
    "spark._jvm.java.lang.System.exit(1)",
    "copy_s3_file_to_live_folder('../../../../../../../../etc/passwd')",
    "copy_s3_file_to_live_folder('/etc/passwd')",
    "copy_s3_file_to_live_folder.__globals__['os']",
    "exec('x = 1')",
    "!touch PWNED",
    "%run PWNED",
    "%%bash\ntouch PWNED",
)


@pytest.mark.slow
def test_whatever_a_learner_writes_the_kernel_is_no_shell(tmp_path, monkeypatch):
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "a secret")
    unfinished = ("volumeReportDataFrame = streamingLogData.??", "undefined", "1 / 0", "print('before')\nundefined")
    last = "print('still here')"
    # A set-up cell with any change counts as a learner's cell.
    cells = of_cells(*HOSTILE, *unfinished, last)
    cells.cells.insert(5, v4.new_code_cell(f"{setup_cells(SHIPPED)[0].source}\n# mine", id="changed"))
    notebook = Execution(cells, tmp_path).run()
    got = failed(notebook)
    assert "'cwd' of a function" in got.pop("changed").evalue
    assert set(got) == {f"cell-{number}" for number in range(len(HOSTILE) + len(unfinished))}
    assert outputs(notebook)[f"cell-{len(HOSTILE) + len(unfinished)}"] == "still here\n"
    assert "line 1" in got[f"cell-{len(HOSTILE)}"].traceback[0]
    assert outputs(notebook)[f"cell-{len(HOSTILE) + 3}"].startswith("before\n")
    assert not list(Path.cwd().rglob("PWNED"))
    assert "a secret" not in nbformat.writes(notebook)
    assert not list(tmp_path.iterdir())


def test_a_kernel_that_ends_as_it_starts_is_a_sentence(tmp_path, monkeypatch):
    (tmp_path / "work").mkdir()
    # A module that only prints some lines, and ends.
    monkeypatch.setattr("lab.handin.execute._MODULES", {"lab": "this"})
    with pytest.raises(LabError, match="has ended"):
        asyncio.run(Execution(of_cells(), tmp_path)._execute(tmp_path, dict(os.environ), lambda _: None))


def processes_below(folder):
    shown = subprocess.run(["ps", "-ww", "-eo", "args"], capture_output=True, text=True, check=True).stdout
    return [line for line in shown.splitlines() if str(folder) in line]


@pytest.mark.slow
def test_it_can_be_cancelled_while_a_cell_is_running(tmp_path):
    waits = of_cells("import time\ntime.sleep(10)", "time.sleep(10)", "time.sleep(10)")
    execution = Execution(waits, tmp_path)
    cells, outcome = threading.Event(), []

    def say(progress):
        if progress.done == len(waits.cells) - 3:
            cells.set()

    def run():
        try:
            outcome.append(execution.run(say))
        except Cancelled as cancelled:
            outcome.append(cancelled)

    thread = threading.Thread(target=run)
    thread.start()
    assert cells.wait(60)
    assert processes_below(tmp_path)
    execution.cancel()
    thread.join(20)
    assert [type(what) for what in outcome] == [Cancelled]
    assert processes_below(tmp_path) == []
    assert list(tmp_path.iterdir()) == []


def test_cancelled_before_it_began_it_starts_nothing(tmp_path):
    execution = Execution(of_cells(), tmp_path)
    execution.cancel()
    with pytest.raises(Cancelled):
        execution.run()
    assert list(tmp_path.iterdir()) == []


@pytest.mark.slow
def test_what_takes_too_long_is_ended_and_told(tmp_path):
    with pytest.raises(LabError, match="not done after 4 seconds; it was in cell"):
        Execution(of_cells("import time\ntime.sleep(10)", "time.sleep(10)"), tmp_path, seconds=4).run()
    assert processes_below(tmp_path) == []


def plain_jupyter(notebook, folder):
    """Execute a notebook without the lab's packages, in a folder whose name has a space."""
    (folder / "lab8.ipynb").write_bytes(to_bytes(notebook))
    program = (
        "import nbformat, nbclient\n"
        "notebook = nbformat.read('lab8.ipynb', 4)\n"
        "nbclient.NotebookClient(notebook, timeout=180).execute()\n"
        "nbformat.write(notebook, 'out.ipynb')\n"
    )
    environment = {"PATH": f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}", "HOME": str(folder)}
    subprocess.run([sys.executable, "-P", "-c", program], cwd=folder, env=environment, check=True, capture_output=True)
    return nbformat.read(folder / "out.ipynb", 4)


@pytest.mark.slow
@pytest.mark.skipif(shutil.which("java") is None, reason=WITHOUT_JAVA)
def test_it_runs_in_anybody_s_jupyter_twice_in_one_folder(tmp_path):
    folder = tmp_path / "my lab"
    folder.mkdir()
    # Leftovers of an earlier run with a mistake: output, a checkpoint, a delivered file.
    for place in ("LogDataLive/s115.csv", "Lab9Output/checkpoint/commits/0", "Lab9Output/sev0/batch=0/part-0.csv"):
        (folder / "lab8" / place).parent.mkdir(parents=True)
        (folder / "lab8" / place).write_text("s1,0,1\n")
    notebook = to_notebook(Content(SHIPPED, "Ada", SOLUTIONS))
    assert_gives_the_reports(plain_jupyter(notebook, folder), SHIPPED)
    assert {path.name: path.read_bytes() for path in (folder / "lab8" / "LogData").glob("*.csv")} == dict(
        SHIPPED.contents
    )
