"""The picture of a class's grades: a heat map of learners and results.

The SVG is written without Altair, which would need a JavaScript engine of 84 MB to draw boxes with numbers in them.
"""

import math
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from html import escape
from typing import Final, Literal

from lab.charts import BLUE, GREY, VERMILLION

# Bright, because the number on it is dark.
ORANGE: Final = "#E69F00"
MAX_LABEL: Final = 22
_MAX_WIDTH: Final = 165
_COLUMN, _ROW, _HEAD, _GAP = 50, 24, 20, 5
_FONT: Final = 12
# The text colours on the page's background; the picture is transparent.
_INK: Final = {"light": "#1b1f24", "dark": "#e8eaed"}
_INK_ON: Final = {BLUE: "#ffffff", ORANGE: "#1b1f24"}


@dataclass(frozen=True)
class GradeRow:
    """The points of one learner in each result, None if it is not graded, and the full points of each result."""

    label: str
    points: tuple[int | None, ...]
    out_of: tuple[int, ...]


def grades_svg(rows: Sequence[GradeRow], titles: Sequence[str], scheme: Literal["light", "dark"]) -> str:
    """Return the heat map as SVG, in the colours for a light or a dark page."""
    ink = _INK[scheme]
    left = max((_width(row.label) for row in rows), default=0) + 2 * _GAP
    width, height = left + _COLUMN * len(titles) + _GAP, _HEAD + _ROW * len(rows) + _GAP
    parts = [_text(left + _COLUMN * (at + 0.5), _HEAD - _GAP, title, ink) for at, title in enumerate(titles)]
    for number, row in enumerate(rows):
        top = _HEAD + _ROW * number
        parts.append(_text(left - 2, top + 16, row.label, ink, ' text-anchor="end"'))
        for at, (points, out_of) in enumerate(zip(row.points, row.out_of, strict=True)):
            parts.extend(_box(left + _COLUMN * at, top, points, out_of, ink))
    return (
        f'<svg xmlns="http://www.w3.org/2000/svg" width="{width}" height="{height}" viewBox="0 0 {width} {height}" '
        f'font-family="sans-serif" font-size="{_FONT}" text-anchor="middle">{"".join(parts)}</svg>'
    )


def grades_words(rows: Sequence[GradeRow], titles: Sequence[str]) -> str:
    """Return what the picture shows, for screen readers."""
    parts = []
    for number, title in enumerate(titles):
        full = sum(row.points[number] == row.out_of[number] for row in rows)
        none = sum(row.points[number] == 0 for row in rows)
        unknown = sum(row.points[number] is None for row in rows)
        more = f", {unknown} not graded" if unknown else ""
        parts.append(f"{title}: {full} with all points, {none} with none{more}")
    return f"Points of {len(rows)} notebooks by result. {'; '.join(parts)}."


def shortened(label: str) -> str:
    """Return a label, cut so that it leaves room for the picture."""
    if len(label) <= MAX_LABEL and _width(label) <= _MAX_WIDTH:
        return label
    label = label[: MAX_LABEL - 1]
    while _width(f"{label}…") > _MAX_WIDTH:
        label = label[:-1]
    return f"{label}…"


def _box(left: float, top: float, points: int | None, out_of: int, ink: str) -> Iterator[str]:
    """Yield the box of one result: filled if it has points, an empty frame for no points, grey if it is not graded."""
    colour = GREY if points is None else BLUE if points == out_of else ORANGE if points else VERMILLION
    fill = colour if colour in _INK_ON else "none"
    yield (
        f'<rect x="{left + _GAP / 2:g}" y="{top + _GAP / 2:g}" width="{_COLUMN - _GAP}" height="{_ROW - _GAP}" rx="3" '
        f'fill="{fill}" stroke="{colour}" stroke-width="1.5"/>'
    )
    shown = "–" if points is None else str(points)
    yield _text(left + _COLUMN / 2, top + 16, shown, _INK_ON.get(colour, ink), ' font-weight="bold"')


def _text(left: float, base: float, text: str, ink: str, more: str = "") -> str:
    return f'<text x="{left:g}" y="{base:g}" fill="{ink}"{more}>{escape(text)}</text>'


def _width(text: str) -> int:
    """Return the largest width of a text: that in DejaVu Sans and Verdana, the widest fonts that browsers use here."""
    return math.ceil(sum(map(_width_of, text)))


def _width_of(letter: str) -> float:
    kind = unicodedata.category(letter)
    if kind in {"Mn", "Me", "Cf"}:
        return 0
    if letter in " .,:;'|!()-/Iijlftr":
        return 5
    if letter in "MWm@%&…Æ" or kind in {"Sm", "So", "Pd"} or unicodedata.east_asian_width(letter) in {"W", "F"}:
        return _FONT
    return 10 if kind in {"Lu", "Lo"} or letter == "w" else 7.6
