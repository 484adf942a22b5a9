"""The steps of a course as a chart: how many learners were right at the first try, here and in an earlier course."""

from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import AMBER, BLUE, Figure, drawn_once, in_short

THIS: Final = "this course"
EARLIER: Final = "earlier course"
_ROW: Final = 26


def first_try_figure(rows: tuple[tuple[str, str, float], ...]) -> Figure:
    """Draw how many percent of those who tried a step were right at the first try.

    `rows` are a step's title, THIS or EARLIER, and the percentage.
    """
    table = pd.DataFrame(rows, columns=["step", "course", "percent"])
    steps = tuple(dict.fromkeys(table["step"]))
    courses = tuple(course for course in (THIS, EARLIER) if course in set(table["course"]))
    told = in_short((f"{step}: {percent:.0f} % in {course}" for step, course, percent in rows), "; ")
    return Figure(
        _shape(steps, courses),
        {"course": table},
        table.round(1),
        f"How many percent of those who tried a step were right at the first try. {told}",
    )


@drawn_once
def _shape(steps: tuple[str, ...], courses: tuple[str, ...]) -> dict[str, Any]:
    chart = (
        alt.Chart(alt.NamedData("course"))
        .mark_bar()
        .encode(
            x=alt.X("percent:Q", title="percent right at the first try", scale=alt.Scale(domain=[0, 100])),
            y=alt.Y("step:N", sort=list(steps), title=None, axis=alt.Axis(labelLimit=220, labelOverlap=False)),
            yOffset=alt.YOffset("course:N", sort=list(courses)),
            color=alt.Color(
                "course:N",
                scale=alt.Scale(domain=[THIS, EARLIER], range=[BLUE, AMBER]),
                legend=alt.Legend(title=None, orient="top") if len(courses) > 1 else None,
            ),
            tooltip=["step:N", "course:N", alt.Tooltip("percent:Q", format=".0f")],
        )
        .properties(height=_ROW * max(1, len(steps)) * max(1, len(courses)) + 70)
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape
