"""The lab's cells as a Jupyter notebook, and the lab's metadata in it."""

import re
import unicodedata
from typing import Any, Final

import nbformat
from nbformat import NotebookNode, v4

from lab import __version__
from lab.handin.outline import Content, outline

# The key of the lab's metadata in that of a notebook.
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
    """Return the file name that the handout asks for, `lab8-NAME.ipynb`, without characters that are invalid in it."""
    safe = re.sub(r"[^\w.]+", "-", unicodedata.normalize("NFC", name)).strip("-.")
    return f"lab8-{safe or 'YOURNAME'}.{ending}"


def to_bytes(notebook: NotebookNode) -> bytes:
    """Return the notebook as a file; raise nbformat's ValidationError if it is not a valid one."""
    nbformat.validate(notebook)
    text: str = nbformat.writes(notebook)
    return f"{text}\n".encode()


def about(notebook: NotebookNode) -> dict[str, Any]:
    """Return what the lab has written into a notebook's metadata; empty for notebooks that the lab has not made."""
    known = notebook.metadata.get(METADATA, {})
    return dict(known) if isinstance(known, dict) else {}
