"""The pictures of a report: response times, memory and CPU over the time of the class."""

from pathlib import Path

import altair as alt
import pandas as pd

from lab.charts import BLUE, GREY, VERMILLION

from .school import Outcome

_SIZE = {"width": 620, "height": 220}
_CLIENTS = "the test's own clients"


def draw(outcome: Outcome, stem: Path) -> dict[str, Path]:
    """Write the pictures beside a report, whose path without its ending is `stem`; return their paths by name."""
    samples = pd.DataFrame(outcome.samples)
    minutes = samples["at"] / 60
    cpu = {"Python": samples["python_cpu"], "JVM": samples["jvm_cpu"], _CLIENTS: samples["clients_cpu"]}
    memory = {"Python": samples["python_memory"], "JVM": samples["jvm_memory"]}
    took = pd.DataFrame(outcome.book.took)
    took = took[took["what"] != "a lap"]
    kinds = took["what"].map(lambda what: "deliver a pair" if what.startswith("deliver") else _kind(what))
    points = pd.DataFrame({"minutes": took["at"] / 60, "seconds": took["seconds"].clip(lower=0.02), "what": kinds})
    pictures = {
        "latency": _points(points, "seconds, on a scale of powers"),
        "cpu": _lines(minutes, cpu, "% of one core"),
        "memory": _lines(minutes, memory, "MB resident"),
    }
    paths = {}
    for name, chart in pictures.items():
        paths[name] = stem.with_name(f"{stem.name}-{name}.svg")
        chart.configure(background="white").save(paths[name])
    return paths


def _kind(what: str) -> str:
    return "run and check" if what == "run and check" else "other clicks and pages"


def _colour(names: list[str]) -> alt.Color:
    return alt.Color("what:N", scale=alt.Scale(domain=names, range=[BLUE, VERMILLION, GREY][: len(names)]), title=None)


def _minutes() -> alt.X:
    return alt.X("minutes:Q", title="minutes since the class began")


def _lines(minutes: pd.Series, values: dict[str, pd.Series], title: str) -> alt.Chart:
    # A mean of ten seconds, since two processes on two cores take turns.
    parts = [
        pd.DataFrame({"minutes": minutes, "value": value.rolling(5, min_periods=1).mean().round(1), "what": name})
        for name, value in values.items()
    ]
    chart = alt.Chart(pd.concat(parts), **_SIZE).mark_line(strokeWidth=1.5)
    return chart.encode(x=_minutes(), y=alt.Y("value:Q", title=title), color=_colour(list(values)))


def _points(points: pd.DataFrame, title: str) -> alt.Chart:
    names = ["deliver a pair", "run and check", "other clicks and pages"]
    scale = alt.Scale(type="log", nice=False)
    chart = alt.Chart(points.round(3), **_SIZE).mark_circle(size=14, opacity=0.5)
    return chart.encode(x=_minutes(), y=alt.Y("seconds:Q", title=title, scale=scale), color=_colour(names))
