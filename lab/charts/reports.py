"""The charts of the two reports, and of the cost of their batches; the package `charts` defines what a figure is."""

from collections import Counter
from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import (
    CHOICE,
    GREY,
    MAX_SERVERS,
    SERVER_COLOUR,
    VERMILLION,
    VIOLET,
    Figure,
    drawn_once,
    in_short,
    short,
    ticks,
)
from lab.engine.observe import Batch, Row

MAX_NAMES: Final = 4
MAX_HISTORY: Final = 50
WHOLE: Final = "the whole batch"
# The labels for marks of the newest batch, and of earlier ones.
NEWEST: Final = ("newest batch", "earlier")
# In pixels: the height of a row of a chart, and of its axis and legend together.
ROW: Final = 28
AXES: Final = 95
# With more rows, each one becomes narrower.
MAX_ROWS: Final = 12
PHASES: Final[Mapping[str, str]] = MappingProxyType(
    {
        "latestOffset": "look for new files",
        "walCommit": "log the plan",
        "getBatch": "prepare the source",
        "queryPlanning": "plan",
        "addBatch": "compute and write",
        "commitBatch": "commit the sink",
        "commitOffsets": "commit the batch",
    }
)


def is_volume(row: tuple[object, ...]) -> bool:
    """Return whether a row of the report can be drawn: a server, and a number or null."""
    return len(row) == 2 and (row[1] is None or isinstance(row[1], int | float | Decimal))


def volume_figure(number: int, now: tuple[Row, ...], before: tuple[Row, ...]) -> Figure:
    """Draw the report after a batch: a bar for each server, with a mark at its value before, which is now replaced.

    If there are more than MAX_SERVERS servers, draw the first ones; the table has all. `is_volume` must be true for
    each row.
    """
    was, volumes = _volumes(before), _volumes(now)
    rows = [(server, volume, was.get(server)) for server, volume in sorted(volumes.items())]
    table = pd.DataFrame(rows, columns=["serverID", "avgVolume", "before"])
    told = in_short((f"{server} {volume:g}" for server, volume, _ in rows if volume is not None), "; ")
    earlier = in_short((f"{server} {volume:g}" for server, volume in sorted(was.items()) if volume is not None), "; ")
    words = f"The report after batch {number}. {told}." + (f" Before: {earlier}." if earlier else "")
    drawn = table.dropna(subset=["avgVolume"]).head(MAX_SERVERS)
    return Figure(
        _volume_shape(marked=bool(drawn["before"].notna().any())), {"volumes": drawn}, table, words, "serverID"
    )


def history_table(batches: tuple[Batch, ...]) -> pd.DataFrame:
    """Return the report after each batch that has one, newest first: a row for each batch, a column for each server."""
    told = [batch for batch in reversed(batches) if batch.table and all(map(is_volume, batch.table.rows))][:MAX_HISTORY]
    volumes = {batch.number: _volumes(batch.table.rows) for batch in told if batch.table}
    servers = sorted({server for report in volumes.values() for server in report})[:MAX_SERVERS]
    rows = [
        (batch.number, _shortened([file.name for file in batch.files]), *map(volumes[batch.number].get, servers))
        for batch in told
    ]
    return pd.DataFrame(rows, columns=["batch", "files it read", *servers])


def _volumes(rows: tuple[Row, ...]) -> dict[str, float | None]:
    return {str(server): None if volume is None else float(volume) for server, volume in rows}


@drawn_once
def _volume_shape(*, marked: bool) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData("volumes")).encode(
        x=alt.X("serverID:N", title=None, axis=alt.Axis(labelAngle=0, labelLimit=120)),
        tooltip=[
            "serverID:N",
            alt.Tooltip("avgVolume:Q", format=".3f"),
            alt.Tooltip("before:Q", format=".3f"),
        ],
    )
    bars = base.mark_bar(cornerRadiusEnd=3, size=56, cursor="pointer", color=SERVER_COLOUR).encode(
        y=alt.Y("avgVolume:Q", title="SEV2 per time unit")
    )
    bars = bars.add_params(alt.selection_point(CHOICE, fields=["serverID"]))
    # `lab.ui.look` finds the marks by this name, and gives them the text colour: they are both on the bars and beside
    # them.
    marks = base.mark_tick(thickness=3, size=70).encode(y="before:Q").properties(name="before")
    labels = base.mark_text(dy=-8, fontSize=13).encode(y="avgVolume:Q", text=alt.Text("avgVolume:Q", format=".2f"))
    # Vega would warn about marks without a position.
    layers = bars + marks + labels if marked else bars + labels
    shape: dict[str, Any] = layers.properties(height=150).to_dict()
    return shape


def _shortened(names: Sequence[str]) -> str:
    return ", ".join([*map(short, names[:MAX_NAMES]), *(["…"] if len(names) > MAX_NAMES else [])])


def sev0_figure(rows: tuple[tuple[int, str, int], ...], newest: int) -> Figure:
    """Draw the SEV0 log as a timeline: `rows` are batch, serverID, timestamp; those of the newest batch stand out."""
    table = pd.DataFrame(rows, columns=["batch", "serverID", "timestamp"])
    # Equal rows become one mark with their count, as their marks would cover each other.
    counts = Counter(rows)
    marked = pd.DataFrame(list(counts), columns=["batch", "serverID", "timestamp"]).assign(
        rows=list(counts.values()), when=[_when(batch, newest) for batch, *_ in counts]
    )
    last = int(table["timestamp"].max()) if len(table) else 1
    words = in_short(f"{server} t{time}" for _, server, time in rows)
    counted = any(count > 1 for count in counts.values())
    return Figure(
        _sev0_shape(last, table["serverID"].nunique(), counted=counted),
        {"log": marked},
        table,
        f"SEV0 events by time unit and server. {words}",
    )


def _when(batch: int, newest: int) -> str:
    return NEWEST[batch != newest]


@drawn_once
def _sev0_shape(last: int, servers: int, *, counted: bool) -> dict[str, Any]:
    base = alt.Chart(alt.NamedData("log")).encode(
        x=alt.X(
            "timestamp:Q",
            title="time unit",
            scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
            axis=alt.Axis(**ticks(last)),
        ),
        y=alt.Y("serverID:N", title=None),
    )
    marks = base.mark_point(size=170, filled=True, opacity=1).encode(
        color=alt.Color(
            "when:N",
            scale=alt.Scale(domain=list(NEWEST), range=[VERMILLION, GREY]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        shape=alt.Shape(
            "when:N",
            scale=alt.Scale(domain=list(NEWEST), range=["diamond", "circle"]),
            legend=alt.Legend(title=None, orient="top"),
        ),
        tooltip=["batch:Q", "serverID:N", "timestamp:Q", "rows:Q"],
    )
    labels = base.transform_filter("datum.rows > 1").transform_calculate(times="'\u00d7 ' + datum.rows")
    labels = labels.mark_text(dx=22, color=GREY, fontSize=13).encode(text="times:N")
    height = AXES + ROW * min(max(servers, 1), MAX_ROWS)
    shape: dict[str, Any] = (marks + labels if counted else marks).properties(height=height).to_dict()
    return shape


def cost_figure(batches: tuple[Batch, ...]) -> Figure:
    """Draw the cost of the newest batch, in milliseconds, by Spark's phases, beside the batches before it."""
    newest = batches[-1].number if batches else 0
    rows = [
        (f"batch {batch.number}", name, spent, _when(batch.number, newest))
        for batch in batches
        for name, spent in ((WHOLE, batch.milliseconds), *((PHASES[phase], spent) for phase, spent in batch.phases))
    ]
    drawn = pd.DataFrame(rows, columns=["batch", "phase", "milliseconds", "when"])
    words = ", ".join(f"batch {batch.number} {batch.milliseconds} ms" for batch in batches)
    return Figure(_cost_shape(), {"phases": drawn}, drawn.drop(columns="when"), f"What each batch cost. {words}")


@drawn_once
def _cost_shape() -> dict[str, Any]:
    legend = alt.Legend(title=None, orient="top")
    base = alt.Chart(alt.NamedData("phases")).encode(
        y=alt.Y("phase:N", sort=[WHOLE, *PHASES.values()], title=None, axis=alt.Axis(labelLimit=150)),
        x=alt.X("milliseconds:Q", title="milliseconds"),
        color=alt.Color("when:N", scale=alt.Scale(domain=list(NEWEST), range=[VIOLET, GREY]), legend=legend),
        tooltip=["batch:N", "phase:N", "milliseconds:Q"],
    )
    bars = base.transform_filter(alt.datum.when == NEWEST[0]).mark_bar(size=9, yOffset=-4)
    points = (
        base.transform_filter(alt.datum.when == NEWEST[1])
        # aria=False: if there are no points, a screen reader would find an element without a name.
        .mark_point(aria=False, filled=True, opacity=1, size=45, yOffset=7)
        .encode(
            shape=alt.Shape("when:N", scale=alt.Scale(domain=list(NEWEST), range=["square", "circle"]), legend=legend)
        )
    )
    shape: dict[str, Any] = (bars + points).properties(height=AXES + ROW * (len(PHASES) + 1)).to_dict()
    return shape
