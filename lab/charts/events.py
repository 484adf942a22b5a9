"""The chart of the log records behind a report; beside `charts`, which says what a figure is."""

from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Any

import altair as alt
import pandas as pd

from lab.charts import GREY, MAX_SERVERS, MAX_TICKS, SEVERITY_COLOURS, Figure, drawn_once, short, ticks
from lab.oracle import records_frame
from lab.records import LogFile


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
        blocks = _blocks(counts[counts["serverID"] == server])
        table = blocks[["timestamp", "severity", "records"]].reset_index(drop=True)
        words = ", ".join(f"t{row.timestamp} {row.severity} {row.records}" for row in table.itertuples())
        figures[server] = Figure(
            _shape(last, highest),
            {"windows": _windows(server, read, waiting), "blocks": blocks},
            table,
            f"Records of {server} by time unit and severity. {words}",
        )
    return MappingProxyType(figures)


def _windows(server: str, read: Sequence[LogFile], waiting: Sequence[LogFile]) -> pd.DataFrame:
    """From when to when each file with records of a server reaches."""
    return pd.DataFrame(
        [
            (file.window[0] - 0.5, file.window[1] + 0.5, short(file.name) + ("" if known else ": not read yet"), known)
            for known, files in ((True, read), (False, waiting))
            for file in files
            if file.window and any(record.serverID == server for record in file.records)
        ],
        columns=["begin", "end", "file", "read"],
    )


def _blocks(counts: pd.DataFrame) -> pd.DataFrame:
    """One for each severity of a time unit, one upon the other."""
    blocks = counts.assign(
        severity=counts["severity"].map(lambda severity: f"SEV{severity}"),
        begin=counts["timestamp"] - 0.4,
        end=counts["timestamp"] + 0.4,
    )
    blocks["top"] = blocks[::-1].groupby("timestamp")["records"].cumsum()[::-1]
    blocks["bottom"] = blocks["top"] - blocks["records"]
    return blocks


@drawn_once
def _shape(last: int, highest: int) -> dict[str, Any]:
    x = alt.X(
        "begin:Q",
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
        axis=alt.Axis(**ticks(last), grid=False, title="time unit"),
    )
    windows = alt.Chart(alt.NamedData("windows"))
    bands = windows.mark_rect(stroke=GREY, fill=GREY).encode(
        x=x,
        x2="end:Q",
        tooltip=["file:N"],
        fillOpacity=alt.condition("datum.read", alt.value(0.16), alt.value(0)),
        strokeOpacity=alt.condition("datum.read", alt.value(0.45), alt.value(0.9)),
    )
    names = (
        windows.transform_calculate(middle="(datum.begin + datum.end) / 2")
        .mark_text(color=GREY, fontSize=11)
        .encode(x=alt.X("middle:Q"), y=alt.value(9), text="file:N")
    )
    blocks = (
        alt.Chart(alt.NamedData("blocks"))
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
            tooltip=["timestamp:Q", "severity:N", "records:Q"],
        )
    )
    # Windows that are a hair wide have no room for their names.
    shape: dict[str, Any] = (
        (bands + names + blocks if last <= MAX_TICKS else bands + blocks).properties(height=240).to_dict()
    )
    return shape
