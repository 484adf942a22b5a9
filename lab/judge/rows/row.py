"""The parsed form of a result: its rows, and the lines that look like rows but are not."""

from dataclasses import dataclass
from typing import Final, Literal

MAX_TEXT: Final = 20_000
# Characters of a line that a message quotes.
MAX_SHOWN: Final = 100

# The kind of a row's value: a volume, or the timestamp of a record in the SEV0 log.
Kind = Literal["volume", "log"]


@dataclass(frozen=True)
class Row:
    """A server and its value, as text without spaces; `line` counts from 1 in the text that was read."""

    line: int
    server: str
    value: str

    def __str__(self) -> str:
        return f"{self.server} {self.value}"


@dataclass(frozen=True)
class OddLine:
    """A line that looks like a row but cannot be read as one; a message puts `why` after the line's text."""

    line: int
    text: str
    why: str = "is not a server and a value"


@dataclass(frozen=True)
class Reading:
    """The rows of a text in order, and its odd lines."""

    rows: tuple[Row, ...] = ()
    odd: tuple[OddLine, ...] = ()

    @property
    def text(self) -> str:
        """The rows, one per line; reading this text gives the same rows."""
        return "\n".join(map(str, self.rows))
