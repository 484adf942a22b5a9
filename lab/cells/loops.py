"""Loops, `break` and `continue`: each turn costs steps, so no loop runs for ever."""

import ast
from collections.abc import Callable, Sequence

from lab.cells.expressions import Evaluator
from lab.cells.operators import truth
from lab.cells.places import ControlFlow
from lab.cells.vocabulary import items


class _Break(ControlFlow):
    """Leaves a loop."""


class _Continue(ControlFlow):
    """Goes on with the next turn of a loop."""


class Loops(Evaluator):
    """Performs loops; a subclass performs the statements in them."""

    # How many loops are around the current statement.
    _loops = 0

    def block(self, body: Sequence[ast.stmt]) -> None:
        """Perform statements, one after the other."""
        raise NotImplementedError

    def leave_loop(self, node: ast.Break | ast.Continue) -> None:
        """Leave a loop, or go on with its next turn."""
        word, signal = ("break", _Break) if isinstance(node, ast.Break) else ("continue", _Continue)
        if not self._loops:
            raise self.error(node, f"This is not Python: {word!r} outside a loop.")
        raise signal

    def loop_over(self, node: ast.For) -> None:
        """Perform a `for` loop."""

        def turns() -> None:
            for value in self.at(node.iter, lambda: items(self.value(node.iter))):
                self.assign(node.target, value)
                self._turn(node.body)

        self._loop(turns, node.orelse)

    def loop_while(self, node: ast.While) -> None:
        """Perform a `while` loop."""

        def turns() -> None:
            while self.at(node.test, lambda: truth(self.run, self.value(node.test))):
                self._turn(node.body)

        self._loop(turns, node.orelse)

    def _loop(self, turns: Callable[[], None], otherwise: Sequence[ast.stmt]) -> None:
        self._loops += 1
        try:
            turns()
        except _Break:
            return
        finally:
            self._loops -= 1
        self.block(otherwise)

    def _turn(self, body: Sequence[ast.stmt]) -> None:
        try:
            self.block(body)
        except _Continue:
            return
