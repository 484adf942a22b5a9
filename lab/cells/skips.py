"""Skipped statements: a refused statement only removes the names it would have defined, and the cell goes on."""

import ast
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from lab.cells.advice import Mistaken, Undefined
from lab.cells.scopes import assigned_names
from lab.cells.values import CellError


class Skips:
    """The skipped statements of one run of a cell, which defines `names`; names that the lab has `given` stay."""

    def __init__(self, names: dict[str, Any], given: frozenset[str]) -> None:
        self._names = names
        self._given = given
        self._errors: list[CellError] = []
        # Names that they would have defined. A statement that needs one of these is skipped as well.
        self._lost: set[str] = set()

    @contextmanager
    def skip_if_refused(self, statement: ast.stmt) -> Iterator[None]:
        """Go on after a statement that the lab refuses; an error of Python or Spark ends the cell, as in a notebook."""
        try:
            yield
        except CellError as error:
            if not self._is_skipped(error):
                self.say(error)
                raise
            self._errors.append(error)
            assigned = assigned_names([statement])
            lost = (assigned.own | assigned.of_cells) - self._given
            self._lost |= lost
            # Otherwise later statements would use an older value.
            for name in lost:
                self._names.pop(name, None)

    def say(self, ended_by: CellError | None = None) -> None:
        """Raise a CellError if a statement was skipped; `ended_by` is the error that ended the cell, if any did."""
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
