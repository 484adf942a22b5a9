"""Values in, charts out; each with the table behind it and a sentence for those who cannot see it.

Drawing a chart takes Altair tens of milliseconds, and a page asks for the same ones twice a second: equal values, which
may be those of several tabs, are drawn once.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import altair as alt
import pandas as pd

from lab.engine.observe import Batch
from lab.oracle import records_frame
from lab.records import LogFile

# The palette of Okabe and Ito (2008), which people with any kind of colour blindness can tell apart; shades that
# vanish on white or on black are left out.
BLUE, ORANGE, GREEN, VERMILLION, PURPLE, SKY, GREY = (
    "#0072B2",
    "#E69F00",
    "#009E73",
    "#D55E00",
    "#CC79A7",
    "#56B4E9",
    "#8A8A8A",
)
MAX_NAMES: Final = 4
MAX_SERVERS: Final = 8
MAX_TICKS: Final = 40
MAX_NAME: Final = 24
SEVERITY_COLOURS: Final = MappingProxyType({"SEV2": BLUE, "SEV1": ORANGE, "SEV0": VERMILLION})
SERVER_COLOURS: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)
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


@dataclass(frozen=True)
class Figure:
    """A chart as a Vega-Lite specification, the table that it was drawn from, and what it shows in words."""

    spec: Mapping[str, Any]
    table: pd.DataFrame
    words: str


_drawn_once: Final = lru_cache(maxsize=256)


@_drawn_once
def volume_figure(batches: tuple[Batch, ...]) -> Figure:
    """The volume of each server after each batch of the volume query, from the table as it was read then.

    Of more than MAX_SERVERS servers the first are drawn; the table has them all.
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
    base = alt.Chart(drawn.assign(label=drawn["batch"] + ", " + drawn["files"])).encode(
        x=alt.X(
            "label:N",
            sort=None,
            title=None,
            axis=alt.Axis(labelAngle=0, labelExpr="split(datum.label, ', ')", labelLimit=200),
        ),
        xOffset=alt.XOffset("serverID:N"),
        y=alt.Y("avgVolume:Q", title="SEV2 per time unit"),
        tooltip=["batch", "files", "serverID", alt.Tooltip("avgVolume", format=".3f")],
    )
    bars = base.mark_bar(cornerRadiusEnd=3).encode(
        color=alt.Color(
            "serverID:N", scale=alt.Scale(range=list(SERVER_COLOURS)), legend=alt.Legend(title=None, orient="top")
        )
    )
    labels = base.mark_text(dy=-8, color=GREY, fontSize=13).encode(text=alt.Text("avgVolume:Q", format=".2f"))
    words = "; ".join(f"{batch}: {server} {volume:g}" for batch, _, server, volume in rows)
    return Figure(
        (bars + labels).properties(height=300).to_dict(), table, f"Volume of each server after each batch. {words}"
    )


def _ticks(last: int) -> dict[str, Any]:
    """A tick for each time unit, unless there are too many to tell apart (a timestamp may be as large as 2^31 - 1)."""
    return (
        {"format": "d", "values": list(range(1, last + 1))} if last <= MAX_TICKS else {"format": "d", "tickMinStep": 1}
    )


def _shortened(names: Sequence[str]) -> str:
    return ", ".join([*map(_short, names[:MAX_NAMES]), *(["…"] if len(names) > MAX_NAMES else [])])


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"


@_drawn_once
def events_figures(read: tuple[LogFile, ...], waiting: tuple[LogFile, ...]) -> Mapping[str, Figure]:
    """For each server, its records by time unit and severity; windows of files not read yet are drawn empty.

    Of more than MAX_SERVERS servers the first are drawn.
    """
    records = records_frame(read)
    counts = records.groupby(["serverID", "timestamp", "severity"]).size().rename("records").reset_index()
    everything = records_frame([*read, *waiting])
    last = int(everything["timestamp"].max()) if len(everything) else 1
    highest = int(counts.groupby(["serverID", "timestamp"])["records"].sum().max()) if len(counts) else 1
    figures = {}
    for server in sorted(set(everything["serverID"]))[:MAX_SERVERS]:
        figures[server] = _events_figure(server, counts[counts["serverID"] == server], read, waiting, last, highest)
    return MappingProxyType(figures)


