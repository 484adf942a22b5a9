"""Searches in a cell's statements, for mistakes that only the text of a cell shows."""

import ast
from collections.abc import Iterator

from lab.cells import CellError
from lab.cells.texts import parse


def calls_method(text: str, name: str) -> bool:
    """Return whether a cell calls a method of this name."""
    return any(
        isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and node.func.attr == name
        for node in _nodes(text)
    )


def names_method(text: str, name: str) -> bool:
    """Return whether a cell names a method without calling it."""
    nodes = tuple(_nodes(text))
    called = {id(node.func) for node in nodes if isinstance(node, ast.Call)}
    return any(isinstance(node, ast.Attribute) and node.attr == name and id(node) not in called for node in nodes)


def thrown_away(text: str, methods: frozenset[str]) -> str:
    """Return the first of these methods that is called as a statement of its own, so that its result is lost.

    Return an empty text if there is none.
    """
    statements = (node.value for node in _nodes(text) if isinstance(node, ast.Expr))
    called = (node.func for node in statements if isinstance(node, ast.Call))
    return next((func.attr for func in called if isinstance(func, ast.Attribute) and func.attr in methods), "")


def _nodes(text: str) -> Iterator[ast.AST]:
    try:
        yield from ast.walk(parse(text))
    except CellError:
        return
