"""What the pages show of a learner's values as charts: drawn once, however often a page is."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import streamlit as st

from lab.charts import CHOICE, Figure
from lab.learner.learner import Learner
from lab.ui.text import plain

T = TypeVar("T")

# Of each function, so many results: of the moments of a run that somebody goes through, forth and back.
KEPT: Final = 8
# What each learner was shown last, newest last, by what has drawn it; it goes with the learner, whose tabs share it.
_drawn: Final[WeakKeyDictionary[Learner, dict[Callable[..., Any], tuple[tuple[Any, Any], ...]]]] = WeakKeyDictionary()


def drawn(learner: Learner, draw: Callable[..., T], *values: Any) -> T:
    """Return what a function makes of some values, such as one of `lab.charts`."""
    known = _drawn.setdefault(learner, {})
    last = known.get(draw, ())
    found = next((pair for pair in last if pair[0] == values), None) or (values, draw(*values))
    known[draw] = (*(pair for pair in last if pair is not found), found)[-KEPT:]
    return cast("T", found[1])


def show_figure(figure: Figure, key: str, title: str) -> None:
    """Draw a chart, and folded the table behind it; `title` tells the table from others on the page."""
    with st.container(key=f"figure-{key}"):
        st.vega_lite_chart(spec=figure.spec(), key=f"chart-{key}", alt=figure.words)
        with st.expander(f"Table: {plain(title)}", key=f"table-{key}"):
            st.dataframe(figure.table_in_arrow, hide_index=True, alt=title)


def choosable_figure(
    figure: Figure, key: str, title: str, chosen: str | None, choose: Callable[[str | None], None]
) -> None:
    """Draw a chart and its table, of which a mark or a row can be chosen by the figure's `choice`.

    `title` names the table. `chosen` is what is chosen now, however that was done; `choose` is called with what a person
    chooses, None for nothing.
    """
    column = figure.choice
    rows, generation, said = f"rows-{key}", f"chart-{key}-generation", f"chart-{key}-said"

    def by_mark() -> None:
        # A chart that is drawn with other data says that nothing is chosen; nobody has done that.
        if marks := st.session_state[chart]["selection"].get(CHOICE):
            st.session_state[said] = marks[0][column]
            choose(marks[0][column])

    def by_row() -> None:
        found = st.session_state[rows]["selection"]["rows"]
        choose(None if not found else str(figure.table[column].iloc[found[0]]))

    if st.session_state.get(said) not in {None, chosen}:
        # What was chosen in the chart was left by another way. A new one lets it be chosen there once more.
        st.session_state[said] = None
        st.session_state[generation] = st.session_state.get(generation, 0) + 1
    chart = f"chart-{key}-{st.session_state.get(generation, 0)}"
    names = [str(name) for name in figure.table[column]]
    st.session_state[rows] = {"selection": {"rows": [names.index(chosen)] if chosen in names else []}}
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
