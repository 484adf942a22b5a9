"""`try` and `raise`: a cell can catch its own errors and Spark's, but never a refusal of the lab."""

import ast
import contextlib
from typing import Final, NoReturn

from lab.cells.advice import Undefined, refused
from lab.cells.bounds import MAX_LENGTH
from lab.cells.loops import Loops
from lab.cells.places import ControlFlow
from lab.cells.values import CellError
from lab.cells.vocabulary.errors import Caught, ErrorClass, is_catchable, kinds_caught
from lab.engine.failures import text_of

_RAISE: Final = 'Raise an error with a text, as in raise ValueError("no rows").'


class Tries(Loops):
    """Performs `try` and `raise`."""

    # The error that the innermost `except` is handling.
    _handled: CellError | None = None

    def try_to(self, node: ast.Try) -> None:
        """Perform a `try` with its `except`, `else` and `finally`."""
        try:
            self._guarded(node)
        except CellError as error:
            if _caught(error) is not None:
                self.block(node.finalbody)
                raise
            # The refusal is reported, whatever `finally` does. The block may still tidy up, within the same bounds.
            if not isinstance(error.cause, RecursionError | MemoryError):
                with contextlib.suppress(CellError, ControlFlow):
                    self.block(node.finalbody)
            raise
        except ControlFlow:
            self.block(node.finalbody)
            raise
        self.block(node.finalbody)

    def raise_error(self, node: ast.Raise) -> None:
        """Perform a `raise`: of an error with a text, of one that was caught, or of the one that is being handled."""
        if node.exc is None:
            if self._handled is None:
                self.at(node, lambda: _raise(RuntimeError("No active exception to reraise")))
            else:
                raise self._handled
            return
        value = self.value(node.exc)
        if node.cause:
            self.value(node.cause)
        if isinstance(value, ErrorClass):
            value = Caught(value.kind, "")
        if not isinstance(value, Caught):
            raise self.refused(node, "'raise' without an error", _RAISE)
        error = value
        self.at(node, lambda: _raise_again(error))

    def _guarded(self, node: ast.Try) -> None:
        try:
            self.block(node.body)
        except CellError as error:
            caught = _caught(error)
            handler = self._handler(node, caught) if caught else None
            if caught is None or handler is None:
                raise
            self._handle(handler, error, caught)
        else:
            self.block(node.orelse)

    def _handler(self, node: ast.Try, caught: Caught) -> ast.ExceptHandler | None:
        """Return the first `except` that names the error."""
        for handler in node.handlers:
            if handler.type is None:
                return handler
            named = self.value(handler.type)
            # Nested tuples can hold very many error classes.
            self.at(handler.type, lambda named=named: self.run.weigh(named))  # type: ignore[misc]
            if issubclass(caught.kind, self.at(handler.type, lambda named=named: kinds_caught(named))):  # type: ignore[misc]
                return handler
        return None

    def _handle(self, handler: ast.ExceptHandler, error: CellError, caught: Caught) -> None:
        before, self._handled = self._handled, error
        if handler.name:
            self.define(handler, handler.name, caught)
        try:
            self.block(handler.body)
        finally:
            self._handled = before
            if handler.name:
                # As in Python, the name is gone after the block.
                self.scope.place_of(handler.name).pop(handler.name, None)


def _caught(error: CellError) -> Caught | None:
    """Return the error in the form that `except` catches; None when no `except` may catch it."""
    if is_catchable(error.cause) and error.cause is not None:
        return Caught(type(error.cause), text_of(error.cause).partition("\n\tat ")[0][:MAX_LENGTH])
    if error.cause is None and isinstance(error.refusal, Undefined):
        return Caught(error.refusal.kind, str(error.refusal)[:MAX_LENGTH])
    return None


def _raise_again(error: Caught) -> NoReturn:
    if error.kind.__module__ != "builtins":
        raise refused(f"raising {error.kind.__name__}", _RAISE + " To hand on what was caught, write raise alone.")
    raise error.kind(error.message) if error.message else error.kind()


def _raise(error: Exception) -> NoReturn:
    raise error
