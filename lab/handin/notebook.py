"""The lab's cells as a Jupyter notebook, and what is kept in one beside them."""

import re
import unicodedata
from typing import Any, Final

import nbformat
from nbformat import NotebookNode, v4

from lab import __version__
from lab.handin.outline import Content, outline

# Where our own metadata stands in that of a notebook.
METADATA: Final = "lab8"
_KERNEL: Final = {"name": "python3", "display_name": "Python 3", "language": "python"}


def to_notebook(content: Content) -> NotebookNode:
    """Return the notebook of a learner, or the empty lab, without outputs."""
    cells = [
        v4.new_code_cell(cell.source, id=cell.id)
        if cell.kind == "code"
        else v4.new_markdown_cell(cell.source, id=cell.id)
        for cell in outline(content)
    ]
    about = {"learner": content.name, "seed": content.dataset.seed, "version": __version__}
    metadata = {"kernelspec": _KERNEL, "language_info": {"name": "python"}, METADATA: about}
    notebook: NotebookNode = v4.new_notebook(cells=cells, metadata=metadata)
    return notebook


def file_name(name: str, ending: str = "ipynb") -> str:
    """Return what the handout calls a learner's file: `lab8-NAME.ipynb`, without characters that a file may not have."""
    safe = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", name)).strip("-.")
    return f"lab8-{safe or 'YOURNAME'}.{ending}"


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return the notebook as a file; raises nbformat's ValidationError if it is not a valid one."""
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    return f"{text}\n".encode()


def about(notebook: NotebookNode) -> dict[str, Any]:
    """Return what the lab has written into a notebook's metadata; empty for the notebooks of others."""
    known = notebook.metadata.get(METADATA, {})
    return dict(known) if isinstance(known, dict) else {}
