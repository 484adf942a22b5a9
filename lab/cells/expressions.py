"""The interpreter's expressions: one method for each kind of syntax that has a value."""

import ast
from collections.abc import Callable, Iterator, Sequence
from typing import Any, Final

from lab.cells.advice import refused, refused_name
from lab.cells.assignments import Assigner
from lab.cells.attributes import attribute, undefined
from lab.cells.bounds import MAX_DEPTH, TABLES, Run, check_length, checked, total
from lab.cells.calls import call
from lab.cells.formats import formatted
from lab.cells.operators import operate, subscript, truth
from lab.cells.places import ElsewhereError
from lab.cells.scopes import Scope, assigned_names
from lab.cells.signatures import signature
from lab.cells.values import CellError
from lab.cells.vocabulary import BUILTINS, Defined, items
from lab.cells.vocabulary.tables import is_made

_WORDS: Final = {
    ast.Await: "await",
    ast.Yield: "yield",
    ast.YieldFrom: "yield",
    ast.Starred: "'*' here",
}


class Evaluator(Assigner):
    """Performs the expressions of one cell, or of one call of a function, in a scope."""

    def value(self, node: ast.expr) -> Any:
        """Return the value of an expression."""
        run = self.run
        run.depth += 1
        try:
            if run.depth > MAX_DEPTH:
                raise self.error(node, "This cell is nested too deeply.")
            return self.at(node, lambda: self._value(node))
        finally:
            run.depth -= 1

    def _value(self, node: ast.expr) -> Any:  # noqa: PLR0912  # a list of cases
        self.run.step()
        match node:
            case ast.Constant(value=str() | int() | float() | None as value):
                return checked(value)
            case ast.Name(id=name):
                return self._name(name)
            case ast.Attribute(value=owner, attr=name):
                return self._attribute(self.value(owner), name)
            case ast.Call(func=function):
                return self._call(self.value(function), *self._arguments(node))
            case ast.BinOp(left=left, op=op, right=right):
                return operate(self.run, op, self.value(left), self.value(right))
            case ast.UnaryOp(op=op, operand=operand):
                return operate(self.run, op, self.value(operand))
            case ast.Compare():
                return self._compare(node)
            case ast.BoolOp(op=op, values=values):
                return self._either(isinstance(op, ast.Or), values)
            case ast.IfExp(test=test, body=body, orelse=otherwise):
                return self.value(body if truth(self.run, self.value(test)) else otherwise)
            case ast.Subscript(value=owner, slice=index):
                return subscript(self.run, self.value(owner), self.index(index))
            case ast.JoinedStr(values=parts):
                texts = [self._formatted(part) for part in parts]
                total(map(len, texts))
                return self.run.made("".join(texts))
            case ast.Lambda(args=arguments, body=body):
                return self.function("<lambda>", arguments, [body], lambda inner: inner.value(body))
            case _:
                return self._collection(node)

    def _collection(self, node: ast.expr) -> Any:
        match node:
            case ast.List(elts=elements):
                return self.run.made(list(self._elements(elements)))
            case ast.Tuple(elts=elements):
                return self.run.made(tuple(self._elements(elements)))
            case ast.Set(elts=elements):
                values = list(self._elements(elements))
                self.run.hashed(values)
                return checked(set(values))
            case ast.Dict(keys=keys, values=values):
                pairs = self._pairs(keys, values)
                self.run.hashed([key for key, _ in pairs])
                return checked(dict(pairs))
            case ast.NamedExpr():
                return self.define_here(node)
            case ast.ListComp(elt=element, generators=loops) | ast.GeneratorExp(elt=element, generators=loops):
                return [inner.value(element) for inner in self._turns(loops)]
            case ast.SetComp(elt=element, generators=loops):
                values = [inner.value(element) for inner in self._turns(loops)]
                self.run.hashed(values)
                return set(values)
            case ast.DictComp(key=key, value=value, generators=loops):
                pairs = [(inner.value(key), inner.value(value)) for inner in self._turns(loops)]
                self.run.hashed([key for key, _ in pairs])
                return dict(pairs)
            case ast.Constant(value=value):
                raise refused(f"{value!r}"[:40])
            case _:
                raise refused_name(
                    word := _WORDS.get(type(node), type(node).__name__.lower()), f"'{word.strip(chr(39))}'"
                )

    # --- names

    def _name(self, name: str) -> Any:
        names = self.scope.find(name)
        if names is not None:
            return names[name]
        if name in BUILTINS:
            return BUILTINS[name]
        raise undefined(name, self.scope.known())

    def _attribute(self, owner: Any, name: str) -> Any:
        found = attribute(owner, name)
        if isinstance(owner, TABLES) and is_made(found):
            self.run.weigh(found)
        return found

    # --- parts of expressions

    def _elements(self, nodes: list[ast.expr]) -> Iterator[Any]:
        count = 0
        for node in nodes:
            values = self._spread(node) if isinstance(node, ast.Starred) else [self.value(node)]
            count += len(values)
            check_length(count)
            yield from values

    def _spread(self, node: ast.Starred) -> list[Any]:
        return items(self.value(node.value))

    def _pairs(self, keys: Sequence[ast.expr | None], values: Sequence[ast.expr]) -> list[tuple[Any, Any]]:
        """Return the keys of a dict with their values; for `**other`, all pairs of the other dict."""
        pairs: list[tuple[Any, Any]] = []
        for key, node in zip(keys, values, strict=True):
            if key is not None:
                pairs.append((self.value(key), self.value(node)))
                continue
            other = self.value(node)
            if not isinstance(other, dict):
                raise TypeError(f"{type(other).__name__!r} object is not a mapping")
            check_length(len(pairs) + len(other))
            pairs.extend(other.items())
        return pairs

    def _arguments(self, node: ast.Call) -> tuple[tuple[Any, ...], dict[str, Any]]:
        named: dict[str, Any] = {}
        for keyword in node.keywords:
            value = self.value(keyword.value)
            more = value if keyword.arg is None else {keyword.arg: value}
            if type(more) is not dict or not all(isinstance(name, str) for name in more):
                raise refused("'**' with anything but a dict", 'Write the arguments out: name="...".')
            if both := named.keys() & more.keys():
                raise TypeError(f"got multiple values for keyword argument {both.pop()!r}")
            named |= more
        return tuple(checked(list(self._elements(node.args)))), named

    def _call(self, function: Any, positional: tuple[Any, ...], named: dict[str, Any]) -> Any:
        try:
            return call(self.run, function, positional, named)
        except CellError as error:
            # The line of the error is in another cell's text, so report the line of the call in this one.
            if isinstance(function, Defined) and function.text is not self.text:
                words = f"In {function.name}, line {error.line} of its own cell: {error.message}"
                raise ElsewhereError(words, error.cause, error.refusal) from error
            raise

    def _compare(self, node: ast.Compare) -> Any:
        left = self.value(node.left)
        result: Any = True
        for op, operand in zip(node.ops, node.comparators, strict=True):
            # For `1 < x < 9`, Python asks for the truth of the first half; Spark refuses that for a Column.
            if result is not True and not truth(self.run, result):
                return result
            right = self.value(operand)
            result = operate(self.run, op, left, right)
            left = right
        return result

    def _either(self, end: bool, nodes: list[ast.expr]) -> Any:  # noqa: FBT001
        value: Any = None
        for index, node in enumerate(nodes):
            value = self.value(node)
            if index < len(nodes) - 1 and truth(self.run, value) is end:
                break
        return value

    def index(self, node: ast.expr) -> Any:
        """Return the index in the brackets of a subscript."""
        if isinstance(node, ast.Slice):
            parts = (self.value(part) if part else None for part in (node.lower, node.upper, node.step))
            return slice(*parts)
        return self.value(node)

    def _formatted(self, part: ast.expr) -> str:
        match part:
            case ast.Constant(value=str() as text):
                return text
            case ast.FormattedValue(value=node, conversion=conversion, format_spec=spec):
                value = self.value(node)
                self.run.weigh(value)
                parts = spec.values if isinstance(spec, ast.JoinedStr) else []
                return formatted(value, conversion, "".join(self._formatted(each) for each in parts))
            case _:
                raise refused("this in an f-string")

    def _turns(self, loops: list[ast.comprehension]) -> Iterator["Evaluator"]:
        """Yield an evaluator for each turn of a comprehension, which has a scope of its own."""
        inner = type(self)(self.run, Scope({}, self.scope, is_turn=True), self.text)
        for count, _ in enumerate(inner.loop(loops), 1):
            check_length(count)
            yield inner

    def loop(self, loops: list[ast.comprehension]) -> Iterator[None]:
        """Yield the turns of a comprehension's loops, one inside the other."""
        if not loops:
            yield
            return
        first, *others = loops
        if first.is_async:
            raise refused_name("async")
        for each in self.at(first.iter, lambda: items(self.value(first.iter))):
            self.assign(first.target, each)
            if all(truth(self.run, self.value(test)) for test in first.ifs):
                yield from self.loop(others)

    # --- functions

    def function(
        self, name: str, arguments: ast.arguments, body: Sequence[ast.AST], perform: Callable[[Any], Any]
    ) -> Defined:
        """Return a function that a cell defines; `perform` gets an evaluator whose scope has the arguments."""
        parameters, assigned = signature(arguments, self.value), assigned_names(body)
        scope, text = self.scope, self.text

        def called(run: Run, given: dict[str, Any]) -> Any:
            return perform(type(self)(run, Scope(given, scope, assigned), text))

        return Defined(name, text, parameters, called, scope.inner_names())
