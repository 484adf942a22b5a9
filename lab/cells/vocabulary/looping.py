"""Loops over values: what a cell may loop over, and Python's functions that loop."""

from collections.abc import Callable, ItemsView, KeysView, ValuesView
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from lab.cells.advice import refused
from lab.cells.articles import a
from lab.cells.shown import Named
from lab.cells.vocabulary.kinds import Call

_COMPARING: Final = (sorted, max, min)
_ITERABLE: Final = (str, list, tuple, dict, set, frozenset, range, KeysView, ValuesView, ItemsView)


def items(value: Any) -> list[Any]:
    """Return the items of a value that a cell loops over; raise Refused or TypeError when it may not."""
    if isinstance(value, _ITERABLE):
        return list(value)
    if isinstance(value, StructType):
        return list(value.fields)
    if isinstance(value, DataFrame):
        raise refused("a loop over a DataFrame", "Its rows are in Spark: loop over df.collect(), or over df.columns.")
    if isinstance(value, pd.DataFrame | pd.Series):
        raise refused("a loop over a pandas table", 'Loop over the values of a column: table["serverID"].tolist().')
    if isinstance(value, Named):
        raise TypeError(f"{value!r} is not iterable")
    iter(value)  # Python or Spark raises its own error
    raise refused(f"a loop over {a(type(value).__name__)}")


def over(function: Callable[..., Any], gives: Callable[[Any], Any] = lambda value: value) -> Callable[[Call], Any]:
    """Return a handler for a Python function over iterables; its `key` may be a function of the cell."""

    def perform(call: Call) -> Any:
        named = dict(call.named)
        key = named.get("key")
        if function in _COMPARING:
            # Nothing else weighs the results of a key, and the next call may change an earlier result.
            named["key"] = lambda value: call.run.snapshot(
                value if key is None else call.invoke(call.run, key, (value,))
            )
        positional = [items(value) if _is_strange(value) else value for value in call.positional]
        return gives(function(*positional, **named))

    return perform


def _is_strange(value: Any) -> bool:
    """Return whether Python's own loop over the value would differ from `items`, or never end."""
    return isinstance(value, DataFrame | pd.DataFrame | pd.Series | StructType)
