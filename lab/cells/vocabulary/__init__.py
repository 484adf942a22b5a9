"""What a cell may say: modules, Python's functions, and what it may do with an object, by the object's type."""

from typing import Any, Final

from lab.cells.vocabulary import frames, python, storage, streams
from lab.cells.vocabulary.builtins import BUILTINS, items
from lab.cells.vocabulary.kinds import SPARK_STEPS, Call, Defined, Function, Kind, Method, Module
from lab.cells.vocabulary.modules import CLASSES, MODULES, STARRED, make

__all__ = [
    "BUILTINS",
    "CLASSES",
    "MODULES",
    "SPARK_STEPS",
    "STARRED",
    "Call",
    "Defined",
    "Function",
    "Kind",
    "Method",
    "Module",
    "items",
    "kind_of",
    "make",
]

# The first that fits: a row is also a tuple, a progress also a dict.
_KINDS: Final = (*streams.KINDS, *frames.KINDS, *storage.KINDS, *python.KINDS)


def kind_of(value: Any) -> Kind:
    """What may be done with a value; nothing when its type is not in the vocabulary."""
    for kind in _KINDS:
        if isinstance(value, kind.types):
            return kind
    return Kind(type(value).__name__, ())
