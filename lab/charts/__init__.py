"""Values in, charts out; each with the table behind it and a sentence for those who cannot see it.

What a chart looks like depends on little, its data on every batch. Altair takes tens of milliseconds for the former, which
thirty learners who deliver at once would wait for: so it draws each *shape* once, without data, and a figure is a shape and
tables for it.
"""

from collections.abc import Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import lru_cache
from types import MappingProxyType
from typing import Any, Final

import pandas as pd

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
SEVERITY_COLOURS: Final = MappingProxyType({"SEV2": BLUE, "SEV1": ORANGE, "SEV0": VERMILLION})
SERVER_COLOURS: Final = (BLUE, ORANGE, GREEN, PURPLE, SKY, VERMILLION)
MAX_SERVERS: Final = 8
MAX_TICKS: Final = 40
MAX_NAME: Final = 24

# For the shapes of charts.
drawn_once: Final = lru_cache(maxsize=256)


@dataclass(frozen=True)
class Figure:
    """A chart, the table that it was drawn from, and what it shows in words.

    `shape` is a Vega-Lite specification, `data` its tables by the names under which it refers to them.
    """

    shape: Mapping[str, Any]
    data: Mapping[str, pd.DataFrame]
    table: pd.DataFrame
    words: str

    def spec(self) -> dict[str, Any]:
        """The chart as Streamlit takes it, which changes what it is given."""
        return {**deepcopy(dict(self.shape)), "datasets": dict(self.data)}


def ticks(last: int) -> dict[str, Any]:
    """A tick for each time unit, unless there are too many to tell apart (a timestamp may be as large as 2^31 - 1)."""
    return (
        {"format": "d", "values": list(range(1, last + 1))} if last <= MAX_TICKS else {"format": "d", "tickMinStep": 1}
    )


def short(name: str) -> str:
    """A name that leaves room for the chart."""
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
