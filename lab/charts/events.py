"""The chart of the log records behind a report; the package `charts` defines what a figure is."""

from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from types import MappingProxyType
from typing import Any, Final, NamedTuple

import altair as alt
import pandas as pd

from lab.charts import GREY, MAX_SERVERS, MAX_TICKS, SEVERITY_COLOURS, Figure, drawn_once, in_short, short, ticks
from lab.oracle import SEV0
from lab.records import LogFile

# In time units. In a stack, the width of a block shows the severity, too, for those who cannot see its colour.
_HALF_WIDTHS: Final = MappingProxyType({2: 0.42, 1: 0.28, 0: 0.14})
# The symbols in the legend: wide, narrow, and the mark above a time unit with a fatal error.
_SYMBOLS: Final = ("square", "M-0.45,-1H0.45V1H-0.45Z", "diamond")
# The share of the height for the highest stack; above it are the marks and the names of the files.
_STACKED: Final = 0.55


class _Block(NamedTuple):
    """The records of one severity in one time unit, as a rectangle from `begin` and `bottom` to `end` and `top`."""

    timestamp: int
    severity: str
    records: int
    begin: float
    end: float
    top: int
    bottom: int


def events_figures(read: tuple[LogFile, ...], waiting: tuple[LogFile, ...]) -> Mapping[str, Figure]:
    """Draw a figure for each server: its records by time unit and severity. Windows of files not read yet are empty.

    If there are more than MAX_SERVERS servers, draw only the first ones.
    """
    counts = Counter((record.serverID, record.timestamp, record.severity) for file in read for record in file.records)
    stacks: dict[str, dict[int, list[tuple[int, int]]]] = {}
    for (server, time, severity), count in sorted(counts.items()):
        stacks.setdefault(server, {}).setdefault(time, []).append((severity, count))
    everything = [record for file in (*read, *waiting) for record in file.records]
    last = max((record.timestamp for record in everything), default=1)
    heights = (sum(count for _, count in stack) for times in stacks.values() for stack in times.values())
    room = pd.DataFrame({"top": [max(heights, default=1) / _STACKED]})
    figures = {}
    for server in sorted({record.serverID for record in everything})[:MAX_SERVERS]:
        blocks = list(_blocks(stacks.get(server, {})))
        drawn = pd.DataFrame(blocks, columns=_Block._fields)
        words = in_short(f"t{block.timestamp} {block.severity} {block.records}" for block in blocks)
        figures[server] = Figure(
            _shape(last),
            {"windows": _windows(server, read, waiting), "blocks": drawn, "fatal": _fatal(blocks), "room": room},
            drawn[["timestamp", "severity", "records"]],
            f"Records of {server} by time unit and severity. {words}",
        )
    return MappingProxyType(figures)


def _windows(server: str, read: Sequence[LogFile], waiting: Sequence[LogFile]) -> pd.DataFrame:
    """Return the window of each file with records of a server, wider by half a time unit at both ends."""
    return pd.DataFrame(
        [
            (file.window[0] - 0.5, file.window[1] + 0.5, short(file.name) + ("" if known else ": not read yet"), known)
            for known, files in ((True, read), (False, waiting))
            for file in files
            if file.window and any(record.serverID == server for record in file.records)
        ],
        columns=["begin", "end", "file", "read"],
    )


def _blocks(stacks: Mapping[int, Sequence[tuple[int, int]]]) -> Iterator[_Block]:
    """Yield a block for each severity of a time unit, from counts. Blocks are stacked; a more severe one is narrower."""
    for time, stack in stacks.items():
        top = sum(count for _, count in stack)
        for severity, count in stack:
            half = _HALF_WIDTHS[severity]
            yield _Block(time, f"SEV{severity}", count, time - half, time + half, top, top - count)
            top -= count


def _fatal(blocks: Sequence[_Block]) -> pd.DataFrame:
    """Return a mark with the count for each time unit with fatal errors, whose block may be too small to see."""
    fatal = [block for block in blocks if block.severity == f"SEV{SEV0}"]
    return pd.DataFrame(
        [(*block[:3], block.top, f"{block.records}" if block.records > 1 else "") for block in fatal],
        columns=["timestamp", "severity", "records", "top", "several"],
    )


@drawn_once
def _shape(last: int) -> dict[str, Any]:
    x = alt.X(
        "begin:Q",
        scale=alt.Scale(domain=[0.5, last + 0.5], nice=False),
        axis=alt.Axis(**ticks(last), grid=False, title="time unit"),
    )
    y = alt.Y(
        "bottom:Q",
        title="records",
        scale=alt.Scale(zero=True, nice=False),
        axis=alt.Axis(tickMinStep=1, format="d", grid=False),
    )
    severities = list(SEVERITY_COLOURS)
    legend = alt.Legend(title=None, orient="top")
    colour = alt.Color(
        "severity:N", scale=alt.Scale(domain=severities, range=list(SEVERITY_COLOURS.values())), legend=legend
    )
    windows = alt.Chart(alt.NamedData("windows"))
    bands = windows.mark_rect(stroke=GREY, fill=GREY).encode(
        x=x,
        x2="end:Q",
        tooltip=["file:N"],
        fillOpacity=alt.condition("datum.read", alt.value(0.08), alt.value(0)),
        strokeOpacity=alt.condition("datum.read", alt.value(0.45), alt.value(0.9)),
    )
    names = (
        windows.transform_calculate(middle="(datum.begin + datum.end) / 2")
        .mark_text(fontSize=11)
        .encode(x=alt.X("middle:Q"), y=alt.value(9), text="file:N")
    )
    blocks = (
        alt.Chart(alt.NamedData("blocks"))
        # A gap between the blocks of a stack.
        .mark_rect(yOffset=-0.75, y2Offset=0.75)
        .encode(x=x, x2="end:Q", y=y, y2="top:Q", color=colour, tooltip=["timestamp:Q", "severity:N", "records:Q"])
    )
    fatal = alt.Chart(alt.NamedData("fatal")).encode(
        x=alt.X("timestamp:Q"), y=alt.Y("top:Q"), tooltip=["timestamp:Q", "severity:N", "records:Q"]
    )
    # aria=False: if there are no marks, a screen reader would find an element without a name; the figure's words name
    # all.
    marks = fatal.mark_point(aria=False, filled=True, opacity=1, size=70, yOffset=-9).encode(
        color=colour,
        shape=alt.Shape("severity:N", scale=alt.Scale(domain=severities, range=list(_SYMBOLS)), legend=legend),
    )
    counts = fatal.mark_text(aria=False, dy=-9, dx=7, align="left", fontSize=11).encode(text="several:N")
    # An invisible point sets the height of the axis. If the shape had it, a browser would build a new chart for each
    # batch.
    room = alt.Chart(alt.NamedData("room")).mark_point(aria=False, opacity=0).encode(y="top:Q")
    # With many ticks, windows are too narrow for their names, and time units for their numbers.
    layers = bands + names + blocks + marks + counts if last <= MAX_TICKS else bands + blocks + marks
    layers += room
    shape: dict[str, Any] = layers.properties(height=240).to_dict()
    return shape
