"""Reads a cell of the lesson and performs it, without ever handing it to Python's own `exec`.

A cell is walked as a syntax tree; only what `vocabulary/` lists is performed.
"""

from lab.cells.reader import run_cell
from lab.cells.values import CellError, CellOutput, Limits

__all__ = ["CellError", "CellOutput", "Limits", "run_cell"]
