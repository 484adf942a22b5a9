"""The interpreter's statements: one case for each kind of syntax that a cell may use."""

import ast
import contextlib
from collections.abc import Sequence
from functools import partial
from typing import Any, Final

import pandas as pd

from lab.cells.advice import ADVICE, Refused, did_you_mean, refused
from lab.cells.attributes import imported
from lab.cells.bounds import MAX_DEPTH, MAX_SOURCE, Run, check_length
from lab.cells.held import let_go
from lab.cells.operators import operate, truth
from lab.cells.places import ControlFlow
from lab.cells.scopes import Scope
from lab.cells.shown import as_code, as_text
from lab.cells.skips import Skips
from lab.cells.texts import Text, line_of_blank, parse
from lab.cells.tries import Tries
from lab.cells.values import CellError, CellOutput, Limits
from lab.cells.vocabulary import MODULES, STARRED, Module, items


def run_cell(source: str, names: dict[str, Any], output: CellOutput, limits: Limits) -> None:
    """Run a cell: its definitions go into `names`, its prints and the value of its last expression into `output`.

    Raise CellError, and nothing else.
    """
    if len(source) > MAX_SOURCE:
        raise CellError(f"A cell has at most {MAX_SOURCE:,} characters.", 1, 1)
    if line := line_of_blank(source):
        raise CellError("Replace ?? with your code.", line, 1)
    tree = parse(source)
    run = Run(output, limits, let_go=partial(let_go, names))
    reader = _Reader(run, Scope(names), Text(source))
    try:
        reader.run_cell(tree)
    except (RecursionError, MemoryError) as error:
        raise CellError("This cell is nested too deeply.", 1, 1, error) from error
    except CellError:
        with contextlib.suppress(Refused):  # the first error is the one to report
            let_go(names)
        raise
    try:
        let_go(names)
    except Refused as error:
        raise CellError(str(error), tree.body[-1].lineno if tree.body else 1, 1) from error


class _Return(ControlFlow):
    """Carries the value of a `return` out of a function."""

    def __init__(self, value: Any) -> None:
        super().__init__()
        self.value = value


_KEYWORDS: Final = {
    ast.AsyncFor: "async",
    ast.AsyncFunctionDef: "async",
    ast.AsyncWith: "async",
    ast.ClassDef: "class",
    ast.FunctionDef: "@",
    ast.Import: "import",
    ast.Match: "match",
    ast.TryStar: "try",
    ast.With: "with",
}


