"""What goes into running a cell and what comes out of it."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from lab.cells.advice import Refused
from lab.engine.failures import Refusal

MAX_OUTPUT: Final = 50_000
MAX_NOTES: Final = 20
_CUT: Final = f"(The lab shows only the first {MAX_OUTPUT:,} characters of what a cell prints.)"


class CellError(Exception):
    """A cell that could not be run; `line` and `column` count from 1 in its text, `cause` is what Spark raised.

    `refusal` is what the lab itself has refused. `skipped` are the statements that were not performed for that reason, when
    the others were: the error is the first of them. `ended_by` is what ended the cell besides.
    """

    def __init__(
        self,
        message: str,
        line: int,
        column: int,
        cause: Exception | None = None,
        refusal: Refused | None = None,
        skipped: "tuple[CellError, ...]" = (),
        ended_by: "CellError | None" = None,
    ) -> None:
        super().__init__(message)
        self.message = message
        self.line = line
        self.column = column
        self.cause = cause
        self.refusal = refusal
        self.skipped = skipped
        self.ended_by = ended_by


class BatchFunctionError(Exception):
    """What ends a query whose `foreachBatch` function fails; its text has the line in the cell."""


class BatchNotPerformedError(BatchFunctionError):
    """What ends a query whose `foreachBatch` function does what the lab does not perform."""


@dataclass
class CellOutput:
    """What a cell gives: the lines it printed and, when its last expression is a pandas table, that table."""

    lines: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None
    # What the lab does in another way than the cell says, each sentence once.
    notes: list[str] = field(default_factory=list)
    _printed: int = 0
    _line_is_open: bool = False

    def print(self, text: str, end: str = "\n") -> None:
        """Add what a cell prints; a line that does not end with a line break is gone on with."""
        if self._printed > MAX_OUTPUT:
            return
        room = MAX_OUTPUT - self._printed
        self._printed += len(text) + len(end)
        cut = self._printed > MAX_OUTPUT
        text, end = text[:room], end[: max(1, room - len(text))]
        if self._line_is_open:
            self.lines[-1] += text
        else:
            self.lines.append(text)
        self._line_is_open = end != "\n"
        if self._line_is_open:
            self.lines[-1] += end
        if cut:
            self.lines.append(_CUT)

    def note(self, sentence: str) -> None:
        """Say once that the lab does something in another way than the cell says."""
        if sentence not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(sentence)

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

    `given` are the names that the lab has defined for every cell. `may_use` says whether an address may be read from or
    written to; `meant` gives the address for which one stands that is none of the learner's own. `session` gives the
    learner's Spark session. `deliver` delivers a log file by its name, `empty` empties the live folder, and `names_in`
    gives the files in one of the two. `before_stop` is called with a streaming query that the cell is about to stop,
    `before_write` with the address that a batch job is about to write to, and with whether a foreachBatch function does
    it. `refused` is called with what is refused in such a function: all that Spark tells of that is a text, whose first line
    goes with it.

    The seconds: one action of Spark, one call of `time.sleep`, all of them together, and the whole cell. A call of a
    foreachBatch function has limits of its own. Nobody sits through longer waits: `until_read` is called with the seconds
    that are left, and waits for the queries instead. A cell may ask for `asked_seconds` of waiting in all. `sleep`, if
    given, is called with the seconds instead of sleeping, however many they are.
    """

    may_use: Callable[[str], bool]
    given: frozenset[str] = frozenset()
    meant: Callable[[str], str] = lambda address: address
    session: Callable[[], Any] = lambda: None
    deliver: Callable[[str], object] = lambda _: None
    empty: Callable[[], object] = lambda: None
    names_in: Callable[[str], Sequence[str]] = lambda _: ()
    before_stop: Callable[[Any], object] = lambda _: None
    before_write: Callable[[str, bool], object] = lambda *_: None
    refused: Callable[[str, Refusal], object] = lambda *_: None
    action_seconds: float = 30
    wait_seconds: float = 10
    all_waits_seconds: float = 30
    asked_seconds: float = 1800
    cell_seconds: float = 120
    until_read: Callable[[float], object] = lambda _: None
    sleep: Callable[[float], object] | None = None