def _events_figure(
    server: str, counts: pd.DataFrame, read: Sequence[LogFile], waiting: Sequence[LogFile], last: int, highest: int
) -> Figure:
    windows = pd.DataFrame(
        [
            (file.window[0] - 0.5, file.window[1] + 0.5, _short(file.name) + ("" if known else ": not read yet"), known)
            for known, files in ((True, read), (False, waiting))
            for file in files
            if file.window and any(record.serverID == server for record in file.records)
        ],
        columns=["begin", "end", "file", "read"],
    )
    x = alt.X(
        "begin:Q",
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
        axis=alt.Axis(**_ticks(last), grid=False, title="time unit"),
    )
    bands = (
        alt.Chart(windows)
        .mark_rect(stroke=GREY, fill=GREY)
        .encode(
            x=x,
            x2="end:Q",
            tooltip=["file"],
            fillOpacity=alt.condition("datum.read", alt.value(0.16), alt.value(0)),
            strokeOpacity=alt.condition("datum.read", alt.value(0.45), alt.value(0.9)),
        )
    )
    names = (
        alt.Chart(windows)
        .transform_calculate(middle="(datum.begin + datum.end) / 2")
        .mark_text(color=GREY, fontSize=11)
        .encode(x=alt.X("middle:Q"), y=alt.value(9), text="file:N")
    )
    bars = counts.assign(
        severity=counts["severity"].map(lambda severity: f"SEV{severity}"),
        begin=counts["timestamp"] - 0.4,
        end=counts["timestamp"] + 0.4,
    )
    bars["top"] = bars[::-1].groupby("timestamp")["records"].cumsum()[::-1]
    bars["bottom"] = bars["top"] - bars["records"]
    blocks = (
        alt.Chart(bars)
        .mark_rect()
        .encode(
            x=x,
            x2="end:Q",
            y=alt.Y(
                "bottom:Q",
                title="records",
                scale=alt.Scale(domain=[0, highest + 1], nice=False),
                axis=alt.Axis(tickMinStep=1, format="d", grid=False),
            ),
            y2="top:Q",
            color=alt.Color(
                "severity:N",
                scale=alt.Scale(domain=list(SEVERITY_COLOURS), range=list(SEVERITY_COLOURS.values())),
                legend=alt.Legend(title=None, orient="top"),
            ),
            tooltip=["timestamp", "severity", "records"],
        )
    )
    table = bars[["timestamp", "severity", "records"]].reset_index(drop=True)
    words = ", ".join(f"t{row.timestamp} {row.severity} {row.records}" for row in table.itertuples())
    return Figure(
        # Windows that are a hair wide have no room for their names.
        (bands + names + blocks if last <= MAX_TICKS else bands + blocks).properties(height=240).to_dict(),
        table,
        f"Records of {server} by time unit and severity. {words}",
    )


@_drawn_once
def sev0_figure(rows: tuple[tuple[int, str, int], ...], newest: int) -> Figure:
    """The SEV0 log as a timeline: `rows` are batch, serverID, timestamp; those of the newest batch stand out."""
    table = pd.DataFrame(rows, columns=["batch", "serverID", "timestamp"])
    marked = table.assign(when=["newest batch" if batch == newest else "earlier" for batch in table["batch"]])
    last = int(table["timestamp"].max()) if len(table) else 1
    chart = (
        alt.Chart(marked)
        .mark_point(size=170, filled=True, opacity=1)
        .encode(
            x=alt.X(
                "timestamp:Q",
                title="time unit",
                scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
                axis=alt.Axis(**_ticks(last)),
            ),
            y=alt.Y("serverID:N", title=None),
            color=alt.Color(
                "when:N",
                scale=alt.Scale(domain=["newest batch", "earlier"], range=[VERMILLION, GREY]),
                legend=alt.Legend(title=None, orient="top"),
            ),
            shape=alt.Shape(
                "when:N", scale=alt.Scale(domain=["newest batch", "earlier"], range=["diamond", "circle"]), legend=None
            ),
            tooltip=["batch", "serverID", "timestamp"],
        )
        .properties(height=210)
    )
    words = ", ".join(f"{server} t{time}" for _, server, time in rows)
    return Figure(chart.to_dict(), table, f"SEV0 events by time unit and server. {words}")


@_drawn_once
def cost_figure(batches: tuple[Batch, ...]) -> Figure:
    """What each batch cost, in milliseconds, by the phases that Spark went through."""
    rows = [
        (f"batch {batch.number}", PHASES[phase], spent, order)
        for batch in batches
        for order, (phase, spent) in enumerate(batch.phases)
    ]
    table = pd.DataFrame(rows, columns=["batch", "phase", "milliseconds", "order"])
    chart = (
        alt.Chart(table)
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
            tooltip=["batch", "phase", "milliseconds"],
        )
        .properties(height=220 + 44 * len(batches))
    )
    words = ", ".join(f"batch {batch.number} {batch.milliseconds} ms" for batch in batches)
    return Figure(chart.to_dict(), table.drop(columns="order"), f"What each batch cost. {words}")
