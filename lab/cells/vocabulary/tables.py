"""Tables and columns of pandas: methods whose result is no larger than the table itself."""

from collections.abc import Callable
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from pyspark.sql import Row

from lab.cells.advice import refused
from lab.cells.bounds import check_hashes, check_length
from lab.cells.shown import Named, as_code, table_as_text
from lab.cells.tables import Indexer, check_columns, plain
from lab.cells.vocabulary.kinds import Call, Function, Kind, methods

MAX_DIGITS: Final = 100
# Most rows that `T` may turn into columns.
MAX_TURNED: Final = 200
_TYPES: Final = frozenset({"bool", "float", "float64", "int", "int64", "object", "str", "string"})


class Values(Named):
    """The `values` of a table or a column; `tolist()` returns them as a list."""

    def __init__(self, values: list[Any]) -> None:
        super().__init__("")
        self.values = values

    def __repr__(self) -> str:
        return as_code(self.values)

    def holds(self) -> list[Any]:
        """Return the values."""
        return self.values


def is_made(found: Any) -> bool:
    """Return whether an attribute of a table was newly built from all of it; a column was not."""
    return isinstance(found, list | pd.DataFrame | Values)


def _sort_values(call: Call) -> Any:
    # pandas would call a `key` function, and `inplace` would change what the cell shows elsewhere.
    call.only("by", "ascending")
    return call.perform()


def _to_string(call: Call) -> Any:
    check_length(call.owner.size)
    return table_as_text(call.owner, max_rows=None, **call.only("index"))


def _number(call: Call) -> Any:
    if call.positional or call.named:
        raise refused(f"arguments of {call.name}()")
    if call.name == "nunique":
        check_hashes(call.owner.tolist())
    value = call.perform()
    return value.item() if hasattr(value, "item") else value


def _only(*known: str) -> Callable[[Call], Any]:
    """Return a handler that allows only the known arguments; `inplace` would change what the cell shows elsewhere."""

    def perform(call: Call) -> Any:
        call.only(*known)
        if isinstance(call.owner, pd.DataFrame):
            check_columns(call.owner)
        return plain(call.perform())

    return perform


def _set_index(call: Call) -> Any:
    keys = call.only("keys", "drop")["keys"]
    names = keys if isinstance(keys, list) else [keys]
    if not names or len(names) > 3 or not all(isinstance(name, str) for name in names):
        raise refused("such an index of a pandas table", 'Use the name of a column: table.set_index("serverID").')
    check_columns(call.owner)
    for name in names:
        if name in call.owner.columns:
            check_hashes(call.owner[name].tolist())
    return call.perform()


def _round(call: Call) -> Any:
    decimals = call.only("decimals").get("decimals", 0)
    for digits in decimals.values() if isinstance(decimals, dict) else [decimals]:
        if not isinstance(digits, int) or abs(digits) > MAX_DIGITS:
            raise refused("rounding to such a number of digits", "Use one such as table.round(2).")
    return call.perform()


def _rename(call: Call) -> Any:
    columns = call.only("columns").get("columns")
    if not isinstance(columns, dict) or not all(isinstance(each, str) for pair in columns.items() for each in pair):
        raise refused("rename() without a dict of columns", 'Use table.rename(columns={"old": "new"}).')
    return call.perform()


def _astype(call: Call) -> Any:
    kinds = call.only("dtype")["dtype"]
    named = {name: _type_name(kind) for name, kind in kinds.items()} if isinstance(kinds, dict) else _type_name(kinds)
    return call.owner.astype(named)


def _type_name(kind: Any) -> str:
    name = kind.name if isinstance(kind, Function) else kind
    if not isinstance(name, str) or name not in _TYPES:
        raise refused(f"such a type of a pandas column: {str(kind)[:40]!r}", "There are int, float, str and bool.")
    return name


