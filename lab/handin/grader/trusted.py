"""The rerun of a notebook in a real kernel, which does whatever the code says: only for trusted notebooks."""

import json
import re
import tempfile
from dataclasses import dataclass, replace
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from nbformat import NotebookNode, v4

from lab.dataset import Dataset
from lab.engine.failures import explain
from lab.engine.observe import Table
from lab.errors import LabError
from lab.handin.execute import Execution
from lab.handin.grader.kernel_recorder import FILE, SECONDS
from lab.handin.grader.rerun import FailedCell, Rerun, Snapshot
from lab.handin.grader.submission import Submission
from lab.handin.outline import setup_cells

_BEGIN: Final = "from lab.handin.grader.kernel_recorder import KernelRecorder as _\n_lab_recorder = _(globals())"
_AFTER: Final = "_lab_recorder.after_cell()"
_SPARKS: Final = ("pyspark", "AnalysisException", "StreamingQueryException", "Py4JJavaError", "ParseException")
_CELL: Final = "cell-"
_FILE: Final = re.compile(r"\(\d+\.py, line (\d+)\)")
_LINE: Final = r"(line \1)"
_NO_NAME: Final = re.compile(r"name '(\w+)' is not defined")


@dataclass(frozen=True)
class KernelRuns:
    """Runs notebooks in kernels, each with a JVM of its own, below a folder; see `grade.RunsAgain`."""

    folder: Path
    time_limit: float

    def __call__(self, submission: Submission, dataset: Dataset) -> Rerun:
        """Run a notebook; if its execution fails or times out, `ended` of the rerun says why."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            seen = Path(folder, "seen.json")
            notebook = _instrumented(submission, dataset)
            ended = ""
            failed: tuple[FailedCell, ...] = ()
            try:
                executed = Execution(
                    notebook,
                    Path(folder),
                    "python3",
                    self.time_limit,
                    lambda number, _: _place(submission, notebook, number),
                ).run(variables={FILE: str(seen), SECONDS: str(self.time_limit)})
                failed = _failed(submission, executed)
            except LabError as error:
                ended = error.what.rstrip(".")
            found = _read(seen)
            return replace(found, failed=failed, ended=ended)


def _instrumented(submission: Submission, dataset: Dataset) -> NotebookNode:
    """Return the notebook with the grader's own setup cells, and a call of the recorder after each cell."""
    cells = [v4.new_code_cell(cell.source) for cell in setup_cells(dataset)]
    cells.append(v4.new_code_cell(_BEGIN))
    for cell in submission.cells:
        ids = (f"{_CELL}{cell.number}-{part}" for part in range(len(cell.in_kernel)))
        cells.extend(v4.new_code_cell(source, id=each) for each, source in zip(ids, cell.in_kernel, strict=True))
        cells.append(v4.new_code_cell(_AFTER))
    notebook: NotebookNode = v4.new_notebook(cells=cells)
    return notebook


def _place(submission: Submission, notebook: NotebookNode, number: int) -> str:
    """Return in words the submission's cell at or after cell `number` (from 1) of the instrumented notebook."""
    later = [cell.id for cell in notebook.cells[max(0, number - 1) :]]
    cells = {f"{_CELL}{cell.number}-0": cell for cell in submission.cells}
    return next((cells[each].place for each in later if each in cells), "its last cell")


def _failed(submission: Submission, executed: NotebookNode) -> tuple[FailedCell, ...]:
    cells = {f"{_CELL}{cell.number}-0": cell for cell in submission.cells if not cell.is_setup}
    return tuple(
        FailedCell(
            cells[cell.id],
            _sentence(output.get("ename", ""), output.get("evalue", "")),
            undefined=_undefined(output.get("ename", ""), output.get("evalue", "")),
        )
        for cell in executed.cells
        if cell.id in cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    )


def _sentence(name: str, value: str) -> str:
    if name.endswith(_SPARKS):
        return explain(f"{name}: {value}").sentence
    first, _, _ = value.partition("\n")
    # For a syntax error, IPython names a temporary file: show only the line.
    return f"Python says: {name}: {_FILE.sub(_LINE, first)[:300]}"


def _undefined(name: str, value: str) -> str:
    """Return the undefined name in Python's message of a NameError; empty for other errors."""
    found = _NO_NAME.match(value) if name == NameError.__name__ else None
    return found[1] if found else ""


def _read(path: Path) -> Rerun:
    """Return what the recorder has written; an empty rerun if the file is missing, or the notebook has replaced it."""
    try:
        seen: Any = json.loads(path.read_text(encoding="utf-8"))
        snapshots = tuple(
            Snapshot(
                frozenset(map(str, each["live"])),
                _table(each["volume"]),
                None
                if each["log"] is None
                else tuple((int(batch), str(server), time) for batch, server, time in each["log"]),
            )
            for each in seen["snapshots"]
        )
        queries = {str(name): str(state) for name, state in seen["queries"].items()}
        other_sinks = frozenset(map(str, seen["other_sinks"]))
        late = ("A query did not read in time what had been delivered.",) if seen["late"] else ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return Rerun()
    return Rerun(snapshots, queries=MappingProxyType(queries), notes=late, other_sinks=other_sinks)


def _table(value: Any) -> Table | None:
    if value is None:
        return None
    return Table(tuple(map(str, value["columns"])), tuple(map(tuple, value["rows"])), bool(value["truncated"]))
