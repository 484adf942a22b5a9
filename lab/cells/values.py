"""What goes into running a cell and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

import pandas as pd


class CellError(Exception):
    """A cell that could not be run; `line` and `column` count from 1 in its text, `cause` is what Spark raised."""

    def __init__(self, message: str, line: int, column: int, cause: Exception | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.cause = cause


@dataclass
class CellOutput:
    """What a cell gives: the lines it printed and, when its last expression is a pandas table, that table."""

    lines: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None

    def print(self, text: str) -> None:
        """Add what a cell prints."""
        self.lines.append(text)

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Limits:
    """What a cell may touch beside its names.

    `may_use` says whether an address may be read from or written to; `before_stop` is called with a streaming query that
    the cell is about to stop.
    """

    may_use: Callable[[str], bool]
    before_stop: Callable[[Any], object] = lambda _: None
