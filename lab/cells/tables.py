"""What stands in a pandas table: in a column, in a row, at a place."""

from typing import Any

import pandas as pd

from lab.cells.advice import refused
from lab.cells.shown import Named


class Places(Named):
    """The `iloc` of a table or a column, which goes by number, or its `loc`, which goes by name."""

    def __init__(self, table: pd.DataFrame | pd.Series, name: str) -> None:
        super().__init__(f"<{name} of a pandas table>")
        self.table = table
        self.name = name

    def holds(self) -> tuple[Any, ...]:
        """Return the table, which is kept as long as this is."""
        return (self.table,)


def in_table(value: pd.DataFrame | pd.Series | Places, index: Any) -> Any:
    """Return what stands at an index of a table, of a column of it, or of its `iloc` and `loc`."""
    if isinstance(value, Places):
        return plain(_at(value, index))
    if isinstance(value, pd.Series):
        if not isinstance(index, int | str):
            raise refused("such an index of a pandas column", "Use a number.")
        return plain(value[index])
    if not isinstance(index, str) and not (isinstance(index, list) and all(isinstance(name, str) for name in index)):
        raise refused("such an index of a pandas table", 'Use the name of a column: table["serverID"].')
    # Each time, a column would be there again; and as often as there are columns of its name.
    check_columns(value)
    if isinstance(index, list) and len(set(index)) < len(index):
        raise _twice()
    return value[index]


def check_columns(table: pd.DataFrame) -> None:
    """Refuse a table of which two columns have one name."""
    if not table.columns.is_unique:
        raise _twice()


def plain(value: Any) -> Any:
    """Return a number of numpy's as one of Python's; all else as it is."""
    return value.item() if hasattr(value, "item") and not isinstance(value, pd.Series | pd.DataFrame) else value


def _at(places: Places, index: Any) -> Any:
    parts = index if isinstance(index, tuple) else (index,)
    kinds = int if places.name == "iloc" else int | str
    if len(parts) > 2 or not all(isinstance(part, kinds) or _is_plain_slice(part) for part in parts):
        raise refused(
            f"such an index of {places.name}", "Use a number: table.iloc[0], or a row and a column: table.iloc[0, 1]."
        )
    if isinstance(places.table, pd.DataFrame):
        check_columns(places.table)
    if places.name == "loc" and not places.table.index.is_unique:
        raise refused("loc of a table with equal names of rows", "Use iloc, or where() of a Spark DataFrame.")
    return getattr(places.table, places.name)[index]


def _is_plain_slice(part: Any) -> bool:
    return isinstance(part, slice) and all(
        isinstance(end, int | str | None) for end in (part.start, part.stop, part.step)
    )


def _twice() -> Exception:
    return refused("a column twice in a pandas table", "Give each another name, with alias(), before toPandas().")
