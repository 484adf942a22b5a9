"""Values in, charts out; each with the table behind it and a sentence for those who cannot see it.

What a chart looks like depends on little, its data on every batch. Altair takes tens of milliseconds for the former, which
thirty learners who deliver at once would wait for: so it draws each *shape* once, without data, and a figure is a shape and
tables for it.
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

# After the palette of Okabe and Ito (2008), which people with any kind of colour blindness can tell apart. What is drawn has
# the contrast to white and to Streamlit's black that WCAG asks for, 3: their orange is darker here, and their sky left out.
# No colour tells anything alone: a word, a shape or a place says the same.
BLUE, AMBER, GREEN, VERMILLION, VIOLET, GREY = "#0072B2", "#B37700", "#009E73", "#D55E00", "#7B5EA7", "#8A8A8A"
SEVERITY_COLOURS: Final = MappingProxyType({"SEV2": BLUE, "SEV1": AMBER, "SEV0": VERMILLION})
# One for all: their names stand beside what is drawn of them. It is no severity's.
SERVER_COLOUR: Final = GREEN
MAX_SERVERS: Final = 8
MAX_TICKS: Final = 40
MAX_NAME: Final = 24
# Of what a chart shows, so much is said in words; the table has it all.
MAX_TOLD: Final = 60

# The parameter by which a chart tells what was chosen in it.
CHOICE: Final = "choice"

# For the shapes of charts.
drawn_once: Final = lru_cache(maxsize=256)


@dataclass(frozen=True)
class Figure:
    """A chart, the table that it was drawn from, and what it shows in words.

    `shape` is a Vega-Lite specification, `data` its tables by the names under which it refers to them.
    `choice` is the column by which a mark or a row can be chosen; empty where none can.
    """

    shape: Mapping[str, Any]
    data: Mapping[str, pd.DataFrame]
    table: pd.DataFrame
    words: str
    choice: str = ""

    def spec(self) -> dict[str, Any]:
        """Return the chart as Streamlit takes it, which changes what it is given."""
        return {**deepcopy(dict(self.shape)), "datasets": dict(self._data_in_arrow)}

    @cached_property
    def table_in_arrow(self) -> "pa.Table":
        """The table as a browser takes it: made once, for it costs more than all else of a figure that is shown again."""
        return _in_arrow(self.table)

    @cached_property
    def _data_in_arrow(self) -> "dict[str, pa.Table]":
        return {name: _in_arrow(data) for name, data in self.data.items()}


def _in_arrow(table: pd.DataFrame) -> "pa.Table":
    # It takes a moment to import, for which the first page need not wait.
    import pyarrow as pa  # noqa: PLC0415

    return pa.Table.from_pandas(table, preserve_index=False)


def ticks(last: int) -> dict[str, Any]:
    """Return a tick for each time unit, unless there are too many to tell apart: a timestamp goes up to 2^31 - 1."""
    return (
        {"format": "d", "values": list(range(1, last + 1))} if last <= MAX_TICKS else {"format": "d", "tickMinStep": 1}
    )


def in_short(parts: Iterable[str], between: str = ", ") -> str:
    """Return what a chart shows, for who does not see it: as much of it as anybody listens to."""
    each = list(parts)
    more = [f"and {len(each) - MAX_TOLD:,} more"] if len(each) > MAX_TOLD else []
    return between.join([*each[:MAX_TOLD], *more])


def short(name: str) -> str:
    """Return a name that leaves room for the chart."""
    return name if len(name) <= MAX_NAME else name[: MAX_NAME - 1] + "…"
