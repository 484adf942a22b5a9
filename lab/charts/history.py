"""The chart of a learner's work on the steps over time."""

from math import ceil
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import AMBER, BLUE, GREEN, GREY, VERMILLION, Figure, drawn_once

# The kinds of events, with colour and shape; only both together tell them apart.
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
# The heights of the axis with its title, and of a row of the legend; both are part of the height of a chart.
AXIS_HEIGHT: Final = 128
LEGEND_HEIGHT: Final = 19
LEGEND_COLUMNS: Final = 2


def history_figure(rows: tuple[tuple[str, str, float], ...]) -> Figure:
    """Draw what happened when: `rows` are a step's title, one of MARKS, and the minutes of work until then."""
    table = pd.DataFrame(rows, columns=["step", "what", "minutes"])
    kinds = tuple(kind for kind in MARKS if kind in set(table["what"]))
    steps = tuple(dict.fromkeys(table["step"]))
    words = "; ".join(f"{step}: {what} after {minutes:.0f} min" for step, what, minutes in rows)
    return Figure(
        # At least 1, so that an axis can be drawn for a single event at 0.
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
                # In columns, because there is little room beside the form.
                legend=alt.Legend(title=None, orient="top", columns=LEGEND_COLUMNS),
            ),
            shape=alt.Shape("what:N", scale=alt.Scale(domain=list(kinds), range=shapes)),
            tooltip=["step:N", "what:N", alt.Tooltip("minutes:Q", format=".0f")],
        )
        .properties(height=AXIS_HEIGHT + LEGEND_HEIGHT * ceil(len(kinds) / LEGEND_COLUMNS) + ROW_HEIGHT * len(steps))
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape
