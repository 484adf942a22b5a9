"""The interpreter for the lesson's cells. It never hands a cell to Python's own `exec`.

It walks a cell as a syntax tree, and performs only what `vocabulary/` lists.
"""

from lab.cells.reader import run_cell
from lab.cells.values import CellError, CellOutput, Limits

__all__ = ["CellError", "CellOutput", "Limits", "run_cell"]
