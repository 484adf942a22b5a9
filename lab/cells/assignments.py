"""Assignment and `del`, for names and for items of lists and dicts."""

import ast
from collections import Counter
from types import FunctionType, MethodType
from typing import Any, Final, NoReturn

from pyspark.sql import SparkSession

from lab.cells.advice import refused
from lab.cells.bounds import check_grown, check_length
from lab.cells.places import Placed
from lab.cells.shown import as_code
from lab.cells.vocabulary import items

_NO_ATTRIBUTES: Final = "Give the value a name: x = ..."


class Assigner(Placed):
    """Performs assignments; a subclass evaluates the expressions in them."""

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression."""
        raise NotImplementedError

    def index(self, node: ast.expr) -> Any:
        """Return the index in the brackets of a subscript."""
        raise NotImplementedError

    def assign(self, target: ast.expr, value: Any) -> None:
        """Assign the value to a name, to several names, or to an item of a list or a dict."""
        self.run.step()
        match target:
            case ast.Name(id=name):
                self.define(target, name, value)
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                self._assign_each(target, targets, value)
            case ast.Subscript(value=owner, slice=index):
                self.at(target, lambda: self._put(self.value(owner), self.index(index), value))
            case ast.Starred():
                raise self.error(target, "This is not Python: a '*' stands among several names: first, *rest = values.")
            case _:
                raise self.refused(target, "an assignment to an attribute", _NO_ATTRIBUTES)

    def define(self, node: ast.AST, name: str, value: Any) -> None:
        """Assign the value to a name."""
        if name.startswith("__"):
            raise self.refused(node, f"the name {name!r}", "Choose one that does not begin with underscores.")
        self.scope.place_of(name)[name] = value

    def define_here(self, node: ast.NamedExpr) -> Any:
        """Perform `name := value`; inside a comprehension it assigns in the scope around it, as in Python."""
        value = self.value(node.value)
        name = node.target.id
        if name.startswith("__"):
            raise refused(f"the name {name!r}", "Choose one that does not begin with underscores.")
        self.scope.around_comprehensions().place_of(name)[name] = value
        return value

    def delete(self, target: ast.expr) -> None:
        """Perform `del` of a name, of several names, or of an item of a list or a dict."""
        self.run.step()
        match target:
            case ast.Name(id=name):
                self.at(target, lambda: self._forget(name))
            case ast.Tuple(elts=targets) | ast.List(elts=targets):
                for each in targets:
                    self.delete(each)
            case ast.Subscript(value=owner, slice=index):
                self.at(target, lambda: self._take(self.value(owner), self.index(index)))
            case _:
                raise self.refused(target, "'del' of an attribute", "Give the name another value instead.")

    def _assign_each(self, target: ast.expr, targets: list[ast.expr], value: Any) -> None:
        values = self.at(target, lambda: self.run.made(items(value)))
        stars = [place for place, each in enumerate(targets) if isinstance(each, ast.Starred)]
        if len(stars) > 1:
            raise self.error(target, "This is not Python: more than one '*' in an assignment.")
        least = len(targets) - len(stars)
        if len(values) < least or (not stars and len(values) > least):
            words = "not enough values" if len(values) < least else "too many values"
            many = f"at least {least}, got {len(values)}" if stars else f"{least}"
            self.at(target, lambda: _raise(ValueError(f"{words} to unpack (expected {many})")))
        if stars:
            first, rest = stars[0], len(targets) - stars[0] - 1
            middle = values[first : len(values) - rest]
            values = [*values[:first], middle, *values[len(values) - rest :]]
        for each, part in zip(targets, values, strict=True):
            self.assign(each.value if isinstance(each, ast.Starred) else each, part)

    def _forget(self, name: str) -> None:
        value = self.scope.place_of(name).get(name)
        if isinstance(value, SparkSession | FunctionType | MethodType):
            raise refused(f"'del' of {name!r}", "It belongs to the lab, and later cells need it.")
        self.scope.forget(name)

    def _put(self, owner: Any, index: Any, value: Any) -> None:
        if type(owner) not in {list, dict, Counter}:
            raise refused(
                f"an assignment to a place in {as_code(type(owner).__name__)}", "Use withColumn for a column."
            )
        self.run.weigh(index)
        if isinstance(index, slice):
            raise refused("an assignment to a slice")
        check_length(len(owner) + 1)
        before = len(owner)
        owner[index] = value
        check_grown(owner, before)

    def _take(self, owner: Any, index: Any) -> None:
        if type(owner) not in {list, dict, Counter}:
            raise refused(f"'del' of a place in {as_code(type(owner).__name__)}", "Use drop for a column.")
        self.run.weigh(index)
        del owner[index]


def _raise(error: Exception) -> NoReturn:
    raise error
