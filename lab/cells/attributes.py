"""What the dot gives, by the type of what stands before it, and what is said of names that do not exist."""

import builtins
from collections.abc import Iterable
from typing import Any

import pandas as pd
from pyspark.sql import Column, DataFrame, Row

from lab.cells import plans
from lab.cells.advice import ADVICE, Refused, a, did_you_mean, refused, refused_attribute
from lab.cells.bounds import checked
from lab.cells.shown import Named
from lab.cells.spark_functions import FUNCTIONS
from lab.cells.vocabulary import BUILTINS, MODULES, Kind, Method, Module, kind_of


def attribute(owner: Any, name: str) -> Any:
    """The attribute of an object, or a method that can be called."""
    if isinstance(owner, Module):
        return imported(owner, name)
    kind = kind_of(owner)
    if name in kind.methods:
        return Method(owner, kind, name)
    if name in kind.attributes:
        value = getattr(owner, name)
        if isinstance(value, pd.Index):
            value = value.tolist()
        return plans.weigh(checked(value), owner)
    columns = columns_of(owner)
    if name in columns and not name.startswith("_"):
        return plans.weigh(owner[name], owner)
    raise _refused(owner, kind, name, columns)


def imported(module: Module, name: str) -> Any:
    """The name of a module."""
    if name not in module.names:
        raise refused(f"{name!r} of {module.name}", ADVICE.get(name) or did_you_mean(name, module.names))
    return module.names[name]


def columns_of(owner: Any) -> list[str]:
    """The columns that can be had with a dot."""
    if isinstance(owner, DataFrame | pd.DataFrame):
        return [name for name in owner.columns if isinstance(name, str)]
    return list(getattr(owner, "__fields__", ())) if isinstance(owner, Row) else []


def undefined(name: str, known: Iterable[str]) -> Refused:
    """What is said of a name that is not defined."""
    known = set(known)
    if (
        name in ADVICE
        and name not in known
        and (hasattr(builtins, name) or name in {"sc", "sqlContext", "sqlc", "dbutils"})
    ):
        return refused(repr(name), ADVICE[name])
    if hasattr(builtins, name):
        return refused(repr(name))
    words = f"{name!r} is not defined yet."
    if name == "F":
        return Refused(f"{words} Import it: from pyspark.sql import functions as F.")
    if name == "T":
        return Refused(f"{words} Import it: from pyspark.sql import types as T.")
    for module in ("pyspark.sql.functions", "pyspark.sql.types", "time"):
        if name in MODULES[module].names and not did_you_mean(name, known - {name}):
            return Refused(f"{words} Import it: from {module} import {name}.")
    advice = did_you_mean(name, known | set(BUILTINS)) or "Run the cell that defines it first."
    return Refused(f"{words} {advice}")


def _refused(owner: Any, kind: Kind, name: str, columns: list[str]) -> Refused:
    if owner is None:
        return Refused(
            f"There is no {name!r} here: what stands before the dot is None. Calls such as show() and print() give nothing."
        )
    if isinstance(owner, Method):
        return Refused(f"{owner.name!r} is a method of {a(owner.kind.title)}: call it, with (), before .{name}.")
    if isinstance(owner, Column | DataFrame) and name in FUNCTIONS and name not in columns:
        return Refused(f"{a(kind.title, upper=True)} has no {name!r}: it is a function, as in F.{name}(...).")
    title = "function" if isinstance(owner, Named) else kind.title
    exists = hasattr(type(owner), name) or isinstance(owner, Named) or not kind.types
    return refused_attribute(title, name, [*kind.offered, *columns], exists=exists)
