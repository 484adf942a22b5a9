"""What a cell may say: modules, Python's functions, and what it may do with an object, by the object's type."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from lab.cells.vocabulary import (
    addresses,
    builtins,
    copying,
    frames,
    moments,
    python,
    setup,
    standard,
    storage,
    streams,
    tables,
    types_of,
)
from lab.cells.vocabulary.kinds import SPARK_STEPS, Call, Class, Defined, Function, Kind, Method, Module
from lab.cells.vocabulary.looping import items
from lab.cells.vocabulary.modules import CLASS_FUNCTIONS, CLASSES, MODULES, STARRED, make

__all__ = [
    "BUILTINS",
    "CLASSES",
    "CLASS_FUNCTIONS",
    "MODULES",
    "SPARK_STEPS",
    "STARRED",
    "Call",
    "Class",
    "Defined",
    "Function",
    "Kind",
    "Method",
    "Module",
    "items",
    "kind_of",
    "make",
]

# What is there without an import: Python's functions and, on Databricks, `dbutils`.
BUILTINS: Final[Mapping[str, Any]] = MappingProxyType({**builtins.BUILTINS, "dbutils": copying.DBUTILS})
# The first that fits: a row is also a tuple, a progress also a dict.
_KINDS: Final = (
    *(*streams.KINDS, *setup.KINDS, *copying.KINDS, *frames.KINDS, *storage.KINDS, *standard.KINDS),
    *(*python.KINDS, *tables.KINDS, *moments.KINDS, *addresses.KINDS, *types_of.KINDS),
)


def kind_of(value: Any) -> Kind:
    """Return what may be done with a value; nothing when its type is not in the vocabulary."""
    for kind in _KINDS:
        if isinstance(value, kind.types):
            return kind
    return Kind(type(value).__name__, ())
