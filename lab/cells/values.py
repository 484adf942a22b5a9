"""What goes into running a cell and what comes out of it."""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

MAX_OUTPUT: Final = 50_000
_CUT: Final = f"(The lab shows only the first {MAX_OUTPUT:,} characters of what a cell prints.)"


class CellError(Exception):
    """A cell that could not be run; `line` and `column` count from 1 in its text, `cause` is what Spark raised."""

    def __init__(self, message: str, line: int, column: int, cause: Exception | None = None) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.cause = cause


class BatchFunctionError(Exception):
    """What ends a query whose `foreachBatch` function fails; its text has the line in the cell."""


@dataclass
class CellOutput:
    """What a cell gives: the lines it printed and, when its last expression is a pandas table, that table."""

    lines: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None
    _printed: int = 0
    _line_is_open: bool = False

    def print(self, text: str, end: str = "\n") -> None:
        """Add what a cell prints; a line that does not end with a line break is gone on with."""
        if self._printed > MAX_OUTPUT:
            return
        room = MAX_OUTPUT - self._printed
        self._printed += len(text) + 1
        cut = self._printed > MAX_OUTPUT
        text = text[:room]
        if self._line_is_open:
            self.lines[-1] += text
        else:
            self.lines.append(text)
        self._line_is_open = end != "\n"
        if self._line_is_open:
            self.lines[-1] += end
        if cut:
            self.lines.append(_CUT)

    def give(self, table: pd.DataFrame) -> None:
        """Show a table. Two columns of one name, of a join say, are numbered: a page has no place for both."""
        if not table.columns.is_unique:
            # In their order, as a set; how often each name has come, so that thousands of one name take no time.
            names: dict[object, None] = {}
            numbers: dict[object, int] = {}
            for name in table.columns:
                shown = name
                while shown in names:
                    numbers[name] = numbers.get(name, 1) + 1
                    shown = f"{name} ({numbers[name]})"
                names[shown] = None
            table = table.set_axis(list(names), axis=1)
        self.table = table

    @property
    def text(self) -> str:
        """Everything that was printed."""
        return "\n".join(self.lines)


@dataclass(frozen=True)
class Limits:
    """What a cell may touch beside its names, and how long it may take.

    `may_use` says whether an address may be read from or written to; `before_stop` is called with a streaming query that
    the cell is about to stop, `before_write` with the address that a batch job is about to write to, and with whether a
    foreachBatch function does it. The seconds: one action of Spark, one call of `time.sleep`, all of them together, and the
    whole cell. A call of a foreachBatch function has limits of its own. `sleep`, if given, is called with the seconds
    instead of sleeping, however many they are.
    """

    may_use: Callable[[str], bool]
    before_stop: Callable[[Any], object] = lambda _: None
    before_write: Callable[[str, bool], object] = lambda *_: None
    action_seconds: float = 30
    wait_seconds: float = 10
    all_waits_seconds: float = 30
    cell_seconds: float = 120
    sleep: Callable[[float], object] | None = None
