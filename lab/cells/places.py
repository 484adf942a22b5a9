"""The line and column of everything that goes wrong in a cell."""

import ast
from collections.abc import Callable
from typing import Any

from lab.cells.advice import Refused, refused
from lab.cells.bounds import Run
from lab.cells.scopes import Scope
from lab.cells.texts import Text
from lab.cells.values import CellError
from lab.engine.failures import text_of


class ControlFlow(Exception):  # noqa: N818  # it is no error
    """The base class of the exceptions that leave a block: break, continue and return."""


class ElsewhereError(Exception):
    """A failure in a function of another cell."""

    def __init__(self, message: str, cause: Exception | None, refusal: Refused | None) -> None:
        super().__init__(message)
        self.cause = cause
        self.refusal = refusal


class Placed:
    """The base class of the evaluators: performs a part of one cell, or of one function call, in a scope."""

    def __init__(self, run: Run, scope: Scope, text: Text) -> None:
        self.run = run
        self.scope = scope
        self.text = text

    def at(self, node: ast.AST, action: Callable[[], Any]) -> Any:
        """Return the result of the action; raise its exceptions as a CellError at the node."""
        try:
            return action()
        except (CellError, ControlFlow):
            raise
        except Refused as error:
            raise self.error(node, str(error), refusal=error) from error
        except ElsewhereError as error:
            raise self.error(node, str(error), error.cause, error.refusal) from error
        except (RecursionError, MemoryError) as error:
            raise self.error(node, "This cell is nested too deeply.", error) from error
        except Exception as error:
            raise self.error(node, _message(error), error) from error

    def refused(self, node: ast.AST, what: str, advice: str = "") -> CellError:
        """Return an error at the node for something that is not in the vocabulary."""
        refusal = refused(what, advice)
        return self.error(node, str(refusal), refusal=refusal)

    def error(
        self, node: ast.AST, message: str, cause: Exception | None = None, refusal: Refused | None = None
    ) -> CellError:
        """Return an error at the node."""
        line, column = self.text.place(node)
        return CellError(message, line, column, cause, refusal)


def _message(error: Exception) -> str:
    # A Java stack trace is of no use to a learner.
    text = text_of(error).partition("\n\tat ")[0]
    # Show the type as a notebook does; the messages of Spark's and the lab's errors do without it.
    return f"{type(error).__name__}: {text}" if type(error).__module__ == "builtins" or not text else text