def _to_dict(call: Call) -> Any:
    check_length(call.owner.size)
    if isinstance(call.owner, pd.Series):
        call.only()
        return {plain(key): plain(value) for key, value in call.owner.items()}
    orient = call.only("orient").get("orient", "dict")
    if orient not in {"dict", "list", "records", "index"}:
        raise refused(f"to_dict({str(orient)[:20]!r})", "There are 'dict', 'list', 'records' and 'index'.")
    check_columns(call.owner)
    return call.owner.to_dict(orient)


def _iterrows(call: Call) -> list[Any]:
    """Perform `iterrows`; each row is a Spark Row, because a pandas Series weighs much more."""
    call.only()
    return [(plain(index), row) for index, row in zip(call.owner.index, _rows(call.owner, index=False), strict=True)]


def _itertuples(call: Call) -> list[Any]:
    return _rows(call.owner, index=bool(call.only("index").get("index", True)))


def _rows(table: pd.DataFrame, *, index: bool) -> list[Any]:
    check_length(table.size)
    check_columns(table)
    names = (["Index"] if index else []) + [str(name) for name in table.columns]
    return [Row(*names)(*map(plain, each)) for each in table.itertuples(index=index, name=None)] if names else []


def _describe(call: Call) -> Any:
    call.only()
    check_columns(call.owner)
    for name in call.owner.columns:
        check_hashes(call.owner[name].tolist())
    return call.perform()


def _items(call: Call) -> list[Any]:
    call.only()
    if isinstance(call.owner, pd.DataFrame):
        check_columns(call.owner)
    return [(plain(key), plain(value)) for key, value in call.owner.items()]


def _unique(call: Call) -> list[Any]:
    call.only()
    check_hashes(call.owner.tolist())
    return [plain(each) for each in call.owner.unique()]


def _to_list(call: Call) -> Any:
    call.only()
    return call.owner.tolist()


def _values_to_list(call: Call) -> Any:
    if call.positional or call.named:
        raise TypeError("tolist() takes no arguments")
    return list(call.owner.values)


def _values(table: pd.DataFrame | pd.Series) -> Values:
    check_length(table.size)
    return Values(table.to_numpy().tolist())


def _indexer(name: str) -> Callable[[Any], Indexer]:
    return lambda table: Indexer(table, name)


def _turned(table: pd.DataFrame) -> pd.DataFrame:
    if len(table) > MAX_TURNED:
        raise refused(f"T of a table of more than {MAX_TURNED} rows", "Look at fewer rows: table.head(5).T.")
    return table.T


def _types(table: pd.DataFrame) -> pd.Series:
    return table.dtypes.astype(str)


_PLACES: Final = {"iloc": _indexer("iloc"), "loc": _indexer("loc"), "values": _values}
KINDS: Final = (
    Kind(
        "pandas DataFrame",
        (pd.DataFrame,),
        frozenset({"columns", "empty", "index", "shape", "size"}),
        MappingProxyType(
            {
                **methods("head tail"),
                "describe": _describe,
                "count": _only(),
                "astype": _astype,
                "items": _items,
                "iterrows": _iterrows,
                "itertuples": _itertuples,
                "rename": _rename,
                "reset_index": _only("drop"),
                "round": _round,
                "set_index": _set_index,
                "sort_index": _only("ascending"),
                "sort_values": _sort_values,
                "to_dict": _to_dict,
                "to_string": _to_string,
            }
        ),
        MappingProxyType({**_PLACES, "T": _turned, "dtypes": _types}),
    ),
    Kind(
        "pandas Series",
        (pd.Series,),
        frozenset({"empty", "index", "name", "size"}),
        MappingProxyType(
            {
                **methods("head tail tolist"),
                **methods("count max mean min nunique sum", _number),
                "astype": _astype,
                "items": _items,
                "round": _round,
                "to_dict": _to_dict,
                "to_list": _to_list,
                "unique": _unique,
            }
        ),
        MappingProxyType(_PLACES),
    ),
    Kind("values of a pandas table", (Values,), methods=MappingProxyType({"tolist": _values_to_list})),
)
