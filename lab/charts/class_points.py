"""The points of a class as charts: their distribution, and the points of each learner in each result."""

from collections.abc import Sequence
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import BLUE, GREY, VERMILLION, Figure, drawn_once, in_short
from lab.charts.grades import ORANGE, GradeRow, grades_words, shortened

BIN: Final = 10
# The most learners in the chart; the table shows all.
MAX_ROWS: Final = 60
_ROW: Final = 24
# The height of the axis and the legend, which is part of the height of a chart.
_AROUND: Final = 150
_STATES: Final = {"all points": BLUE, "some points": ORANGE, "no points": VERMILLION, "not graded": GREY}


def distribution_figure(points: Sequence[int], out_of: int) -> Figure:
    """Draw the distribution of the learners' total points: a bar for each range of BIN points."""
    edges = list(range(0, max(out_of, BIN), BIN))
    # The last range includes the full number of points.
    counts = [
        sum(edge <= each < edge + BIN or (edge == edges[-1] and each >= edge) for each in points) for edge in edges
    ]
    names = [f"{edge}–{out_of if edge == edges[-1] else edge + BIN - 1}" for edge in edges]
    table = pd.DataFrame({"points": names, "learners": counts})
    told = in_short(f"{name} points: {count}" for name, count in zip(names, counts, strict=True) if count)
    return Figure(
        _distribution(tuple(names), max(counts, default=0)),
        {"points": table},
        table,
        f"How many learners have how many points. {told or 'Nobody is graded yet'}.",
    )


def points_figure(rows: Sequence[GradeRow], titles: Sequence[str]) -> Figure:
    """Draw the points of each learner in each result, as a heat map."""
    labels = _apart([shortened(row.label) for row in rows[:MAX_ROWS]])
    table = pd.DataFrame(
        [
            (label, title, "–" if points is None else str(points), _state(points, out_of))
            for label, row in zip(labels, rows, strict=False)
            for title, points, out_of in zip(titles, row.points, row.out_of, strict=True)
        ],
        columns=["learner", "result", "points", "state"],
    )
    return Figure(_heat(labels, tuple(titles)), {"results": table}, table, grades_words(rows, titles))


def _apart(labels: Sequence[str]) -> tuple[str, ...]:
    """Return the labels, made unique with numbers: two learners may have the same name."""
    found: dict[str, None] = {}
    for label in labels:
        number, own = 1, label
        while own in found:
            number += 1
            own = f"{label} ({number})"
        found[own] = None
    return tuple(found)


def _state(points: int | None, out_of: int) -> str:
    if points is None:
        return "not graded"
    return "all points" if points == out_of else "some points" if points else "no points"


@drawn_once
def _distribution(names: tuple[str, ...], highest: int) -> dict[str, Any]:
    chart = (
        alt.Chart(alt.NamedData("points"))
        .mark_bar(color=BLUE)
        .encode(
            x=alt.X("points:N", sort=list(names), title="points", axis=alt.Axis(labelAngle=0, labelOverlap=True)),
            y=alt.Y(
                "learners:Q",
                title="learners",
                scale=alt.Scale(domain=[0, max(1, highest)]),
                axis=alt.Axis(format="d", tickMinStep=1),
            ),
            tooltip=["points:N", "learners:Q"],
        )
        .properties(height=220)
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape


@drawn_once
def _heat(labels: tuple[str, ...], titles: tuple[str, ...]) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData("results")).encode(
        x=alt.X("result:N", sort=list(titles), title=None, axis=alt.Axis(orient="top", labelAngle=0, labelLimit=90)),
        y=alt.Y("learner:N", sort=list(labels), title=None, axis=alt.Axis(labelLimit=170, labelOverlap=False)),
    )
    # Pale, because the numbers on them have the page's text colour, light or dark.
    boxes = base.mark_rect(fillOpacity=0.3, strokeWidth=1.5).encode(
        color=alt.Color(
            "state:N",
            scale=alt.Scale(domain=list(_STATES), range=list(_STATES.values())),
            legend=alt.Legend(title=None, orient="bottom", columns=2),
        ),
        stroke=alt.Stroke("state:N", scale=alt.Scale(domain=list(_STATES), range=list(_STATES.values())), legend=None),
        tooltip=["learner:N", "result:N", "points:N", "state:N"],
    )
    numbers = base.mark_text(fontWeight="bold").encode(text="points:N")
    shape: dict[str, Any] = (boxes + numbers).properties(height=_ROW * max(1, len(labels)) + _AROUND).to_dict()
    return shape
