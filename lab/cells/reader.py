"""The interpreter: one method for each kind of syntax that a cell may use."""

import ast
import operator
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType
from typing import Any, Final

import pandas as pd
from pyspark.sql import DataFrame
from pyspark.sql.streaming.query import StreamingQuery

from lab.cells.calls import refusal_of_call
from lab.cells.values import CellError, CellOutput, Limits
from lab.cells.vocabulary import ATTRIBUTES, METHODS, MODULES, PRINTED, Module, offers

MAX_SOURCE: Final = 10_000
MAX_STEPS: Final = 20_000
MAX_LENGTH: Final = 10_000

_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., Any]]] = MappingProxyType(
    {
        ast.Add: operator.add,
        ast.Sub: operator.sub,
        ast.Div: operator.truediv,
        ast.BitAnd: operator.and_,
        ast.BitOr: operator.or_,
        ast.Invert: operator.invert,
        ast.USub: operator.neg,
        ast.Eq: operator.eq,
        ast.NotEq: operator.ne,
        ast.Lt: operator.lt,
        ast.LtE: operator.le,
        ast.Gt: operator.gt,
        ast.GtE: operator.ge,
    }
)


def run_cell(source: str, names: dict[str, Any], output: CellOutput, limits: Limits) -> None:
    """Perform a cell: its definitions go into `names`, what it prints and its last expression's value into `output`.

    Raises CellError, and nothing else.
    """
    if len(source) > MAX_SOURCE:
        raise CellError(f"A cell has at most {MAX_SOURCE:,} characters.", 1, 1)
    try:
        tree = ast.parse(source)
        _Reader(names, output, limits, _Steps()).run(tree)
    except (SyntaxError, ValueError) as error:
        line, column = getattr(error, "lineno", None) or 1, getattr(error, "offset", None) or 1
        raise CellError(f"This is not Python: {getattr(error, 'msg', error)}.", line, column) from error
    except (RecursionError, MemoryError) as error:
        raise CellError("This cell is nested too deeply.", 1, 1) from error
    except _ReturnError as error:
        raise CellError("The lab's cells use 'return' only inside a function.", error.line, 1) from error


@dataclass
class _Steps:
    """Counts what a cell does, so that it ends."""

    done: int = 0


class _ReturnError(Exception):
    """Carries the value of a `return` out of a function of the cell."""

    def __init__(self, value: Any, line: int) -> None:
        super().__init__()
        self.value = value
        self.line = line


class _Reader:
    def __init__(self, names: dict[str, Any], output: CellOutput, limits: Limits, steps: _Steps) -> None:
        self._names = names
        self._output = output
        self._limits = limits
        self._steps = steps
        self._last: Any = None

    def run(self, tree: ast.Module) -> None:
        for statement in tree.body:
            self._do(statement)
        if tree.body and isinstance(tree.body[-1], ast.Expr):
            self._give(self._last)

    def _give(self, value: Any) -> None:
        """What a notebook shows below a cell."""
        if isinstance(value, pd.DataFrame):
            self._output.table = value
        elif value is not None:
            self._output.print(repr(value))

    # --- statements

    def _do(self, node: ast.stmt) -> None:
        self._count(node)
        match node:
            case ast.Expr(value=value):
                self._last = self._value(value)
            case ast.Assign(targets=[ast.Name(id=name)], value=value):
                self._define(node, name, self._value(value))
            case ast.Import(names=[ast.alias(name=module, asname=str() as name)]):
                self._define(node, name, self._module(node, module))
            case ast.ImportFrom(module=module, names=aliases, level=0):
                known = self._module(node, module or "")
                for alias in aliases:
                    imported = (
                        known.names if alias.name == "*" else {alias.name: self._imported(node, known, alias.name)}
                    )
                    for name, value in imported.items():
                        self._define(node, alias.asname or name, value)
            case ast.FunctionDef(name=name, decorator_list=[], body=body):
                self._define(node, name, self._function(node, node.args, lambda inner: inner.run_body(body)))
            case ast.For(target=ast.Name(id=name), iter=iterable, body=body, orelse=[]):
                values = self._value(iterable)
                if not isinstance(values, list | tuple):
                    raise self._refused(node, "a loop over anything but a list")
                for value in values:
                    self._define(node, name, value)
                    self._block(body)
            case ast.Return(value=value):
                raise _ReturnError(self._value(value) if value else None, node.lineno)
            case _:
                raise self._refused(node, f"'{_keyword(node)}'")

    def run_body(self, body: list[ast.stmt]) -> Any:
        try:
            self._block(body)
        except _ReturnError as returned:
            return returned.value
        return None

    def _block(self, body: list[ast.stmt]) -> None:
        for statement in body:
            self._do(statement)

    def _count(self, node: ast.AST) -> None:
        self._steps.done += 1
        if self._steps.done > MAX_STEPS:
            raise self._error(node, f"This cell takes more than {MAX_STEPS:,} steps.")

    def _define(self, node: ast.AST, name: str, value: Any) -> None:
        if name.startswith("_"):
            raise self._refused(node, f"the name {name!r}")
        self._names[name] = value

    def _module(self, node: ast.AST, name: str) -> Module:
        if name not in MODULES:
            raise self._refused(node, f"an import from {name!r}")
        return MODULES[name]

    def _imported(self, node: ast.AST, module: Module, name: str) -> Any:
        if name not in module.names:
            raise self._refused(node, f"{name!r} of {module.name}")
        return module.names[name]

    # --- expressions

    def _value(self, node: ast.expr) -> Any:
        self._count(node)
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return value
            case ast.Name(id=name):
                return self._name(node, name)
            case ast.List(elts=elements):
                return [self._value(element) for element in elements]
            case ast.Tuple(elts=elements):
                return tuple(self._value(element) for element in elements)
            case ast.JoinedStr(values=parts):
                return "".join(self._text(part) for part in parts)
            case ast.Lambda(args=arguments, body=body):
                return self._function(node, arguments, lambda inner: inner._value(body))
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(node, self._value(owner), name)
            case ast.Call():
                return self._call(node)
            case ast.BinOp(left=left, op=op, right=right):
                return self._operate(node, op, self._value(left), self._value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return self._operate(node, op, self._value(operand))
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                return self._operate(node, op, self._value(left), self._value(right))
            case _:
                raise self._refused(node, f"'{_keyword(node)}'")

    def _name(self, node: ast.AST, name: str) -> Any:
        if name in self._names:
            return self._names[name]
        if name == "print":
            return self._print
        if name == "len":
            return len
        raise self._error(node, f"{name!r} is not defined yet. Run the cell that defines it first.")

    def _print(self, *values: Any) -> None:
        self._output.print(" ".join(str(value) for value in values))

    def _text(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str() as text):
                return text
            case ast.FormattedValue(value=value, conversion=-1, format_spec=None):
                return str(self._value(value))
            case _:
                raise self._refused(part, "a format in an f-string")

    def _attribute(self, node: ast.AST, owner: Any, name: str) -> Any:
        if isinstance(owner, Module):
            return self._imported(node, owner, name)
        if not offers(ATTRIBUTES, owner, name):
            raise self._refused(node, f"{name!r} of a {type(owner).__name__}")
        return self._spark(node, lambda: getattr(owner, name))

    def _call(self, node: ast.Call) -> Any:
        if any(isinstance(argument, ast.Starred) for argument in node.args) or any(
            k.arg is None for k in node.keywords
        ):
            raise self._refused(node, "'*' in a call")
        if isinstance(node.func, ast.Attribute):
            owner, name = self._value(node.func.value), node.func.attr
            if not isinstance(owner, Module):
                return self._call_method(node, owner, name)
        function = self._value(node.func)
        positional, named = self._arguments(node)
        return self._spark(node, lambda: function(*positional, **named))

    def _call_method(self, node: ast.Call, owner: Any, name: str) -> Any:
        if not offers(METHODS, owner, name):
            raise self._refused(node, f"{name!r} of a {type(owner).__name__}")
        positional, named = self._arguments(node)
        if refusal := refusal_of_call(name, positional, named, self._limits.may_use):
            raise self._refused(node, refusal)
        if name == "stop" and isinstance(owner, StreamingQuery):
            self._spark(node, lambda: self._limits.before_stop(owner))
        if isinstance(owner, DataFrame) and name in PRINTED:
            self._output.print(self._spark(node, lambda: PRINTED[name](owner, *positional, **named)))
            return None
        return self._spark(node, lambda: getattr(owner, name)(*positional, **named))

    def _arguments(self, node: ast.Call) -> tuple[list[Any], dict[str, Any]]:
        return (
            [self._value(argument) for argument in node.args],
            {str(keyword.arg): self._value(keyword.value) for keyword in node.keywords},
        )

    def _function(
        self, node: ast.AST, arguments: ast.arguments, body: Callable[["_Reader"], Any]
    ) -> Callable[..., Any]:
        if arguments.vararg or arguments.kwarg or arguments.kwonlyargs or arguments.defaults:
            raise self._refused(node, "a function with anything but plain arguments")
        parameters = [argument.arg for argument in arguments.args]

        def function(*values: Any) -> Any:
            names = {**self._names, **dict(zip(parameters, values, strict=True))}
            return body(_Reader(names, self._output, self._limits, self._steps))

        return function

    def _operate(self, node: ast.AST, op: ast.AST, *operands: Any) -> Any:
        if type(op) not in _OPERATORS:
            raise self._refused(node, f"'{type(op).__name__}'")
        result = self._spark(node, lambda: _OPERATORS[type(op)](*operands))
        if isinstance(result, str | list | tuple) and len(result) > MAX_LENGTH:
            raise self._error(node, f"This would be longer than {MAX_LENGTH:,}.")
        return result

    # --- errors

    def _spark(self, node: ast.AST, action: Callable[[], Any]) -> Any:
        try:
            return action()
        except (CellError, _ReturnError):
            raise
        except Exception as error:
            raise self._error(node, str(error), error) from error

    def _refused(self, node: ast.AST, what: str) -> CellError:
        return self._error(node, f"The lab's cells do not use {what}.")

    @staticmethod
    def _error(node: ast.AST, message: str, cause: Exception | None = None) -> CellError:
        return CellError(message, getattr(node, "lineno", 1), getattr(node, "col_offset", 0) + 1, cause)


def _keyword(node: ast.AST) -> str:
    return type(node).__name__.lower()
