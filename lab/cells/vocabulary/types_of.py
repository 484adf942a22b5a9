"""`type` and `isinstance`. A cell does not get the type itself, which has more attributes than a cell may use."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import Column, DataFrame, SparkSession

from lab.cells.shown import Named
from lab.cells.vocabulary.errors import Caught, ErrorClass
from lab.cells.vocabulary.kinds import Call, Class, Function, Kind

_TYPES: Final[Mapping[str, type]] = MappingProxyType(
    {
        **{each.__name__: each for each in (bool, dict, float, frozenset, int, list, range, set, str, tuple)},
        **{each.__name__: each for each in (Column, DataFrame, SparkSession)},
    }
)


class TypeOf(Named):
    """The type of a value: it has a name, and equals any name of the same type in the vocabulary."""

    def __init__(self, kind: type) -> None:
        super().__init__(f"<class '{kind.__module__}.{kind.__qualname__}'>".replace("builtins.", ""))
        self.kind = kind
        self.name = kind.__name__

    def __eq__(self, other: object) -> bool:
        if isinstance(other, TypeOf):
            return self.kind is other.kind
        return self.kind in _named(other)

    def __hash__(self) -> int:
        return hash(self.kind)


def _type(call: Call) -> Any:
    (value,) = call.positional
    if isinstance(value, Caught):
        return TypeOf(value.kind)
    return Named("<class 'function'>") if isinstance(value, Named) else TypeOf(type(value))


def _isinstance(call: Call) -> bool:
    value, wanted = call.positional
    kinds = [kind for each in (wanted if isinstance(wanted, tuple) else (wanted,)) for kind in _known(each)]
    return issubclass(value.kind if isinstance(value, Caught) else type(value), tuple(kinds))


def _known(value: Any) -> tuple[type, ...]:
    if kinds := _named(value):
        return kinds
    raise TypeError("isinstance() arg 2 must be a type, or a tuple of types, such as str or (int, float)")


def _named(value: Any) -> tuple[type, ...]:
    """Return the types that a name of the vocabulary stands for; empty when it names none."""
    match value:
        case ErrorClass(kind=kind) | TypeOf(kind=kind):
            return (kind,)
        case Class(types=kinds):
            return kinds
        case Function(name=name) if name in _TYPES:
            return (_TYPES[name],)
        case type():
            return (value,)
        case _:
            return ()


KINDS: Final = (Kind("type", (TypeOf,), reads=MappingProxyType({"__name__": lambda kind: kind.name})),)
KINDS_OF_VALUES: Final[Mapping[str, Callable[[Call], Any]]] = MappingProxyType(
    {"isinstance": _isinstance, "type": _type}
)
