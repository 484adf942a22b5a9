"""Python's own types, and pandas tables."""

from collections.abc import Collection
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

from lab.cells.advice import refused
from lab.cells.bounds import check_grown, check_hashes, check_keys, check_length, total
from lab.cells.shown import table_as_text
from lab.cells.vocabulary.kinds import Call, Kind, methods


def _replace(call: Call) -> Any:
    old, new, *_ = (*call.positional, "", "")
    if isinstance(old, str) and isinstance(new, str):
        check_length(len(call.owner) + call.owner.count(old) * len(new))
    return call.perform()


def _join(call: Call) -> Any:
    parts = list(call.positional[0]) if len(call.positional) == 1 else None
    if parts is None or call.named:
        return call.perform()  # Python says what is wrong
    total(len(part) + len(call.owner) if isinstance(part, str) else 0 for part in parts)
    return call.owner.join(parts)


def _grow(call: Call) -> Any:
    check_length(len(call.owner) + 1)
    if call.name == "update":
        for pairs in call.positional:
            check_keys(pairs)
    result = call.perform()
    check_grown(call.owner)
    return result


def _combine(call: Call) -> Any:
    """An operation of sets, of which each argument becomes a set."""
    for values in call.positional:
        if isinstance(values, Collection):
            check_hashes(values)
    return call.perform()


def _extend(call: Call) -> Any:
    values = [list(value) for value in call.positional]
    total([len(call.owner), *map(len, values)])
    return getattr(call.owner, call.name)(*values)


def _sort_values(call: Call) -> Any:
    # A `key` would be called by pandas, and `inplace` change what the cell shows elsewhere.
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


_COPIES: Final = methods("count index")
KINDS: Final = (
    Kind(
        "str",
        (str,),
        methods=MappingProxyType(
            {
                **methods(
                    """
                    capitalize count endswith find index isdigit isalpha isnumeric lower lstrip removeprefix removesuffix
                    rsplit rstrip split splitlines startswith strip title upper
                    """
                ),
                "join": _join,
                "replace": _replace,
            }
        ),
    ),
    Kind(
        "list",
        (list,),
        methods=MappingProxyType(
            {
                **_COPIES,
                **methods("clear copy pop remove reverse"),
                **methods("append insert", _grow),
                "extend": _extend,
            }
        ),
    ),
    Kind("tuple", (tuple,), methods=MappingProxyType(_COPIES)),
    Kind(
        "dict",
        (dict,),
        methods=MappingProxyType({**methods("copy get items keys pop values"), **methods("setdefault update", _grow)}),
    ),
    Kind(
        "set",
        (set, frozenset),
        methods=MappingProxyType(
            {
                **methods("copy discard remove"),
                **methods("difference intersection isdisjoint issubset issuperset union", _combine),
                "add": _grow,
            }
        ),
    ),
    Kind("int", (int,)),
    Kind("float", (float,), methods=MappingProxyType(methods("is_integer"))),
    Kind(
        "pandas DataFrame",
        (pd.DataFrame,),
        frozenset({"columns", "empty", "shape"}),
        MappingProxyType({**methods("head tail"), "sort_values": _sort_values, "to_string": _to_string}),
    ),
    Kind(
        "pandas Series",
        (pd.Series,),
        frozenset({"empty", "name", "size"}),
        MappingProxyType({**methods("head tail tolist"), **methods("count max mean min nunique sum", _number)}),
    ),
)
