"""A learner's way through the steps as a chart; beside `charts`, which has those of the stream."""

from math import ceil
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import AMBER, BLUE, GREEN, GREY, VERMILLION, Figure, drawn_once

# What can happen, with its colour and shape: neither alone tells them apart.
MARKS: Final = {
    "passed": (GREEN, "circle"),
    "passed, with one thing to know": (GREEN, "diamond"),
    "wrong": (VERMILLION, "cross"),
    "error": (AMBER, "triangle-up"),
    "not performed": (AMBER, "square"),
    "hint": (BLUE, "triangle-down"),
    "solution": (GREY, "triangle-right"),
}
ROW_HEIGHT: Final = 28
# The axis with its title and a row of the legend, which the height of a chart includes.
AXIS_HEIGHT: Final = 128
LEGEND_HEIGHT: Final = 19
LEGEND_COLUMNS: Final = 2


def history_figure(rows: tuple[tuple[str, str, float], ...]) -> Figure:
    """Return what happened when: `rows` are a step's title, one of MARKS, and the minutes that had been worked by then."""
    table = pd.DataFrame(rows, columns=["step", "what", "minutes"])
    kinds = tuple(kind for kind in MARKS if kind in set(table["what"]))
    steps = tuple(dict.fromkeys(table["step"]))
    words = "; ".join(f"{step}: {what} after {minutes:.0f} min" for step, what, minutes in rows)
    return Figure(
        # Of a single moment, too, an axis can be drawn.
        _shape(kinds, steps, max(1.0, *table["minutes"])),
        {"history": table},
        table,
        f"What happened in each step, by minutes of work. {words}",
    )


@drawn_once
def _shape(kinds: tuple[str, ...], steps: tuple[str, ...], last: float) -> dict[str, Any]:
    colours, shapes = ([MARKS[kind][part] for kind in kinds] for part in (0, 1))
    chart = (
        alt.Chart(alt.NamedData("history"))
        .mark_point(size=90, filled=True, opacity=0.9)
        .encode(
            x=alt.X(
                "minutes:Q",
                title="minutes of work",
                scale=alt.Scale(domain=[0, last]),
                axis=alt.Axis(tickMinStep=1, format="d"),
            ),
            y=alt.Y(
                "step:N", sort=list(steps), title=None, axis=alt.Axis(labelLimit=150, labelOverlap=False, grid=True)
            ),
            color=alt.Color(
                "what:N",
                scale=alt.Scale(domain=list(kinds), range=colours),
                # It stands beside a form, where there is not much room.
                legend=alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS),
            ),
            shape=alt.Shape("what:N", scale=alt.Scale(domain=list(kinds), range=shapes)),
            tooltip=["step:N", "what:N", alt.Tooltip("minutes:Q", format=".0f")],
        )
        .properties(height=AXIS_HEIGHT + LEGEND_HEIGHT * ceil(len(kinds) / LEGEND_COLUMNS) + ROW_HEIGHT * len(steps))
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape
