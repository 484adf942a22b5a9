"""The charts of the two reports, and of what their batches cost; beside `charts`, which says what a figure is."""

from collections.abc import Mapping, Sequence
from decimal import Decimal
from types import MappingProxyType
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.charts import (
    BLUE,
    GREEN,
    GREY,
    MAX_SERVERS,
    ORANGE,
    PURPLE,
    SERVER_COLOURS,
    SKY,
    VERMILLION,
    Figure,
    drawn_once,
    short,
    ticks,
)
from lab.engine.observe import Batch

MAX_NAMES: Final = 4
PHASE_COLOURS: Final = (SKY, PURPLE, GREEN, ORANGE, BLUE, VERMILLION, GREY)
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
    """Whether a row of the report can be drawn: a server, and a number or null."""
    return len(row) == 2 and (row[1] is None or isinstance(row[1], int | float | Decimal))


def volume_figure(batches: tuple[Batch, ...]) -> Figure:
    """The volume of each server after each batch of the volume query, from the table as it was read then.

    Of more than MAX_SERVERS servers the first are drawn; the table has them all. Of each row, `is_volume` is true.
    """
    rows = [
        (f"batch {batch.number}", _shortened([file.name for file in batch.files]), str(server), float(volume))
        for batch in batches
        if batch.table
        for server, volume in batch.table.rows
        if volume is not None
    ]
    table = pd.DataFrame(rows, columns=["batch", "files", "serverID", "avgVolume"])
    drawn = table[table["serverID"].isin(sorted(set(table["serverID"]))[:MAX_SERVERS])]
    words = "; ".join(f"{batch}: {server} {volume:g}" for batch, _, server, volume in rows)
    return Figure(
        _volume_shape(),
        {"volumes": drawn.assign(label=drawn["batch"] + ", " + drawn["files"])},
        table,
        f"Volume of each server after each batch. {words}",
    )


@drawn_once
def _volume_shape() -> dict[str, Any]:
    base = alt.Chart(alt.NamedData("volumes")).encode(
        x=alt.X(
            "label:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, ', ')", labelLimit=200),
        ),
        xOffset=alt.XOffset("serverID:N"),
        y=alt.Y("avgVolume:Q", title="SEV2 per time unit"),
        tooltip=["batch:N", "files:N", "serverID:N", alt.Tooltip("avgVolume:Q", format=".3f")],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        color=alt.Color(
            "serverID:N", scale=alt.Scale(range=list(SERVER_COLOURS)), legend=alt.Legend(title=None, orient="top")
        )
    )
    labels = base.mark_text(dy=-8, color=GREY, fontSize=13).encode(text=alt.Text("avgVolume:Q", format=".2f"))
    shape: dict[str, Any] = (bars + labels).properties(height=300).to_dict()
    return shape


def _shortened(names: Sequence[str]) -> str:
    return ", ".join([*map(short, names[:MAX_NAMES]), *(["…"] if len(names) > MAX_NAMES else [])])


def sev0_figure(rows: tuple[tuple[int, str, int], ...], newest: int) -> Figure:
    """The SEV0 log as a timeline: `rows` are batch, serverID, timestamp; those of the newest batch stand out."""
    table = pd.DataFrame(rows, columns=["batch", "serverID", "timestamp"])
    marked = table.assign(when=["newest batch" if batch == newest else "earlier" for batch in table["batch"]])
    last = int(table["timestamp"].max()) if len(table) else 1
    words = ", ".join(f"{server} t{time}" for _, server, time in rows)
    return Figure(_sev0_shape(last), {"log": marked}, table, f"SEV0 events by time unit and server. {words}")


@drawn_once
def _sev0_shape(last: int) -> dict[str, Any]:
    domain = ["newest batch", "earlier"]
    chart = (
        alt.Chart(alt.NamedData("log"))
        .mark_point(size=170, filled=True, opacity=1)
        .encode(
            x=alt.X(
                "timestamp:Q",
                title="time unit",
                scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
                axis=alt.Axis(**ticks(last)),
            ),
            y=alt.Y("serverID:N", title=None),
            color=alt.Color(
                "when:N",
                scale=alt.Scale(domain=domain, range=[VERMILLION, GREY]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            shape=alt.Shape("when:N", scale=alt.Scale(domain=domain, range=["diamond", "circle"]), legend=None),
            tooltip=["batch:Q", "serverID:N", "timestamp:Q"],
        )
        .properties(height=210)
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape


def cost_figure(batches: tuple[Batch, ...]) -> Figure:
    """What each batch cost, in milliseconds, by the phases that Spark went through."""
    rows = [
        (f"batch {batch.number}", PHASES[phase], spent, order)
        for batch in batches
        for order, (phase, spent) in enumerate(batch.phases)
    ]
    drawn = pd.DataFrame(rows, columns=["batch", "phase", "milliseconds", "order"])
    words = ", ".join(f"batch {batch.number} {batch.milliseconds} ms" for batch in batches)
    return Figure(
        _cost_shape(len(batches)), {"phases": drawn}, drawn.drop(columns="order"), f"What each batch cost. {words}"
    )


@drawn_once
def _cost_shape(batches: int) -> dict[str, Any]:
    chart = (
        alt.Chart(alt.NamedData("phases"))
        .mark_bar()
        .encode(
            y=alt.Y("batch:N", sort=None, title=None),
            x=alt.X("milliseconds:Q", title="milliseconds"),
            color=alt.Color(
                "phase:N",
                sort=list(PHASES.values()),
                scale=alt.Scale(domain=list(PHASES.values()), range=list(PHASE_COLOURS)),
                legend=alt.Legend(title=None, orient="top", columns=2),
            ),
            order=alt.Order("order:Q"),
            tooltip=["batch:N", "phase:N", "milliseconds:Q"],
        )
        .properties(height=220 + 44 * batches)
    )
    shape: dict[str, Any] = chart.to_dict()
    return shape
