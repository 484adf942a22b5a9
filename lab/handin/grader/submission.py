"""The parser of a handed-in notebook; nothing of it is executed."""

import hashlib
import json
import re
import warnings
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Final

import nbformat
from nbformat import v4

from lab.errors import LabError
from lab.handin.grader.arrivals import AGAIN, Arrival, bytes_of
from lab.handin.grader.claims import claims_of
from lab.handin.grader.owners import MAX_NAME, owner_in
from lab.handin.grader.repair import NotReadableError, decoded, in_format_4, repaired
from lab.handin.grader.student_cells import CodeCell, code_cell
from lab.handin.notebook import METADATA, about
from lab.handin.receipt import fits
from lab.lesson.steps import EXERCISES

MAX_CELLS: Final = 2_000
MAX_OUTPUTS: Final = 10_000
SUFFIX: Final = ".ipynb"

# The lab's own notebooks have about 50.
_MAX_HASHED: Final = 2_000
_FORMATS: Final = (1, 2, 3, nbformat.current_nbformat)
# The variables that the answers define.
_ANSWERS: Final = tuple(step.variable for step in EXERCISES if step.variable)
_CHANGED: Final = "It has been changed since the lab made it: its receipt does not fit."


@dataclass(frozen=True)
class Submission:
    """One notebook: its learner, its code cells, and the results that it claims, by the ids of their result groups.

    `file` may begin with folders. `learner` comes from the metadata, else from the file's name, else from the platform,
    else it is empty; `named` is the learner's name in the file's name. `pictures` are the ids of the groups whose claim
    is a picture, which only a person can read. `seed` is that of the log files in the metadata, empty if there is none.
    `digest` is a hash of the file's bytes.
    """

    file: str
    learner: str
    named: str
    seed: str
    cells: tuple[CodeCell, ...]
    claims: Mapping[str, str] = field(repr=False)
    notes: tuple[str, ...]
    digest: str
    pictures: frozenset[str] = frozenset()

    @property
    def steps(self) -> tuple[CodeCell, ...]:
        """The code cells that are not setup."""
        return tuple(cell for cell in self.cells if not cell.is_setup)


def read_arrival(arrival: Arrival) -> Submission:
    """Read the notebook of an arrival; raise LabError with what is wrong with the file."""
    return parse_submission(arrival.file, bytes_of(arrival))


def parse_submission(file: str, data: bytes) -> Submission:
    """Parse a notebook from its content and its file's name, with the folders if they say whose it is.

    Raises LabError with what is wrong with the file.
    """
    name = file.rpartition("/")[2]
    found, odd = _loaded(name, data)
    notebook, mended = _notebook(name, found)
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.source.strip()]
    if not code:
        raise LabError(f"{name} has no cell with code.", "Ask for the notebook that the learner has worked in.")
    cells = tuple(code_cell(number, str(cell.get("id", "")), cell.source) for number, cell in enumerate(code, start=1))
    changed = (_CHANGED,) if _is_changed(found) else ()
    as_text = tuple(_answers_as_text(notebook.cells))
    known, owner = about(notebook), owner_in(file)
    claims = claims_of(notebook.cells)
    return Submission(
        file=file,
        learner=_name(known.get("learner")) or owner.name,
        named=owner.named,
        seed=str(known.get("seed", ""))[:MAX_NAME],
        cells=cells,
        claims=MappingProxyType({group: claim.text for group, claim in claims.items()}),
        notes=(*changed, *odd, *mended, *as_text, *(note for cell in cells for note in cell.notes)),
        digest=hashlib.sha256(data).hexdigest(),
        pictures=frozenset(group for group, claim in claims.items() if claim.picture),
    )


def _loaded(name: str, data: bytes) -> tuple[dict[str, Any], tuple[str, ...]]:
    """Return the JSON of a file and notes about its encoding; raise LabError if it is no notebook or too large."""
    if not data.strip():
        raise LabError(f"{name} is empty.", AGAIN)
    try:
        text, odd = decoded(data)
        content = json.loads(text)
    except (ValueError, RecursionError) as error:
        raise LabError(f"{name} is not JSON, which every notebook is; it may be damaged.", AGAIN) from error
    if not isinstance(content, dict) or not isinstance(content.get("nbformat"), int):
        raise LabError(f"{name} is JSON, but not a notebook.", AGAIN)
    sheets = [content, *_inside(content, "worksheets")]
    if (cells := sum(len(_inside(sheet, "cells")) for sheet in sheets)) > MAX_CELLS:
        raise LabError(f"{name} has {cells:,} cells, the notebook of this lab has about 50.", AGAIN)
    if (outputs := _outputs(content)) > MAX_OUTPUTS:
        raise LabError(f"{name} has {outputs:,} outputs, the notebook of this lab has about 50.", AGAIN)
    return content, odd


def _notebook(name: str, content: dict[str, Any]) -> tuple[Any, tuple[str, ...]]:
    """Return a valid notebook, and notes about repairs; raise LabError if it cannot be repaired."""
    major = content["nbformat"]
    try:
        if major not in _FORMATS:
            raise NotReadableError(f"format {major} is not known")
        made, notes = repaired(content if major == nbformat.current_nbformat else in_format_4(content))
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            notebook = nbformat.from_dict(made)
            nbformat.validate(notebook)
    except (NotReadableError, nbformat.ValidationError) as error:
        where = str(error).strip().partition("\n")[0][:200]
        raise LabError(f"{name} is not a valid notebook: {where.rstrip('.')}.", AGAIN) from error
    return notebook, notes


def _is_changed(content: dict[str, Any]) -> bool:
    """Return whether a notebook has a receipt that does not match its cells and outputs."""
    known = content.get("metadata")
    if not isinstance(known, dict) or content["nbformat"] != nbformat.current_nbformat:
        return False
    lab = known.get(METADATA)
    if not isinstance(lab, dict) or not isinstance(lab.get("receipt"), dict):
        return False
    if _outputs(content) > _MAX_HASHED:
        return True
    try:
        return fits(v4.to_notebook(content)) is False
    except Exception:  # something is missing, so it is not as the lab has made it
        return True


def _outputs(content: Any) -> int:
    """Return the number of outputs in a notebook of any format; formats before 4 have their cells in worksheets."""
    sheets = [content, *_inside(content, "worksheets")]
    return sum(len(_inside(cell, "outputs")) for sheet in sheets for cell in _inside(sheet, "cells"))


def _inside(part: Any, name: str) -> list[Any]:
    """Return the list under a key of a value of any type; empty if there is none."""
    found = part.get(name) if isinstance(part, dict) else None
    return found if isinstance(found, list) else []


def _answers_as_text(cells: list[Any]) -> Iterator[str]:
    """Yield a note for each answer that is in a text cell, because such a cell is never run."""
    for cell in cells:
        if cell.cell_type == "code":
            continue
        for name in _ANSWERS:
            if re.search(rf"^{name} ?=[^=]", cell.source, re.MULTILINE):
                yield f"{name} is defined in a cell of text, which is not run."


def _name(value: object) -> str:
    return " ".join(value.split())[:MAX_NAME] if isinstance(value, str) else ""
