"""Python's functions that call a function of the cell, plus `callable` and `format`."""

from collections.abc import Callable, Mapping
from types import FunctionType, MappingProxyType, MethodType
from typing import Any, Final

from lab.cells.formats import formatted
from lab.cells.vocabulary.kinds import Call, Defined, Function, Method
from lab.cells.vocabulary.looping import items


def _map(call: Call) -> list[Any]:
    """Perform `map`. It is eager, because cells have lists but no iterators."""
    if call.named or len(call.positional) < 2:
        raise TypeError("map() must have at least two arguments.")
    function, *values = call.positional
    return [call.invoke(call.run, function, each) for each in zip(*map(items, values), strict=False)]


def _filter(call: Call) -> list[Any]:
    if call.named or len(call.positional) != 2:
        raise TypeError(f"filter expected 2 arguments, got {len(call.positional)}")
    function, values = call.positional
    if function is None:
        return [value for value in items(values) if value]
    return [value for value in items(values) if call.invoke(call.run, function, (value,))]


def _callable(call: Call) -> bool:
    (value,) = call.positional
    return isinstance(value, Defined | Function | Method | type | FunctionType | MethodType)


def _format(call: Call) -> str:
    value, spec = call.positional if len(call.positional) == 2 else (*call.positional, "")
    if not isinstance(spec, str):
        raise TypeError(f"format() argument 2 must be str, not {type(spec).__name__}")
    return formatted(value, -1, spec)


def reduce(call: Call) -> Any:
    """Perform `functools.reduce`."""
    function, values, *first = call.positional
    left = [*first, *items(values)]
    if not left:
        raise TypeError("reduce() of empty iterable with no initial value")
    result, *rest = left
    for value in rest:
        result = call.invoke(call.run, function, (result, value))
    return result


CALLING: Final[Mapping[str, Callable[[Call], Any]]] = MappingProxyType(
    {"callable": _callable, "filter": _filter, "format": _format, "map": _map}
)
