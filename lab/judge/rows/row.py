"""What is read from a result: its rows, and the lines that look like rows and are none."""

from dataclasses import dataclass
from typing import Final, Literal

MAX_TEXT: Final = 20_000
# Of a line that is quoted.
MAX_SHOWN: Final = 100

# What a row says of a server: a volume, or the timestamp of a record in the SEV0 log.
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
    """A line that has to do with a row and cannot be read as one; `why` goes on after its text."""

    line: int
    text: str
    why: str = "is not a server and a value"


@dataclass(frozen=True)
class Reading:
    """What a text says: its rows in order, and its odd lines."""

    rows: tuple[Row, ...] = ()
    odd: tuple[OddLine, ...] = ()

    @property
    def text(self) -> str:
        """The rows, one a line, which read back as the same rows."""
        return "\n".join(map(str, self.rows))