class _Reader(Tries):
    # Whether the current statement is inside a function.
    _in_function = False

    def run_cell(self, tree: ast.Module) -> None:
        """Perform everything, and show the value of the last expression as a notebook does.

        A statement that the lab refuses is skipped; the cell goes on.
        """
        skips = Skips(self.scope.names, self.run.limits.given)
        for statement in tree.body:
            with skips.skip_if_refused(statement):
                if statement is tree.body[-1] and isinstance(statement, ast.Expr):
                    self._show(statement)
                else:
                    self._do(statement)
        skips.say()

    def _show(self, node: ast.Expr) -> None:
        value = self.value(node.value)
        self.at(node, lambda: self._give(value))

    def run_body(self, body: Sequence[ast.stmt]) -> Any:
        """Perform a function's statements, and return what it returns."""
        self._in_function = True
        try:
            self.block(body)
        except _Return as returned:
            return returned.value
        return None

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Perform statements, one after the other."""
        for statement in body:
            self._do(statement)

    def _give(self, value: Any) -> None:
        if value is None:
            return
        self.run.weigh(value)
        if isinstance(value, pd.DataFrame):
            self.run.output.give(value)
        else:
            self.run.output.print(as_code(value))

    def _do(self, node: ast.stmt) -> None:
        self.run.depth += 1
        try:
            if self.run.depth > MAX_DEPTH:
                raise self.error(node, "This cell is nested too deeply.")
            self.at(node, lambda: self._perform(node))
        finally:
            self.run.depth -= 1

    def _perform(self, node: ast.stmt) -> None:  # noqa: PLR0912  # a list of cases
        self.run.step()
        match node:
            case ast.Expr(value=value):
                self.value(value)
            case ast.Assign(targets=targets, value=expression):
                value = self.value(expression)
                for target in targets:
                    self.assign(target, value)
            case ast.AnnAssign(target=target, value=expression):
                if expression:
                    self.assign(target, self.value(expression))
            case ast.AugAssign():
                self._assign_more(node)
            case ast.Import(names=aliases):
                for alias in aliases:
                    self._import(alias)
            case ast.ImportFrom(names=aliases):
                self._import_from(node, aliases)
            case ast.FunctionDef(name=name, decorator_list=[], args=arguments, body=body):
                self.define(node, name, self.function(name, arguments, body, lambda inner: inner.run_body(body)))
            case ast.If(test=test, body=body, orelse=otherwise):
                self.block(body if self.at(test, lambda: truth(self.run, self.value(test))) else otherwise)
            case ast.For():
                self.loop_over(node)
            case ast.While():
                self.loop_while(node)
            case ast.Try():
                self.try_to(node)
            case ast.Raise():
                self.raise_error(node)
            case ast.Delete(targets=targets):
                for target in targets:
                    self.delete(target)
            case ast.Assert(test=test, msg=message):
                if not self.at(test, lambda: truth(self.run, self.value(test))):
                    words = self._words(message) if message else ""
                    self.at(node, lambda: _fail(words))
            case ast.Pass() | ast.Global() | ast.Nonlocal():
                pass  # the function's scope has collected these names beforehand
            case ast.Return(value=expression):
                self._return(node, expression)
            case ast.Break() | ast.Continue():
                self.leave_loop(node)
            case _:
                word = _KEYWORDS.get(type(node), type(node).__name__.lower())
                raise self.refused(node, repr(word), ADVICE.get(word, ""))

    def _words(self, node: ast.expr) -> str:
        value = self.value(node)
        self.at(node, lambda: self.run.weigh(value))
        return as_text(value)

    def _return(self, node: ast.Return, expression: ast.expr | None) -> None:
        if not self._in_function:
            raise self.refused(node, "'return' outside a function", "They use 'return' only inside a function.")
        raise _Return(self.value(expression) if expression else None)

    def _assign_more(self, node: ast.AugAssign) -> None:
        """Perform `a += b`; it changes a list in place, as in Python."""
        target = node.target
        if isinstance(target, ast.Attribute):
            raise self.refused(target, "an assignment to an attribute", "Give the value a name: x = ...")
        left = self.value(target)
        right = self.value(node.value)
        if isinstance(left, list) and isinstance(node.op, ast.Add):
            more = self.at(node, lambda: self.run.made(items(right)))
            self.at(node, lambda: check_length(len(left) + len(more)))
            left.extend(more)
            self.assign(target, left)
        else:
            self.assign(target, self.at(node, lambda: operate(self.run, node.op, left, right)))

    # --- modules

    def _import(self, alias: ast.alias) -> None:
        known = self.at(alias, lambda: _module(alias.name))
        # Without `as`, an import defines the name of the top package: pyspark.
        name = alias.asname or alias.name.partition(".")[0]
        self.define(alias, name, known if alias.asname else MODULES[name])

    def _import_from(self, node: ast.ImportFrom, aliases: list[ast.alias]) -> None:
        if node.level:
            raise self.refused(node, "an import from '.'", "There are no files of Python code here.")
        known = self.at(node, lambda: _module(node.module or ""))
        for alias in aliases:
            if alias.name == "*":
                if known.name not in STARRED:
                    raise self.refused(alias, f"'*' from {known.name}", "Name what you need.")
                for name in sorted(STARRED[known.name]):
                    self.define(alias, name, known.names[name])
            else:
                self._import_name(known, alias)

    def _import_name(self, module: Module, alias: ast.alias) -> None:
        self.define(alias, alias.asname or alias.name, self.at(alias, lambda: imported(module, alias.name)))


def _module(name: str) -> Module:
    if name not in MODULES:
        top = name.partition(".")[0]
        advice = (
            ADVICE.get(name) or ADVICE.get(top) or did_you_mean(name, MODULES) or f"There are {', '.join(MODULES)}."
        )
        raise refused(f"an import from {name!r}", advice)
    return MODULES[name]


def _fail(words: str) -> None:
    raise AssertionError(words)
