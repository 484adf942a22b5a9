"""Limits of the grading page, which holds all notebooks in memory; the command `grade` has no such limits."""

from typing import Final

MAX_NOTEBOOKS: Final = 500
MAX_BYTES: Final = 100_000_000
