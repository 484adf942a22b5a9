"""Charts of a learner's values, with a cache: a chart is made once, however often its page is drawn."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import streamlit as st

from lab.charts import CHOICE, Figure
from lab.learner.learner import Learner
from lab.ui.text import plain

T = TypeVar("T")

# Cached results of each function: enough for a learner who goes back and forth through the moments of a run.
KEPT: Final = 8
# The cache: results by learner and function, newest last. All tabs of a learner share it; it goes with the learner.
_cache: Final[WeakKeyDictionary[Learner, dict[Callable[..., Any], tuple[tuple[Any, Any], ...]]]] = WeakKeyDictionary()


def cached(learner: Learner, compute: Callable[..., T], *values: Any) -> T:
    """Return `compute(*values)`, from the cache if it is there; `compute` is for example a function of `lab.charts`."""
    known = _cache.setdefault(learner, {})
    last = known.get(compute, ())
    found = next((pair for pair in last if pair[0] == values), None) or (values, compute(*values))
    known[compute] = (*(pair for pair in last if pair is not found), found)[-KEPT:]
    return cast("T", found[1])


def show_figure(figure: Figure, key: str, title: str) -> None:
    """Draw a chart and, folded, its table; `title` distinguishes the table from others on the page."""
    with st.container(key=f"figure-{key}"):
        st.vega_lite_chart(spec=figure.spec(), key=f"chart-{key}", alt=figure.words)
        with st.expander(f"Table: {plain(title)}", key=f"table-{key}"):
            st.dataframe(figure.table_in_arrow, hide_index=True, alt=title)


def choosable_figure(
    figure: Figure, key: str, title: str, chosen: str | None, choose: Callable[[str | None], None]
) -> None:
    """Draw a chart and its table; a mark or a row can be chosen, by its value in the figure's column `choice`.

    `title` names the table. `chosen` is the current choice, wherever it was made. `choose` is called with a new choice,
    None for nothing.

    A browser also reports what a page has selected by itself. Such a report is no choice: it must not replace one that
    comes with the same request.
    """
    column = figure.choice
    rows, generation, said = f"rows-{key}", f"chart-{key}-generation", f"chart-{key}-said"

    def by_mark() -> None:
        # A chart that is drawn with new data reports an empty selection, although nobody has deselected anything.
        if marks := st.session_state[chart]["selection"].get(CHOICE):
            st.session_state[said] = marks[0][column]
            choose(marks[0][column])

    def by_row() -> None:
        found = st.session_state[rows]["selection"]["rows"]
        if found != drawn:
            choose(None if not found else str(figure.table[column].iloc[found[0]]))

    if st.session_state.get(said) not in {None, chosen}:
        # The choice made in the chart was changed elsewhere. Only a new chart lets the same mark be chosen again.
        st.session_state[said] = None
        st.session_state[generation] = st.session_state.get(generation, 0) + 1
    chart = f"chart-{key}-{st.session_state.get(generation, 0)}"
    names = [str(name) for name in figure.table[column]]
    drawn = [names.index(chosen)] if chosen in names else []
    st.session_state[rows] = {"selection": {"rows": drawn}}
    with st.container(key=f"figure-{key}"):
        st.vega_lite_chart(spec=figure.spec(), key=chart, alt=figure.words, on_select=by_mark)
        with st.container(key=f"table-{key}"):
            st.dataframe(
                figure.table_in_arrow,
                hide_index=True,
                key=rows,
                on_select=by_row,
                selection_mode="single-row",
                alt=title,
            )
