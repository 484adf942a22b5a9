"""How many notebooks are graded at once for a page, which has them in memory; more are graded by the command."""

from typing import Final

MAX_NOTEBOOKS: Final = 500
MAX_BYTES: Final = 100_000_000
