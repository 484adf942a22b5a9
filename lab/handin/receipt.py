"""The receipt in both files of a hand-in: what they were made from, and the hashes of their contents."""

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Final

from nbformat import NotebookNode, v4

from lab.dataset import COURSE, SHIPPED
from lab.handin.notebook import METADATA, about

# The id of the cell that shows the receipt; the hash leaves it out.
CELL: Final = "receipt"
_SHOWN_DIGITS: Final = 16


@dataclass(frozen=True)
class Receipt:
    """The receipt of a hand-in, from the `seed` of the log files and the `version` of the lab.

    `notebook` and `retrospective` are SHA-256 hashes of the contents, in hexadecimal; `made` is a time in UTC.
    """

    seed: str
    notebook: str
    retrospective: str
    made: str
    version: str

    @property
    def lines(self) -> tuple[tuple[str, str], ...]:
        """The lines of the receipt, each a label and a value."""
        return (
            ("Log files", _log_files(self.seed)),
            ("Notebook", f"sha256 {self.notebook[:_SHOWN_DIGITS]}"),
            ("Retrospective", f"sha256 {self.retrospective[:_SHOWN_DIGITS]}"),
            ("Made", self.made),
            ("Lab", self.version),
        )


def _log_files(seed: str) -> str:
    if seed == SHIPPED.seed:
        return "those of the lab"
    return f"those of the course, {seed}" if seed.startswith(COURSE) else f"individual, seed {seed}"


def hash_of_notebook(notebook: NotebookNode) -> str:
    """Return the hash of a notebook's cells: their kind, source and outputs, without receipt and execution counts."""
    cells = [
        [cell.cell_type, cell.source, [_without_count(output) for output in cell.get("outputs", ())]]
        for cell in notebook.cells
        if cell.get("id") != CELL
    ]
    return _hash(cells)


def hash_of_texts(texts: Mapping[str, str]) -> str:
    """Return the hash of the parts of a retrospective."""
    return _hash(dict(texts))


def with_receipt(notebook: NotebookNode, receipt: Receipt) -> NotebookNode:
    """Return a copy of a notebook with the receipt in its metadata, and in a cell below its title."""
    copy: NotebookNode = notebook.copy()
    copy.metadata = {**notebook.metadata, METADATA: {**about(notebook), "receipt": asdict(receipt)}}
    name = about(notebook).get("learner", "")
    rows = "".join(f"| {label} | {value} |\n" for label, value in receipt.lines)
    text = f"| Learner | {_in_table(name)} |\n|---|---|\n{rows}".strip()
    copy.cells = [*notebook.cells[:1], v4.new_markdown_cell(text, id=CELL), *notebook.cells[1:]]
    return copy


def fits(notebook: NotebookNode) -> bool | None:
    """Return whether a notebook is unchanged since its receipt was made; None if it has none."""
    receipt = about(notebook).get("receipt")
    if not isinstance(receipt, dict):
        return None
    return receipt.get("notebook") == hash_of_notebook(notebook)


def _without_count(output: NotebookNode) -> dict[str, object]:
    return {key: value for key, value in output.items() if key != "execution_count"}


def _hash(value: object) -> str:
    return hashlib.sha256(
        json.dumps(value, sort_keys=True, ensure_ascii=False).encode(errors="surrogatepass")
    ).hexdigest()


def _in_table(text: str) -> str:
    """Escape a text for a cell of a Markdown table."""
    return "".join(f"\\{letter}" if letter in r"\`*_{}[]()#+-.!|<>~$" else letter for letter in text)
