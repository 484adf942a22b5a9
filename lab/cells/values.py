"""The input and output of running a cell: its limits, its output and its errors."""

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
    """A cell that could not be run; `line` and `column` count from 1, `cause` is the error of Python or Spark.

    `refusal` is set when the lab itself refused something. `skipped` has one error for each refused statement, when the
    cell went on after them; this error repeats the first. `ended_by` is the error that ended the cell after that, if
    any.
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
    """The error that ends a query whose `foreachBatch` function fails; its message has the line in the cell."""


class BatchNotPerformedError(BatchFunctionError):
    """The error that ends a query whose `foreachBatch` function does something that the lab refuses."""


@dataclass
class CellOutput:
    """The output of a cell: the lines it printed and, when its last expression is a pandas table, that table."""

    lines: list[str] = field(default_factory=list)
    table: pd.DataFrame | None = None
    # Sentences about what the lab did differently than the cell says, each once.
    notes: list[str] = field(default_factory=list)
    _printed: int = 0
    _line_is_open: bool = False

    def print(self, text: str, end: str = "\n") -> None:
        """Add what a cell prints; when `end` is no line break, the next print continues the line."""
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
        """Add a sentence, once, about what the lab does differently than the cell says."""
        if sentence not in self.notes and len(self.notes) < MAX_NOTES:
            self.notes.append(sentence)

    def give(self, table: pd.DataFrame) -> None:
        """Show a table. Columns of the same name, as after a join, are numbered: a page cannot show both."""
        if not table.columns.is_unique:
            # `names` is an ordered set. `numbers` keeps the last number of each name, so that thousands of columns of
            # the same name stay fast.
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

    `given`: the names that the lab has defined for every cell.
    `may_use`: returns whether an address may be read from or written to.
    `meant`: returns the address that one outside the learner's own folders stands for.
    `session`: returns the learner's Spark session.
    `deliver`: delivers a log file by its name.
    `empty`: empties the live folder.
    `names_in`: returns the names of the files in a folder.
    `before_stop`: called with a streaming query that the cell is about to stop.
    `before_write`: called with the address that a batch job is about to write to, and with whether a foreachBatch
    function does it.
    `refused`: called with what is refused in a foreachBatch function. Spark keeps only the text of that error, so the
    first line of the text is passed too.

    Seconds: `action_seconds` for one Spark action, `wait_seconds` for one `time.sleep`, `all_waits_seconds` for all of
    them, `cell_seconds` for the whole cell. A call of a foreachBatch function has limits of its own. A longer sleep
    calls `until_read` with the seconds that are left, to wait for the queries instead. A cell may ask for
    `asked_seconds` of waiting in all. `sleep`, if given, is called with the seconds instead of sleeping, however many
    they are.
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
