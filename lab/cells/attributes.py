"""Attribute lookup by type, and the messages for names that do not exist."""

import builtins
from collections.abc import Iterable
from typing import Any

import pandas as pd
from pyspark.sql import Column, DataFrame, Row

from lab.cells import plans
from lab.cells.advice import ADVICE, Mistaken, Refused, Undefined, did_you_mean, refused, refused_attribute
from lab.cells.articles import a
from lab.cells.bounds import checked
from lab.cells.shown import Named
from lab.cells.spark_functions import FUNCTIONS
from lab.cells.vocabulary import (
    BUILTINS,
    CLASS_FUNCTIONS,
    MODULES,
    Call,
    Class,
    Function,
    Kind,
    Method,
    Module,
    kind_of,
)


def attribute(owner: Any, name: str) -> Any:
    """Return an attribute of an object, or a method that can be called; raise Refused for any other name."""
    if isinstance(owner, Module):
        return imported(owner, name)
    if isinstance(owner, Class) and name in owner.names:
        return owner.names[name]
    if isinstance(owner, type) and name in CLASS_FUNCTIONS.get(owner, ()):
        return CLASS_FUNCTIONS[owner][name]
    if owner is BUILTINS["str"] and name in kind_of("").methods:
        return _of_any_text(name)
    kind = kind_of(owner)
    if name in kind.reads:
        return plans.weigh(checked(kind.reads[name](owner)), owner)
    if name in kind.methods:
        return Method(owner, kind, name)
    if name in kind.attributes:
        value = getattr(owner, name)
        if isinstance(value, pd.Index):
            value = value.tolist()
        if type(value) is list:
            value = list(value)  # a cell could append anything to a schema's own list
        return plans.weigh(checked(value), owner)
    columns = columns_of(owner)
    if name in columns and not name.startswith("_"):
        return plans.weigh(owner[name], owner)
    raise _refused(owner, kind, name, columns)


def _of_any_text(name: str) -> Function:
    """Return an unbound method of `str`, as in `sorted(names, key=str.lower)`."""

    def perform(call: Call) -> Any:
        if call.named or not call.positional or not isinstance(call.positional[0], str):
            raise TypeError(f"str.{name}() needs a text as its first argument")
        text, *others = call.positional
        return call.invoke(call.run, Method(text, kind_of(text), name), tuple(others))

    return Function(f"str.{name}", perform, f"<method {name} of str>")


def imported(module: Module, name: str) -> Any:
    """Return what a module defines under a name; raise Refused when the vocabulary does not list it."""
    if name not in module.names:
        advice = ADVICE.get(name) or did_you_mean(name, module.names) or module.advice
        raise refused(f"{name!r} of {module.name}", advice)
    return module.names[name]


def columns_of(owner: Any) -> list[str]:
    """Return the names of the columns that can be read as attributes."""
    if isinstance(owner, DataFrame | pd.DataFrame):
        return [name for name in owner.columns if isinstance(name, str)]
    return list(getattr(owner, "__fields__", ())) if isinstance(owner, Row) else []


def undefined(name: str, known: Iterable[str]) -> Refused:
    """Return the refusal of a name that is not defined."""
    known = set(known)
    if name in ADVICE and name not in known and (hasattr(builtins, name) or name in {"sc", "sqlContext", "sqlc"}):
        return refused(repr(name), ADVICE[name])
    if hasattr(builtins, name):
        return refused(repr(name))
    words = f"{name!r} is not defined yet."
    if name == "F":
        return Undefined(NameError, f"{words} Import it: from pyspark.sql import functions as F.", name)
    if name == "T":
        return Undefined(NameError, f"{words} Import it: from pyspark.sql import types as T.", name)
    for module in ("pyspark.sql.functions", "pyspark.sql.types", "time"):
        if name in MODULES[module].names and not did_you_mean(name, known - {name}):
            return Undefined(NameError, f"{words} Import it: from {module} import {name}.", name)
    advice = did_you_mean(name, known | set(BUILTINS)) or "Run the cell that defines it first."
    return Undefined(NameError, f"{words} {advice}", name)


def _refused(owner: Any, kind: Kind, name: str, columns: list[str]) -> Refused:
    if owner is None:
        return Undefined(
            AttributeError,
            f"There is no {name!r} here: what stands before the dot is None. Calls such as show() and print() give nothing.",
        )
    if isinstance(owner, Method):
        return Mistaken(f"{owner.name!r} is a method of {a(owner.kind.title)}: call it, with (), before .{name}.")
    if isinstance(owner, Column | DataFrame) and name in FUNCTIONS and name not in columns:
        return Mistaken(f"{a(kind.title, upper=True)} has no {name!r}: it is a function, as in F.{name}(...).")
    title = "function" if isinstance(owner, Named) and not kind.types else kind.title
    exists = hasattr(type(owner), name) or isinstance(owner, Named) or not kind.types
    return refused_attribute(title, name, [*kind.offered, *columns], exists=exists)
