"""A row of the benchmark's table, and the table as Markdown, which can be pasted into the README."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Final

HEAD: Final = ("what", "Spark's defaults", "the lab", "goal", "besides")
NOTHING: Final = "–"


@dataclass(frozen=True)
class Row:
    """One measured thing, in `unit`: for the lab and, where it makes sense, for Spark's defaults.

    None means that it was not measured; `besides` says why, or what else was seen.
    """

    what: str
    unit: str
    goal: str
    lab: float | None = None
    defaults: float | None = None
    besides: str = ""


def markdown(rows: Iterable[Row], caption: str) -> str:
    """Return the rows as a Markdown table, with the caption below."""
    cells = [
        (row.what, in_words(row.defaults, row.unit), in_words(row.lab, row.unit), row.goal, row.besides) for row in rows
    ]
    lines = ["| " + " | ".join(line) + " |" for line in (HEAD, ["---"] * len(HEAD), *cells)]
    return "\n".join((*lines, "", caption))


def in_words(value: float | None, unit: str) -> str:
    """Return a value with its unit, in about three digits."""
    if value is None:
        return NOTHING
    digits = 0 if abs(value) >= 100 else 1 if abs(value) >= 10 else 2
    return f"{value:.{digits}f} {unit}".rstrip()
