"""The result of a query at a moment in a few rows of text, for a page with little room or large type."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final, Literal

from lab.stage.moment import Moment

# Further rows are only counted.
MAX_ROWS: Final = 12
MAX_COLUMNS: Final = 6
# The most characters of one value.
MAX_LETTERS: Final = 40
_NEWEST: Final = "● newest batch"


@dataclass(frozen=True)
class ResultRows:
    """A table of texts with a title; `more` is the number of rows left out. Without columns, the title says why."""

    title: str
    columns: tuple[str, ...] = ()
    rows: tuple[tuple[str, ...], ...] = ()
    more: int = 0


def result_rows(moment: Moment, picture: Literal["rows", "report", "log"]) -> ResultRows:
    """Return the rows of a moment: the report with its values before, the newest rows, or the end of the log."""
    if moment.last is None:
        return ResultRows("No batch yet: the result begins with the first delivery that the query reads.")
    return _OF[picture](moment, moment.last.number)


def _report(moment: Moment, number_of_batch: int) -> ResultRows:
    table, before = moment.table, moment.table_before
    if table is None:
        return ResultRows(f"The next batch came before the lab could read the table after batch {number_of_batch}.")
    title = f"The report after batch {number_of_batch}"
    if len(table.columns) != 2:
        return _cut(title, table.columns, table.rows)
    compares = before is not None and before.columns == table.columns and _all_known(before.rows)
    was: dict[Any, Any] = dict(before.rows) if before and compares else {}
    if not was:
        return _cut(title, table.columns, sorted(table.rows, key=str))
    rows = [(*row, was.get(row[0], "–") if _all_known([row]) else "–") for row in sorted(table.rows, key=str)]
    return _cut(title, (*table.columns, "before"), rows)


def _all_known(rows: Iterable[tuple[Any, ...]]) -> bool:
    """Return whether the rows can be looked up by server: each has None, a text or a whole number there."""
    return all(row[0] is None or isinstance(row[0], str | int) for row in rows)


def _rows(moment: Moment, number_of_batch: int) -> ResultRows:
    table = moment.table
    if table is None:
        return ResultRows(f"The next batch came before the lab could read the rows after batch {number_of_batch}.")
    return _cut(f"Rows that have arrived after batch {number_of_batch}, newest first", table.columns, table.rows[::-1])


def _log(moment: Moment, number_of_batch: int) -> ResultRows:
    output = moment.output
    if output is None:
        return ResultRows("The lab did not keep the log of this moment. Choose Live to see the log now.")
    rows = [(*row, _NEWEST if row[0] == output.newest else "") for row in output.rows[-MAX_ROWS:]]
    title = f"The SEV0 log after batch {number_of_batch}, in its order"
    found = _cut(title, ("batch", "serverID", "timestamp", ""), rows)
    return ResultRows(found.title, found.columns, found.rows, max(0, output.total - len(rows)))


def _cut(title: str, columns: Iterable[str], rows: Iterable[tuple[Any, ...]]) -> ResultRows:
    known = list(rows)
    return ResultRows(
        title,
        tuple(_text(column) for column in columns)[:MAX_COLUMNS],
        tuple(tuple(map(_text, row[:MAX_COLUMNS])) for row in known[:MAX_ROWS]),
        max(0, len(known) - MAX_ROWS),
    )


def _text(value: Any) -> str:
    match value:
        case None:
            return "null"
        case float() | Decimal():
            return f"{float(value):.4g}"
    text = str(value)
    return text if len(text) <= MAX_LETTERS else f"{text[: MAX_LETTERS - 1]}…"


_OF: Final[Mapping[str, Callable[[Moment, int], ResultRows]]] = MappingProxyType(
    {"report": _report, "rows": _rows, "log": _log}
)
