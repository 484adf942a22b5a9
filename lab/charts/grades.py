"""The picture of a class's grades: a heat map of learners and results."""

import io
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final, Literal

import altair as alt
import pandas as pd

from lab.charts import BLUE, ORANGE, VERMILLION

MAX_LABEL: Final = 22
_CELL: Final = (50, 24)
# Text on the page's own background, which the picture lets through.
_INK: Final = {"light": "#1b1f24", "dark": "#e8eaed"}
_FULL, _SOME, _NONE = "all points", "some points", "no points"


@dataclass(frozen=True)
class GradeRow:
    """The points of one learner: those of each result, and what each was out of."""

    label: str
    points: tuple[int, ...]
    out_of: tuple[int, ...]


def grades_svg(rows: Sequence[GradeRow], titles: Sequence[str], scheme: Literal["light", "dark"]) -> str:
    """The heat map as SVG, in the colours for a light or a dark page."""
    chart = alt.Chart.from_dict(_grades_chart(tuple(rows), tuple(titles), _INK[scheme]))
    picture = io.StringIO()
    chart.save(picture, format="svg")
    return picture.getvalue()


def grades_words(rows: Sequence[GradeRow], titles: Sequence[str]) -> str:
    """What the picture shows, for those who cannot see it."""
    parts = []
    for number, title in enumerate(titles):
        full = sum(row.points[number] == row.out_of[number] for row in rows)
        none = sum(row.points[number] == 0 for row in rows)
        parts.append(f"{title}: {full} with all points, {none} with none")
    return f"Points of {len(rows)} notebooks by result. {'; '.join(parts)}."


def _grades_chart(rows: tuple[GradeRow, ...], titles: tuple[str, ...], ink: str) -> dict[str, Any]:
    # The number makes a name that stands there twice two rows.
    cells = [
        (f"{number} {row.label}", title, points, _FULL if points == out_of else _SOME if points else _NONE)
        for number, row in enumerate(rows)
        for title, points, out_of in zip(titles, row.points, row.out_of, strict=True)
    ]
    table = pd.DataFrame(cells, columns=["learner", "result", "points", "part"])
    base = alt.Chart(table).encode(
        x=alt.X(
            "result:N",
            sort=list(titles),
            title=None,
            axis=alt.Axis(orient="top", labelAngle=0, labelLimit=60, ticks=False, domain=False, labelColor=ink),
        ),
        y=alt.Y(
            "learner:N",
            sort=None,
            title=None,
            axis=alt.Axis(
                labelExpr="substring(datum.value, indexof(datum.value, ' ') + 1)",
                labelLimit=150,
                ticks=False,
                domain=False,
                labelColor=ink,
            ),
        ),
    )
    domain = [_FULL, _SOME, _NONE]
    boxes = base.mark_rect(strokeWidth=1.5, cornerRadius=3, width=_CELL[0] - 5, height=_CELL[1] - 5).encode(
        fill=alt.Fill("part:N", scale=alt.Scale(domain=domain, range=[BLUE, ORANGE, "transparent"]), legend=None),
        stroke=alt.Stroke("part:N", scale=alt.Scale(domain=domain, range=[BLUE, ORANGE, VERMILLION]), legend=None),
    )
    numbers = base.mark_text(fontSize=12, fontWeight="bold").encode(
        text="points:Q",
        color=alt.Color("part:N", scale=alt.Scale(domain=domain, range=["#ffffff", "#1b1f24", ink]), legend=None),
    )
    chart = (
        (boxes + numbers)
        .resolve_scale(color="independent")
        .properties(width=alt.Step(_CELL[0]), height=alt.Step(_CELL[1]), background="transparent")
        .configure_view(strokeWidth=0)
        .configure_axis(labelFontSize=12, labelFont="sans-serif", grid=False)
    )
    spec: dict[str, Any] = chart.to_dict()
    return spec


def shortened(label: str) -> str:
    """A label that leaves room for the picture."""
    return label if len(label) <= MAX_LABEL else label[: MAX_LABEL - 1] + "…"
