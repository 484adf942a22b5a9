"""The allow-list for cells: modules, Python's functions, and the attributes and methods of objects by type."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from lab.cells.vocabulary import (
    addresses,
    builtins,
    copying,
    dates,
    frames,
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

# Names that need no import: Python's functions and, as on Databricks, `dbutils`.
BUILTINS: Final[Mapping[str, Any]] = MappingProxyType({**builtins.BUILTINS, "dbutils": copying.DBUTILS})
# The first match counts: a row is also a tuple, a progress is also a dict.
_KINDS: Final = (
    *(*streams.KINDS, *setup.KINDS, *copying.KINDS, *frames.KINDS, *storage.KINDS, *standard.KINDS),
    *(*python.KINDS, *tables.KINDS, *dates.KINDS, *addresses.KINDS, *types_of.KINDS),
)


def kind_of(value: Any) -> Kind:
    """Return what a cell may do with a value; an empty kind when its type is not in the vocabulary."""
    for kind in _KINDS:
        if isinstance(value, kind.types):
            return kind
    return Kind(type(value).__name__, ())
