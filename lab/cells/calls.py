"""Calls of methods (by the type of their object), of vocabulary functions, and of functions that a cell has made."""

from collections import Counter
from collections.abc import Mapping
from copy import deepcopy
from types import FunctionType, MethodType
from typing import Any, Final

from pyspark.sql.types import ArrayType, DataType, MapType, StructField, StructType

from lab.cells import plans
from lab.cells.advice import refused
from lab.cells.bounds import TABLES, Run
from lab.cells.shown import Named
from lab.cells.spark_functions import words
from lab.cells.vocabulary import CLASSES, SPARK_STEPS, Call, Defined, Function, Method, make

# Methods that go through the whole object: the call counts steps for all it holds.
_SEARCHES: Final = words("""
    copy count difference format index intersection json remove simpleString sort symmetric_difference treeString union
    """)


def call(run: Run, function: Any, positional: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    """Return the result of a call; count its steps, and weigh the result."""
    run.weigh(*positional, *named.values())
    result = _call(run, function, positional, named)
    if isinstance(function, Defined):
        return result
    owner = function.owner if isinstance(function, Method) else None
    if isinstance(owner, TABLES):
        run.weigh(result)
    return plans.weigh(run.made(result), owner, (*positional, *named.values()), name=getattr(function, "name", ""))


def _call(run: Run, function: Any, positional: tuple[Any, ...], named: Mapping[str, Any]) -> Any:
    match function:
        case Method(owner=owner, kind=kind, name=name):
            if isinstance(owner, list | tuple | set | frozenset | dict | str | DataType):
                run.weigh(*([owner] if name in _SEARCHES else []))
            else:
                run.step(SPARK_STEPS)
                plans.check_inputs(name, owner, (*positional, *named.values()))
                positional, named = _copied(positional), _copied(named)
            return kind.methods[name](Call(run, owner, name, positional, named, _invoke))
        case Function(name=name, handler=handler, steps=steps):
            run.step(steps)
            if steps == SPARK_STEPS:
                plans.check_inputs(name, None, (*positional, *named.values()))
                positional, named = _copied(positional), _copied(named)
            return handler(Call(run, None, name, positional, named, _invoke))
        case Defined(signature=signature, perform=perform):
            bound = signature.bind(*positional, **named)
            bound.apply_defaults()
            return perform(run, dict(bound.arguments))
        case type() if function in CLASSES:
            return make(Call(run, function, function.__name__, positional, named, _invoke))
        case type():
            raise refused(f"{function.__name__}()")
        case FunctionType() | MethodType():
            # The app's own helper functions. They do not vet their arguments, so they only get plain values.
            for value in (*positional, *named.values()):
                if not isinstance(value, str | int | float | None):
                    raise refused(f"{type(value).__name__} as an argument of {function.__name__}()", "Give it a text.")
            return function(*positional, **named)
        case _:
            shown = repr(function) if isinstance(function, Named) else f"{type(function).__name__!r} object"
            raise TypeError(f"{shown} is not callable")


def _copied(value: Any) -> Any:
    """Return the value with copies of its lists and other mutable parts.

    A foreachBatch function runs in its own thread: it could change a list between its check and its use.
    """
    if type(value) is list:
        return [_copied(each) for each in value]
    if type(value) is tuple:
        return tuple(_copied(each) for each in value)
    if type(value) in {dict, Counter}:
        return {key: _copied(each) for key, each in list(value.items())}
    if type(value) is set:
        return set(value)
    # A column can be added to a schema at any moment.
    return deepcopy(value) if isinstance(value, StructType | StructField | ArrayType | MapType) else value


def _invoke(run: Run, function: Any, positional: tuple[Any, ...]) -> Any:
    return call(run, function, positional, {})
