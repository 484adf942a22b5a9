"""The text of a cell: where its nodes stand, and whether it still has blanks."""

import ast
import re
from typing import Final

# Strings and comments, so that what stands in them is passed over.
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
        """Line and column of a node, from 1, in characters; of an attribute or a method it is that of its name."""
        if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute):
            node = node.func
        if isinstance(node, ast.Attribute):
            line, offset = node.end_lineno or 1, (node.end_col_offset or 0) - len(node.attr.encode())
        else:
            line, offset = getattr(node, "lineno", 1), getattr(node, "col_offset", 0)
        text = self._lines[line - 1] if line <= len(self._lines) else ""
        return line, len(text.encode()[: max(0, offset)].decode(errors="ignore")) + 1


def line_of_blank(source: str) -> int:
    """The line of the first blank that was left in a cell; 0 when there is none."""
    for found in _BLANK.finditer(source):
        if found["blank"]:
            return len(_LINES.split(source[: found.start()]))
    return 0
