"""The table of checks, printed line by line."""

import time
from collections.abc import Iterator
from contextlib import contextmanager


def say(text: str) -> None:
    """Print a text at once."""
    print(text, flush=True)


class Table:
    """A table with lines of: whether it held, what was tried, what was seen."""

    def __init__(self) -> None:
        self.failed = 0

    def row(self, what: str, held: object, seen: object = "") -> None:
        """Add a line."""
        self.failed += not held
        say(f"{'held' if held else 'NOT '}  {what:<58}  {seen}")

    @contextmanager
    def timed(self, what: str) -> Iterator[list[object]]:
        """Add a line with the time that a block took; yield a list for what was seen."""
        seen: list[object] = []
        begun = time.monotonic()
        try:
            yield seen
        except Exception as error:
            self.row(what, False, f"{type(error).__name__}: {error}")  # noqa: FBT003
            raise
        self.row(what, True, f"{time.monotonic() - begun:.1f} s  {' '.join(map(str, seen))}".rstrip())  # noqa: FBT003
