"""Where names stand: in the cells' own, in a function's, in those of the function around it."""

import ast
from collections.abc import Iterable, Iterator
from typing import Any


class Scope:
    """The names of a cell or of one call of a function.

    As in Python, a name that a function assigns anywhere is the function's own everywhere in it; every other one is looked
    up outside when it is used.
    """

    def __init__(self, names: dict[str, Any], outer: "Scope | None" = None, own: Iterable[str] = ()) -> None:
        self.names = names
        self._outer = outer
        self._own = frozenset(own)

    def find(self, name: str) -> dict[str, Any] | None:
        """The names among which the name stands; None when it stands nowhere."""
        if name in self.names:
            return self.names
        if name in self._own:
            raise UnboundLocalError(f"local variable {name!r} referenced before assignment")
        return self._outer.find(name) if self._outer else None

    def inner_names(self) -> tuple[dict[str, Any], ...]:
        """The names of the functions here and around, without those of the cells."""
        return (self.names, *self._outer.inner_names()) if self._outer else ()

    def known(self) -> Iterator[str]:
        """Every name that can be found."""
        yield from self.names
        if self._outer:
            yield from self._outer.known()


def assigned(body: Iterable[ast.AST]) -> Iterator[str]:
    """The names that the statements assign, those inside other functions and comprehensions aside."""
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.Lambda() | ast.ListComp() | ast.SetComp() | ast.DictComp() | ast.GeneratorExp():
                pass
            case ast.Name(id=name, ctx=ast.Store()):
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case _:
                yield from assigned(ast.iter_child_nodes(node))
