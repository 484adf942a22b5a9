"""The operators of a cell: Python's own, refused where they would take too long or make too large a value."""

import ast
import operator
from collections.abc import Callable, Collection, ItemsView, KeysView, Mapping
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from pyspark.sql import Column, DataFrame, Row
from pyspark.sql.types import StructType

from lab.cells import plans
from lab.cells.advice import refused
from lab.cells.articles import a
from lab.cells.bounds import Run, check_hashes, check_length
from lab.cells.formats import filled
from lab.cells.shown import Named
from lab.cells.tables import Indexer, in_table

MAX_BITS: Final = 200
_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.BitAnd: operator.and_,
        ast.BitOr: operator.or_,
        ast.BitXor: operator.xor,
        ast.Div: operator.truediv,
        ast.Eq: operator.eq,
        ast.FloorDiv: operator.floordiv,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
        ast.In: lambda value, values: value in values,
        ast.Invert: operator.invert,
        ast.Is: operator.is_,
        ast.IsNot: operator.is_not,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Mod: operator.mod,
        ast.Mult: operator.mul,
        ast.Not: operator.not_,
        ast.NotEq: operator.ne,
        ast.NotIn: lambda value, values: value not in values,
        ast.Pow: operator.pow,
        ast.Sub: operator.sub,
        ast.UAdd: operator.pos,
        ast.USub: operator.neg,
    }
)
_COMPARISONS: Final = frozenset({ast.Eq, ast.NotEq, ast.Lt, ast.LtE, ast.Gt, ast.GtE, ast.In, ast.NotIn})
_WORDS: Final[Mapping[type[ast.AST], str]] = MappingProxyType({ast.LShift: "<<", ast.RShift: ">>", ast.MatMult: "@"})
_SEQUENCES: Final = str | bytes | bytearray | list | tuple
_OF_SETS: Final = frozenset({ast.BitAnd, ast.BitOr, ast.BitXor, ast.Sub})
_HASHED: Final = dict | set | frozenset | KeysView | ItemsView


def operate(run: Run, op: ast.AST, *operands: Any) -> Any:
    """Return the result of an operator."""
    kind = type(op)
    if kind not in _OPERATORS:
        raise refused(f"the operator {_WORDS.get(kind, kind.__name__)}", "Use multiplication and division.")
    if kind not in {ast.Is, ast.IsNot}:
        run.weigh(*operands)
        _check(kind, operands)
    if kind in _COMPARISONS:
        operands = tuple(map(run.snapshot, operands))
    if kind is ast.Mod and isinstance(operands[0], str):
        return run.made(filled(run, *operands))
    result = run.made(_OPERATORS[kind](*operands))
    return plans.weigh(result, None, operands)


def truth(run: Run, value: Any) -> bool:
    """Return whether a value counts as true; for a Column, Spark raises its own error."""
    if isinstance(value, pd.DataFrame | pd.Series):
        raise refused("a pandas table as a condition", "Use len(table) > 0.")
    run.step()
    return bool(value)


def subscript(run: Run, value: Any, index: Any) -> Any:
    """Return the item of a value at an index."""
    run.weigh(index)
    if isinstance(value, pd.DataFrame | pd.Series | Indexer):
        found = in_table(value, index)
        # pandas copies only for several columns; a single column or a slice is a view.
        if isinstance(index, list):
            run.weigh(found)
        return found
    if isinstance(value, Column):
        if not isinstance(index, str | int):
            raise refused("such an index of a Column", "Use the name of a field, or substr(start, length).")
    elif isinstance(value, Named) or not isinstance(
        value, str | list | tuple | dict | range | Row | DataFrame | StructType
    ):
        raise TypeError(f"{type(value).__name__!r} object is not subscriptable")
    return plans.weigh(run.made(value[index]), value, index)


def _check(kind: type[ast.AST], operands: tuple[Any, ...]) -> None:
    """Refuse an operation with a large result before it is computed."""
    for operand in operands:
        if isinstance(operand, pd.DataFrame | pd.Series):
            raise refused(f"operators with {a('pandas table')}", "Calculate with Spark, before toPandas().")
    left, *rest = operands
    right = rest[0] if rest else None
    if kind is ast.Mult:
        for sequence, count in ((left, right), (right, left)):
            if isinstance(sequence, _SEQUENCES) and isinstance(count, int):
                check_length(len(sequence) * max(0, count))
    if kind is ast.Pow:
        check_power(left, right)
    if kind in _OF_SETS and any(isinstance(operand, _HASHED) for operand in operands):
        check_hashes([each for operand in operands if isinstance(operand, Collection) for each in operand])
    if kind in {ast.In, ast.NotIn} and isinstance(right, DataFrame):
        raise refused("'in' a DataFrame", "Use df.columns for its columns, and isin() for values.")


def check_power(base: Any, exponent: Any) -> None:
    """Refuse a power whose result would be too large."""
    if isinstance(base, Decimal) or isinstance(exponent, Decimal):
        raise refused("powers of decimal numbers")
    if isinstance(base, int) and isinstance(exponent, int) and base.bit_length() * max(0, exponent) > MAX_BITS:
        raise refused("powers as large as this")
