"""Python's own functions, as far as a cell may call them."""

from collections.abc import Callable, ItemsView, KeysView, Mapping, ValuesView
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql.types import StructType

from lab.cells.advice import a, refused
from lab.cells.bounds import check_hashes, check_keys, check_length, total
from lab.cells.shown import Named, as_code, as_text
from lab.cells.vocabulary.frames import show
from lab.cells.vocabulary.kinds import Call, Function

_ITERABLE: Final = (str, list, tuple, dict, set, frozenset, range, KeysView, ValuesView, ItemsView)


def items(value: Any) -> list[Any]:
    """The items of a value that a cell loops over."""
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
    iter(value)  # Python or Spark says what is wrong
    raise refused(f"a loop over {a(type(value).__name__)}")


def _print(call: Call) -> None:
    separator, end = call.named.get("sep"), call.named.get("end")
    for name, value in call.named.items():
        if name not in {"sep", "end", "flush"}:
            raise refused(f"the argument {name!r} of print()")
        if name != "flush" and not isinstance(value, str | None):
            raise TypeError(f"{name} must be None or a string, not {type(value).__name__}")
    separator = " " if separator is None else separator
    text = separator.join(as_text(value) for value in call.positional)
    call.run.output.print(text, "\n" if end is None else end)


def _display(call: Call) -> None:
    for value in call.positional:
        if isinstance(value, DataFrame):
            show(Call(call.run, value, "show", (), {}, call.invoke))
        elif isinstance(value, pd.DataFrame):
            call.run.output.give(value)
        else:
            call.run.output.print(as_code(value))


def _python(function: Callable[..., Any]) -> Callable[[Call], Any]:
    """Python's function as it is, over values that are known to end."""

    def perform(call: Call) -> Any:
        return function(*call.positional, **call.named)

    return perform


def _over(function: Callable[..., Any], gives: Callable[[Any], Any] = lambda value: value) -> Callable[[Call], Any]:
    """Python's function over things to loop over, with a key that may be a function of the cell's."""

    def perform(call: Call) -> Any:
        named = dict(call.named)
        key = named.get("key")
        if key is not None:
            named["key"] = lambda value: call.invoke(call.run, key, (value,))
        positional = [items(value) if _is_strange(value) else value for value in call.positional]
        return gives(function(*positional, **named))

    return perform


def _is_strange(value: Any) -> bool:
    """Whether Python would loop over it in ways of its own, or never end."""
    return isinstance(value, DataFrame | pd.DataFrame | pd.Series | StructType)


def _sum(call: Call) -> Any:
    # Of lists, Python copies all that it has so far with each.
    values = items(call.positional[0]) if call.positional else []
    total(len(value) for value in values if isinstance(value, list | tuple))
    return _over(sum)(call)


def _range(call: Call) -> Any:
    values = range(*call.positional, **call.named)
    # The length of a huge range is no int that len() could give.
    if values.start != values.stop and abs(values.stop - values.start) // abs(values.step) > 2**31:
        check_length(2**31)
    check_length(len(values))
    return values


def _text(call: Call) -> str:
    if call.named or len(call.positional) > 1:
        raise refused("more than one argument of str()")
    text = as_text(call.positional[0]) if call.positional else ""
    check_length(len(text))
    return text


def _represent(call: Call) -> str:
    (value,) = call.positional
    text = as_code(value)
    check_length(len(text))
    return text


def _int(call: Call) -> int:
    if call.positional and not isinstance(call.positional[0], str | int | float):
        value = call.positional[0]
        if type(value).__module__ != "decimal":
            raise TypeError(
                f"int() argument must be a string, a bytes-like object or a real number, not {type(value).__name__!r}"
            )
    return int(*call.positional, **call.named)


def _round(call: Call) -> Any:
    for digits in (*call.positional[1:], *call.named.values()):
        if isinstance(digits, int) and abs(digits) > 100:
            raise refused(f"rounding to {digits} digits")
    return round(*call.positional, **call.named)


def _type(call: Call) -> Any:
    (value,) = call.positional
    kind = type(value)
    if isinstance(value, Named):
        return Named("<class 'function'>")
    return Named(f"<class '{kind.__module__}.{kind.__qualname__}'>".replace("builtins.", ""))


def _of_kind(kind: Callable[..., Any]) -> Callable[[Call], Any]:
    def perform(call: Call) -> Any:
        values = [items(value) for value in call.positional]
        if kind in {set, frozenset}:
            for each in values:
                check_hashes(each)
        return kind(*values, **call.named)

    return perform


def _dict(call: Call) -> Any:
    for pairs in call.positional:
        check_keys(pairs)
    return dict(*call.positional, **call.named)


_PERFORM: Final[Mapping[str, Callable[[Call], Any]]] = MappingProxyType(
    {
        "print": _print,
        "display": _display,
        "abs": _python(abs),
        "all": _over(all),
        "any": _over(any),
        "bool": _python(bool),
        "dict": _dict,
        "enumerate": _over(enumerate, list),
        "float": _python(float),
        "frozenset": _of_kind(frozenset),
        "int": _int,
        "len": _python(len),
        "list": _of_kind(list),
        "max": _over(max),
        "min": _over(min),
        "range": _range,
        "repr": _represent,
        "reversed": _over(reversed, list),
        "round": _round,
        "set": _of_kind(set),
        "sorted": _over(sorted),
        "str": _text,
        "sum": _sum,
        "tuple": _of_kind(tuple),
        "type": _type,
        "zip": _over(zip, list),
    }
)
BUILTINS: Final[Mapping[str, Function]] = MappingProxyType(
    {name: Function(name, perform, f"<built-in function {name}>") for name, perform in _PERFORM.items()}
)
