"""The statements of a cell that the lab does not perform: each takes with it what it would have defined, and no more."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.cells.advice import Mistaken, Undefined
from lab.cells.scopes import said_of
from lab.cells.values import CellError


class Skips:
    """Those of one run of a cell, which defines `names`; what the lab has `given` stays."""

    def __init__(self, names: dict[str, Any], given: frozenset[str]) -> None:
        self._names = names
        self._given = given
        self._errors: list[CellError] = []
        # What they would have defined. A statement that needs one of these is skipped as well.
        self._lost: set[str] = set()

    @contextmanager
    def what_is_refused(self, statement: ast.stmt) -> Iterator[None]:
        """Go on after a statement that the lab refuses; what Python or Spark refuse ends the cell, as in a notebook."""
        try:
            yield
        except CellError as error:
            if not self._is_skipped(error):
                self.say(error)
                raise
            self._errors.append(error)
            said = said_of([statement])
            lost = (said.own | said.of_cells) - self._given
            self._lost |= lost
            # An older value would stand for what was not computed.
            for name in lost:
                self._names.pop(name, None)

    def say(self, ended_by: CellError | None = None) -> None:
        """Raise a CellError if a statement was skipped, with what has ended the cell then, if anything did."""
        if self._errors:
            first, all_of_them = self._errors[0], tuple(self._errors)
            raise CellError(first.message, first.line, first.column, None, first.refusal, all_of_them, ended_by) from (
                ended_by or first
            )

    def _is_skipped(self, error: CellError) -> bool:
        refusal = error.refusal
        if isinstance(refusal, Undefined):
            return refusal.name in self._lost
        return refusal is not None and not isinstance(refusal, Mistaken)
