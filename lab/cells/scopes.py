"""Scopes of names: the cells' own, a function's, and those of the functions around it."""

import ast
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final


@dataclass(frozen=True)
class Names:
    """The names that a function assigns, and those it declares `global` (`of_cells`) or `nonlocal` (`of_around`)."""

    own: frozenset[str] = frozenset()
    of_cells: frozenset[str] = frozenset()
    of_around: frozenset[str] = frozenset()


class Scope:
    """The names of a cell, of one call of a function or of one comprehension.

    As in Python, a name that a function assigns anywhere is local everywhere in it, unless it is declared otherwise.
    Every other name is looked up outside when it is used.
    """

    def __init__(
        self,
        names: dict[str, Any],
        outer: "Scope | None" = None,
        assigned: Names | None = None,
        *,
        is_turn: bool = False,
    ) -> None:
        self.names = names
        self._outer = outer
        self._assigned = assigned or Names()
        self._is_turn = is_turn

    def find(self, name: str) -> dict[str, Any] | None:
        """Return the dict of names that has the name; None when no scope has it."""
        if self._is_declared(name):
            names = self.place_of(name)
            return names if name in names else None
        if name in self.names:
            return self.names
        if name in self._assigned.own:
            raise UnboundLocalError(f"local variable {name!r} referenced before assignment")
        return self._outer.find(name) if self._outer else None

    def place_of(self, name: str) -> dict[str, Any]:
        """Return the dict of names in which an assignment defines the name."""
        if name in self._assigned.of_cells:
            return self._cells().names
        if name in self._assigned.of_around:
            scope = self._outer
            while scope is not None and scope._outer is not None:
                if scope._is_declared(name):
                    return scope.place_of(name)
                if name in scope.names or name in scope._assigned.own:
                    return scope.names
                scope = scope._outer
            raise NameError(f"no function around this one has a name {name!r}, so nonlocal finds none")
        return self.names

    def forget(self, name: str) -> None:
        """Delete the name, as `del` does."""
        names = self.place_of(name)
        if name not in names:
            raise NameError(f"name {name!r} is not defined", name=name)
        del names[name]

    def around_comprehensions(self) -> "Scope":
        """Return the scope in which `:=` defines its names."""
        return self._outer.around_comprehensions() if self._is_turn and self._outer else self

    def inner_names(self) -> tuple[dict[str, Any], ...]:
        """Return the dicts of names of this function and of those around it, without that of the cells."""
        return (self.names, *self._outer.inner_names()) if self._outer else ()

    def known(self) -> Iterator[str]:
        """Yield every name that can be found."""
        yield from tuple(self.names)  # a batch in another thread may define one of the cells' names meanwhile
        if self._outer:
            yield from self._outer.known()

    def _is_declared(self, name: str) -> bool:
        return name in self._assigned.of_cells or name in self._assigned.of_around

    def _cells(self) -> "Scope":
        return self._outer._cells() if self._outer else self


_FUNCTIONS: Final = (ast.FunctionDef, ast.Lambda)
_TURNS: Final = (ast.ListComp, ast.SetComp, ast.DictComp, ast.GeneratorExp)


def assigned_names(body: Sequence[ast.AST]) -> Names:
    """Return which names a function of these statements assigns and declares, without those of inner functions."""
    of_cells = frozenset(_declared(body, ast.Global))
    of_around = frozenset(_declared(body, ast.Nonlocal))
    return Names(frozenset(_assigned(body)) - of_cells - of_around, of_cells, of_around)


def _declared(body: Iterable[ast.AST], kind: type[ast.Global | ast.Nonlocal]) -> Iterator[str]:
    for node in body:
        if isinstance(node, kind):
            yield from node.names
        elif not isinstance(node, _FUNCTIONS):
            yield from _declared(ast.iter_child_nodes(node), kind)


def _assigned(body: Iterable[ast.AST], *, in_turn: bool = False) -> Iterator[str]:
    for node in body:
        match node:
            case ast.FunctionDef(name=name):
                yield name
            case ast.Lambda():
                pass
            case ast.NamedExpr(target=ast.Name(id=name), value=value):
                yield name
                yield from _assigned([value], in_turn=in_turn)
            case ast.Name(id=name, ctx=ast.Store() | ast.Del()) if not in_turn:
                yield name
            case ast.alias(name=name, asname=asname):
                yield asname or name.partition(".")[0]
            case _:
                if isinstance(node, ast.ExceptHandler) and node.name:
                    yield node.name
                inside = in_turn or isinstance(node, _TURNS)
                yield from _assigned(ast.iter_child_nodes(node), in_turn=inside)
