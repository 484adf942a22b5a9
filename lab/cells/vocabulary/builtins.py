"""Python's built-in functions that a cell may call."""

from collections import Counter
from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame

from lab.cells.advice import refused
from lab.cells.bounds import check_hashes, check_keys, check_length, total
from lab.cells.shown import as_code, as_text
from lab.cells.values import MAX_OUTPUT
from lab.cells.vocabulary.calling import CALLING
from lab.cells.vocabulary.errors import ERRORS
from lab.cells.vocabulary.frames import show
from lab.cells.vocabulary.kinds import Call, Function
from lab.cells.vocabulary.looping import items, over
from lab.cells.vocabulary.numbers import NUMBERS
from lab.cells.vocabulary.types_of import KINDS_OF_VALUES


def _print(call: Call) -> None:
    separator, end = call.named.get("sep"), call.named.get("end")
    for name, value in call.named.items():
        if name not in {"sep", "end", "flush"}:
            raise refused(f"the argument {name!r} of print()")
        if name != "flush" and not isinstance(value, str | None):
            raise TypeError(f"{name} must be None or a string, not {type(value).__name__}")
    separator = " " if separator is None else separator
    pieces, length = [], 0
    for value in call.positional:
        pieces.append(as_text(value))
        length += len(pieces[-1]) + len(separator)
        if length > MAX_OUTPUT + len(separator):
            break  # no more is shown
    call.run.output.print(separator.join(pieces), "\n" if end is None else end)


def _display(call: Call) -> None:
    for value in call.positional:
        if isinstance(value, DataFrame):
            show(Call(call.run, value, "show", (), {}, call.invoke))
        elif isinstance(value, pd.DataFrame):
            call.run.output.give(value)
        else:
            call.run.output.print(as_code(value))


def _python(function: Callable[..., Any]) -> Callable[[Call], Any]:
    """Return a handler that calls Python's function unchanged."""

    def perform(call: Call) -> Any:
        return function(*call.positional, **call.named)

    return perform


def _sum(call: Call) -> Any:
    # For a sum of lists, Python copies all items so far with each list.
    values = items(call.positional[0]) if call.positional else []
    length = total(len(value) for value in values if isinstance(value, list | tuple | Counter))
    if any(isinstance(value, Counter) for value in values):
        call.run.step(length * len(values) // 100)
    return over(sum)(call)


def _range(call: Call) -> Any:
    values = range(*call.positional, **call.named)
    # len() cannot return the length of a huge range: it raises OverflowError.
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
        "all": over(all),
        "any": over(any),
        "bool": _python(bool),
        "dict": _dict,
        "enumerate": over(enumerate, list),
        "float": _python(float),
        "frozenset": _of_kind(frozenset),
        "int": _int,
        "len": _python(len),
        "list": _of_kind(list),
        "max": over(max),
        "min": over(min),
        "range": _range,
        "repr": _represent,
        "reversed": over(reversed, list),
        "round": _round,
        "set": _of_kind(set),
        "sorted": over(sorted),
        "str": _text,
        "sum": _sum,
        "tuple": _of_kind(tuple),
        "zip": over(zip, list),
    }
)
BUILTINS: Final[Mapping[str, Function]] = MappingProxyType(
    {
        **{
            name: Function(name, perform, f"<built-in function {name}>")
            for name, perform in {**_PERFORM, **NUMBERS, **CALLING, **KINDS_OF_VALUES}.items()
        },
        **ERRORS,
    }
)
