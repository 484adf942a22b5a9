"""Indexing of pandas tables: columns, rows, `iloc` and `loc`."""

from typing import Any

import pandas as pd

from lab.cells.advice import refused
from lab.cells.shown import Named


class Indexer(Named):
    """The `iloc` (by number) or the `loc` (by name) of a table or a column."""

    def __init__(self, table: pd.DataFrame | pd.Series, name: str) -> None:
        super().__init__(f"<{name} of a pandas table>")
        self.table = table
        self.name = name

    def holds(self) -> tuple[Any, ...]:
        """Return the table, which this object keeps alive."""
        return (self.table,)


def in_table(value: pd.DataFrame | pd.Series | Indexer, index: Any) -> Any:
    """Return the item at an index of a table, of a column, or of an `iloc` or `loc`."""
    if isinstance(value, Indexer):
        return plain(_at(value, index))
    if isinstance(value, pd.Series):
        if not isinstance(index, int | str):
            raise refused("such an index of a pandas column", "Use a number.")
        return plain(value[index])
    if not isinstance(index, str) and not (isinstance(index, list) and all(isinstance(name, str) for name in index)):
        raise refused("such an index of a pandas table", 'Use the name of a column: table["serverID"].')
    # Repeated names multiply columns: each repeat copies a column, once for every column of that name.
    check_columns(value)
    if isinstance(index, list) and len(set(index)) < len(index):
        raise _twice()
    return value[index]


def check_columns(table: pd.DataFrame) -> None:
    """Refuse a table that has two columns of the same name."""
    if not table.columns.is_unique:
        raise _twice()


def plain(value: Any) -> Any:
    """Return a NumPy number as a Python number; anything else as it is."""
    return value.item() if hasattr(value, "item") and not isinstance(value, pd.Series | pd.DataFrame) else value


def _at(indexer: Indexer, index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    kinds = int if indexer.name == "iloc" else int | str
    if len(parts) > 2 or not all(isinstance(part, kinds) or _is_plain_slice(part) for part in parts):
        raise refused(
            f"such an index of {indexer.name}", "Use a number: table.iloc[0], or a row and a column: table.iloc[0, 1]."
        )
    if isinstance(indexer.table, pd.DataFrame):
        check_columns(indexer.table)
    if indexer.name == "loc" and not indexer.table.index.is_unique:
        raise refused("loc of a table with equal names of rows", "Use iloc, or where() of a Spark DataFrame.")
    return getattr(indexer.table, indexer.name)[index]


def _is_plain_slice(part: Any) -> bool:
    return isinstance(part, slice) and all(
        isinstance(end, int | str | None) for end in (part.start, part.stop, part.step)
    )


def _twice() -> Exception:
    return refused("a column twice in a pandas table", "Give each another name, with alias(), before toPandas().")
