"""A notebook as it was handed in, read and taken apart; nothing of it is executed."""

import hashlib
import html
import json
import re
import stat
import warnings
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import MappingProxyType
from typing import Any, Final

import nbformat
from nbformat import reader

from lab.errors import LabError
from lab.handin.grader.student_cells import CodeCell, code_cell
from lab.handin.notebook import about
from lab.handin.outline import RESULT
from lab.handin.receipt import fits
from lab.lesson.results import GROUPS

MAX_BYTES: Final = 10_000_000
MAX_CELLS: Final = 2_000
MAX_OUTPUTS: Final = 2_000
MAX_CLAIM: Final = 20_000
MAX_NAME: Final = 100
SUFFIX: Final = ".ipynb"

_AGAIN: Final = "Ask for the file as Jupyter saves it, with the ending .ipynb."
_CHANGED: Final = "It has been changed since the lab made it: its receipt does not fit."
_FILE_NAME: Final = re.compile(r"lab8-(?P<name>.+?)(?:[ -]?\(\d+\))?\.ipynb", re.IGNORECASE)
# Each part is looked at once, whatever the text: nobody hands in a cell that takes hours to be searched.
# The handout itself asks for "a <pre> tag" in the cell of each result: of two that follow each other the second begins it.
_PRE: Final = re.compile(r"<pre\b[^<>]*>(?P<text>(?:(?!<pre\b).)*?)(?:</pre\s*>|\Z)", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^```[^\n]*\n(?P<text>.*?)^```", re.DOTALL | re.MULTILINE)


@dataclass(frozen=True)
class Submission:
    """One notebook: whose it is, its code cells, and the results that it claims, by the ids of their groups.

    `learner` is by the metadata, else by the file's name, else empty; `named` is what the file's name says. `seed` is
    what the metadata says of the log files, empty if it says nothing. `digest` is a hash of the file's bytes.
    """

    file: str
    learner: str
    named: str
    seed: str
    cells: tuple[CodeCell, ...]
    claims: Mapping[str, str] = field(repr=False)
    notes: tuple[str, ...]
    digest: str

    @property
    def steps(self) -> tuple[CodeCell, ...]:
        """The code cells that are no setup."""
        return tuple(cell for cell in self.cells if not cell.is_setup)


def read_submission(path: Path) -> Submission:
    """Read a notebook; raises LabError with what is wrong with the file."""
    return parse_submission(path.name, _read(path))


def parse_submission(name: str, data: bytes) -> Submission:
    """A notebook by its file's name and content; raises LabError likewise."""
    notebook = _parse(name, data)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if not code:
        raise LabError(f"{name} has no cell with code.", "Ask for the notebook that the learner has worked in.")
    cells = tuple(code_cell(number, str(cell.get("id", "")), cell.source) for number, cell in enumerate(code, start=1))
    changed = (_CHANGED,) if fits(notebook) is False else ()
    known, named = about(notebook), name_in(name)
    return Submission(
        file=name,
        learner=_name(known.get("learner")) or named,
        named=named,
        seed=str(known.get("seed", ""))[:MAX_NAME],
        cells=cells,
        claims=MappingProxyType(_claims(notebook)),
        notes=(*changed, *(note for cell in cells for note in cell.notes)),
        digest=hashlib.sha256(data).hexdigest(),
    )


def _read(path: Path) -> bytes:
    try:
        if path.is_dir():
            raise LabError(f"There is no notebook in the folder {path.name}.", f"Name files that end in {SUFFIX}.")
        found = path.stat()
        # Of a pipe nothing may ever come, and of a device no end.
        if not stat.S_ISREG(found.st_mode):
            raise LabError(f"{path.name} is not a file.", _AGAIN)
        size = found.st_size
        if size > MAX_BYTES:
            raise LabError(
                f"{path.name} has {size / 1e6:.0f} MB, more than the {MAX_BYTES // 1_000_000} MB of a notebook of this lab.",
                "Ask for it without large outputs.",
            )
        return path.read_bytes()
    except FileNotFoundError as error:
        raise LabError(f"There is no file {path.name}.", "Check the name.") from error
    except OSError as error:
        raise LabError(f"{path.name} cannot be read: {error.strerror}.", "Check the file and its rights.") from error


def _parse(name: str, data: bytes) -> Any:
    if not data.strip():
        raise LabError(f"{name} is empty.", _AGAIN)
    try:
        text = data.decode("utf-8-sig")
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LabError(f"{name} is not JSON, which every notebook is; it may be damaged.", _AGAIN) from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise LabError(f"{name} is JSON, but not a notebook.", _AGAIN)
    cells = content.get("cells")
    if isinstance(cells, list) and len(cells) > MAX_CELLS:
        raise LabError(f"{name} has {len(cells):,} cells, the notebook of this lab has about 50.", _AGAIN)
    # To say what is wrong with one takes a thousandth of a second, and some memory.
    if (outputs := _outputs(content)) > MAX_OUTPUTS:
        raise LabError(f"{name} has {outputs:,} outputs, the notebook of this lab has about 50.", _AGAIN)
    try:
        with warnings.catch_warnings():
            # Of ids that are missing or there twice; both are no harm.
            warnings.simplefilter("ignore")
            notebook = reader.reads(text)
            if content["nbformat"] != nbformat.current_nbformat:
                notebook = nbformat.convert(notebook, nbformat.current_nbformat)
            nbformat.validate(notebook)
    except Exception as error:  # an older format fails to be converted in any way
        where = str(error).strip().partition("\n")[0][:200] or type(error).__name__
        raise LabError(f"{name} is not a valid notebook: {where.rstrip('.')}.", _AGAIN) from error
    return notebook


def _outputs(content: Any) -> int:
    """How many outputs there are in a notebook of any format; those before 4 have their cells in worksheets."""
    sheets = [content, *_inside(content, "worksheets")]
    return sum(len(_inside(cell, "outputs")) for sheet in sheets for cell in _inside(sheet, "cells"))


def _inside(part: Any, name: str) -> list[Any]:
    """A list in a part of a file that may be anything."""
    found = part.get(name) if isinstance(part, dict) else None
    return found if isinstance(found, list) else []


def name_in(file: str) -> str:
    """The learner's name in the name of a file; empty if there is none."""
    found = _FILE_NAME.search(file)
    # What a file is called that nobody has put a name to.
    return _name(found["name"]) if found and found["name"].upper() != "YOURNAME" else ""


def _name(value: object) -> str:
    return " ".join(value.split())[:MAX_NAME] if isinstance(value, str) else ""


def _claims(notebook: Any) -> dict[str, str]:
    """The claimed results: by the ids of their cells, else those of the last four cells of text."""
    texts = [(str(cell.get("id", "")), cell.source) for cell in notebook.cells if cell.cell_type == "markdown"]
    by_id = {cell_id.removeprefix(RESULT): text for cell_id, text in texts if cell_id.startswith(RESULT)}
    if not any(group.id in by_id for group in GROUPS):
        marked = [text for _, text in texts if _PRE.search(text)]
        last = (marked if len(marked) >= len(GROUPS) else [text for _, text in texts])[-len(GROUPS) :]
        by_id = dict(zip((group.id for group in GROUPS[-len(last) :]), last, strict=True)) if last else {}
    return {group.id: _claim(by_id.get(group.id, "")) for group in GROUPS}


def _claim(text: str) -> str:
    found = [each["text"] for each in _PRE.finditer(text)] or [each["text"] for each in _FENCE.finditer(text)]
    return html.unescape("\n".join(found)).strip()[:MAX_CLAIM]
