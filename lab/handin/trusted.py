"""Runs a notebook again in a real kernel, which does whatever the code says: for notebooks that are trusted."""

import json
import re
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

from nbformat import NotebookNode, v4

from lab.dataset import Dataset
from lab.engine.failures import explain
from lab.engine.observe import Table
from lab.errors import LabError
from lab.handin.execute import Execution
from lab.handin.kernel_recorder import FILE, SECONDS
from lab.handin.outline import setup_cells
from lab.handin.rerun import FailedCell, Rerun, Snapshot
from lab.handin.submission import Submission

_BEGIN: Final = "from lab.handin.kernel_recorder import KernelRecorder as _\n_lab_recorder = _(globals())"
_AFTER: Final = "_lab_recorder.after_cell()"
_SPARKS: Final = ("pyspark", "AnalysisException", "StreamingQueryException", "Py4JJavaError", "ParseException")
_CELL: Final = "cell-"
_FILE: Final = re.compile(r"\(\d+\.py, line (\d+)\)")
_LINE: Final = r"(line \1)"


@dataclass(frozen=True)
class KernelRuns:
    """Runs notebooks in kernels, each with a JVM of its own, below a folder; see `grader.RunsAgain`."""

    folder: Path
    time_limit: float

    def __call__(self, submission: Submission, dataset: Dataset) -> Rerun:
        """Run it; raises LabError when Java cannot be started."""
        with tempfile.TemporaryDirectory(dir=self.folder) as folder:
            seen = Path(folder, "seen.json")
            notebook = _instrumented(submission, dataset)
            ended = ""
            failed: tuple[FailedCell, ...] = ()
            try:
                executed = Execution(notebook, Path(folder), "python3", self.time_limit).run(
                    variables={FILE: str(seen), SECONDS: str(self.time_limit)}
                )
                failed = _failed(submission, executed)
            except LabError as error:
                ended = error.what.rstrip(".")
            snapshots, queries, notes = _read(seen)
            return Rerun(snapshots, failed, queries, ended, notes)


def _instrumented(submission: Submission, dataset: Dataset) -> NotebookNode:
    """The notebook with the grader's own setup, and a look at the reports after each cell."""
    cells = [v4.new_code_cell(cell.source) for cell in setup_cells(dataset)]
    cells.append(v4.new_code_cell(_BEGIN))
    for cell in submission.cells:
        ids = (f"{_CELL}{cell.number}-{part}" for part in range(len(cell.in_kernel)))
        cells.extend(v4.new_code_cell(source, id=each) for each, source in zip(ids, cell.in_kernel, strict=True))
        cells.append(v4.new_code_cell(_AFTER))
    notebook: NotebookNode = v4.new_notebook(cells=cells)
    return notebook


def _failed(submission: Submission, executed: NotebookNode) -> tuple[FailedCell, ...]:
    cells = {f"{_CELL}{cell.number}-0": cell for cell in submission.cells if not cell.is_setup}
    return tuple(
        FailedCell(cells[cell.id], _sentence(output.get("ename", ""), output.get("evalue", "")))
        for cell in executed.cells
        if cell.id in cells
        for output in cell.get("outputs", ())
        if output.output_type == "error"
    )


def _sentence(name: str, value: str) -> str:
    if name.endswith(_SPARKS):
        return explain(f"{name}: {value}").sentence
    first, _, _ = value.partition("\n")
    # Of a syntax error IPython names a file that nobody has.
    return f"Python says: {name}: {_FILE.sub(_LINE, first)[:300]}"


def _read(path: Path) -> tuple[tuple[Snapshot, ...], Mapping[str, str], tuple[str, ...]]:
    """What the recorder has seen; nothing if the notebook has put something else into its place."""
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
        late = ("A query did not read in time what had been delivered.",) if seen["late"] else ()
    except (OSError, ValueError, TypeError, KeyError, AttributeError):
        return (), MappingProxyType({}), ()
    return snapshots, MappingProxyType(queries), late


def _table(value: Any) -> Table | None:
    if value is None:
        return None
    return Table(tuple(map(str, value["columns"])), tuple(map(tuple, value["rows"])), bool(value["truncated"]))
