"""How values look when a cell prints or returns them: as in Python, but bounded, and without memory addresses."""

from collections.abc import ItemsView, Iterable, Iterator, KeysView, Mapping, ValuesView
from datetime import date, time, timedelta, tzinfo
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import pandas as pd
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql.streaming.listener import StreamingQueryProgress
from pyspark.sql.streaming.query import StreamingQuery
from pyspark.sql.types import DataType, StructField

from lab.cells.values import MAX_OUTPUT

_AS_THEY_ARE: Final = (
    Column,
    DataFrame,
    DataType,
    Decimal,
    Exception,
    StructField,
    UUID,
    bool,
    date,
    float,
    int,
    pd.DataFrame,
    pd.Series,
    range,
    time,
    timedelta,
    tzinfo,
    type(None),
)
_MAX_COLUMN_WIDTH: Final = 100
_MAX_TABLE_ROWS: Final = 1_000


class Named:
    """An object of the lab's own that a cell can hold: it prints like what it stands for, and has no attributes."""

    # How many values it adds to the count of held values.
    weight = 1

    def __init__(self, text: str) -> None:
        self._text = text

    def __repr__(self) -> str:
        return self._text

    def holds(self) -> Iterable[Any]:
        """Return the values that it keeps alive."""
        return ()


def as_text(value: Any) -> str:
    """Return what `print` writes."""
    if isinstance(value, str):
        return value
    if isinstance(
        value, Named | Exception | UUID | Decimal | date | time | timedelta | tzinfo | StreamingQueryProgress
    ):
        return str(value)[:MAX_OUTPUT]
    return as_code(value)


def as_code(value: Any) -> str:
    """Return what a notebook shows below a cell."""
    pieces, length = [], 0
    for piece in _pieces(value):
        pieces.append(piece)
        length += len(piece)
        if length > MAX_OUTPUT:
            break
    return "".join(pieces)[: MAX_OUTPUT + 1]


def table_as_text(table: pd.DataFrame, **arguments: Any) -> str:
    """Return a pandas table as text, with bounded columns: pandas pads each row to the widest value."""
    return str(table.to_string(max_colwidth=_MAX_COLUMN_WIDTH, **{"max_rows": _MAX_TABLE_ROWS, **arguments}))


def _pieces(value: Any) -> Iterator[str]:
    if isinstance(value, str):
        yield repr(value[:MAX_OUTPUT])
    elif isinstance(value, Row) and hasattr(value, "__fields__"):
        yield from _row(value)
    elif isinstance(value, StreamingQueryProgress):
        yield str(value)
    elif isinstance(value, Mapping):
        yield "{"
        for index, (key, item) in enumerate(value.items()):
            yield ", " if index else ""
            yield from _pieces(key)
            yield ": "
            yield from _pieces(item)
        yield "}"
    elif isinstance(value, list | tuple | set | frozenset | KeysView | ValuesView | ItemsView):
        yield from _sequence(value)
    elif isinstance(value, StreamingQuery):
        state = "active" if value.isActive else "stopped"
        yield f"StreamingQuery {value.name!r} ({state})" if value.name else f"StreamingQuery ({state})"
    elif isinstance(value, (*_AS_THEY_ARE, Named, type)):
        yield repr(value)
    else:
        yield f"<{type(value).__name__}>"


def _row(value: Row) -> Iterator[str]:
    yield "Row("
    for index, (name, item) in enumerate(zip(value.__fields__, value, strict=False)):
        yield f"{', ' if index else ''}{name}="
        yield from _pieces(item)
    yield ")"


def _sequence(value: Any) -> Iterator[str]:
    if isinstance(value, set | frozenset) and not value:
        yield "set()"
        return
    opening, closing = "()" if isinstance(value, tuple) else "{}" if isinstance(value, set | frozenset) else "[]"
    yield opening
    for index, item in enumerate(value):
        yield ", " if index else ""
        yield from _pieces(item)
    yield f",{closing}" if isinstance(value, tuple) and len(value) == 1 else closing
