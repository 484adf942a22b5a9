"""Values in, charts out; each with the table behind it and a sentence for those who cannot see it.

A chart's look seldom changes, but its data changes with every batch. Altair needs tens of milliseconds for the look,
too long for thirty learners who deliver at once. So it draws each *shape* once, without data; a figure is a shape and
its tables.
"""

from collections.abc import Iterable, Mapping
from copy import deepcopy
from dataclasses import dataclass
from functools import cached_property, lru_cache
from types import MappingProxyType
from typing import TYPE_CHECKING, Any, Final

import pandas as pd

if TYPE_CHECKING:
    import pyarrow as pa

# Based on the palette of Okabe and Ito (2008), which people with any kind of colour blindness can tell apart. WCAG asks
# for a contrast of 3 to white and to Streamlit's black, so their orange is darker here, and their sky blue is left out.
# No colour carries information alone: a word, a shape or a position says the same.
BLUE, AMBER, GREEN, VERMILLION, VIOLET, GREY = "#0072B2", "#B37700", "#009E73", "#D55E00", "#7B5EA7", "#8A8A8A"
SEVERITY_COLOURS: Final = MappingProxyType({"SEV2": BLUE, "SEV1": AMBER, "SEV0": VERMILLION})
# One colour for all servers, as their names are beside the marks. No severity has it.
SERVER_COLOUR: Final = GREEN
MAX_SERVERS: Final = 8
MAX_TICKS: Final = 40
MAX_NAME: Final = 24
# The most items of a chart that are named in words; the table has all.
MAX_TOLD: Final = 60

# The Vega parameter in which a chart reports what was chosen.
CHOICE: Final = "choice"

# A cache for the shapes of charts.
drawn_once: Final = lru_cache(maxsize=256)


@dataclass(frozen=True)
class Figure:
    """A chart, the table that it was drawn from, and what it shows in words.

    `shape` is a Vega-Lite specification, `data` its tables, by the names that the specification uses.
    `choice` is the column by which a mark or a row can be chosen; empty if none can be.
    """

    shape: Mapping[str, Any]
    data: Mapping[str, pd.DataFrame]
    table: pd.DataFrame
    words: str
    choice: str = ""

    def spec(self) -> dict[str, Any]:
        """Return the chart's specification for Streamlit, as a copy, because Streamlit changes it."""
        return {**deepcopy(dict(self.shape)), "datasets": dict(self._data_in_arrow)}

    @cached_property
    def table_in_arrow(self) -> "pa.Table":
        """The table in Arrow format, for the browser; cached, because making it costs more than all else."""
        return _in_arrow(self.table)

    @cached_property
    def _data_in_arrow(self) -> "dict[str, pa.Table]":
        return {name: _in_arrow(data) for name, data in self.data.items()}


def _in_arrow(table: pd.DataFrame) -> "pa.Table":
    # Imported here, because it takes a moment, and the first page need not wait for it.
    import pyarrow as pa  # noqa: PLC0415

    return pa.Table.from_pandas(table, preserve_index=False)


def ticks(last: int) -> dict[str, Any]:
    """Return axis options: a tick for each time unit, unless there are too many. A timestamp goes up to 2^31 - 1."""
    return (
        {"format": "d", "values": list(range(1, last + 1))} if last <= MAX_TICKS else {"format": "d", "tickMinStep": 1}
    )


def in_short(parts: Iterable[str], between: str = ", ") -> str:
    """Return the items of a chart in words, for screen readers: the first MAX_TOLD, and how many more there are."""
    each = list(parts)
    more = [f"and {len(each) - MAX_TOLD:,} more"] if len(each) > MAX_TOLD else []
    return between.join([*each[:MAX_TOLD], *more])


def short(name: str) -> str:
    """Return a name, cut so that it leaves room for the chart."""
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
