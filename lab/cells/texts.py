"""The text of a cell: its syntax tree, the positions of its nodes, and its unfilled blanks."""

import ast
import re
import warnings
from typing import Final

from lab.cells.values import CellError

# Matches strings and comments as well, so that a ?? inside them does not count.
_BLANK: Final = re.compile(
    r"""('''|\"\"\")(?:\\.|(?!\1).)*(?:\1|\Z)|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'|\#[^\n]*|(?P<blank>\?\?)""",
    re.DOTALL,
)
_LINES: Final = re.compile(r"\r\n|\r|\n")


class Text:
    """The text of one cell."""

    def __init__(self, source: str) -> None:
        self._lines = _LINES.split(source)

    def place(self, node: ast.AST) -> tuple[int, int]:
        """Return line and column of a node, from 1, in characters; for an attribute or a method, those of its name."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        if isinstance(node, ast.Attribute):
            line, offset = node.end_lineno or 1, (node.end_col_offset or 0) - len(node.attr.encode())
        else:
            line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return line, len(text.encode()[: max(0, offset)].decode(errors="ignore")) + 1


def parse(source: str) -> ast.Module:
    """Return the syntax tree of a cell; raise CellError, and nothing else, when the text is not Python."""
    try:
        with warnings.catch_warnings():
            # Python would print its warnings about '\d' or `1 is 1` on the server's terminal, where no learner looks.
            warnings.simplefilter("ignore")
            return ast.parse(source)
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
        said = str(getattr(error, "msg", error))
        # Some of Python's messages are questions: "Perhaps you forgot a comma?"
        end = "" if said.endswith(("?", ".")) else "."
        raise CellError(f"This is not Python: {said}{end}", line, max(1, column)) from error
    except (RecursionError, MemoryError) as error:
        raise CellError("This cell is nested too deeply.", 1, 1) from error


def line_of_blank(source: str) -> int:
    """Return the line of the first unfilled blank (??) of a cell; 0 when there is none."""
    for found in _BLANK.finditer(source):
        if found["blank"]:
            return len(_LINES.split(source[: found.start()]))
    return 0
