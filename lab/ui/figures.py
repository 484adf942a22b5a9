"""What the pages show of a learner's values as charts: drawn once, however often a page is."""

from collections.abc import Callable
from typing import Any, Final, TypeVar, cast
from weakref import WeakKeyDictionary

import streamlit as st

from lab.charts import Figure
from lab.lesson.learner import Learner

T = TypeVar("T")

# What each learner was shown last, by what has drawn it; it goes with the learner, whose tabs share it.
_drawn: Final[WeakKeyDictionary[Learner, dict[Callable[..., Any], tuple[Any, Any]]]] = WeakKeyDictionary()


def drawn(learner: Learner, draw: Callable[..., T], *values: Any) -> T:
    """What a function makes of some values, such as one of `lab.charts`."""
    last = _drawn.setdefault(learner, {})
    known, result = last.get(draw, (None, None))
    if known != values:
        result = draw(*values)
        last[draw] = (values, result)
    return cast("T", result)


def show_figure(figure: Figure, key: str) -> None:
    """A chart, and the table behind it, folded."""
    with st.container(key=f"figure-{key}"):
        st.vega_lite_chart(spec=figure.spec(), key=f"chart-{key}", alt=figure.words)
        with st.expander("Table", key=f"table-{key}"):
            st.dataframe(figure.table, hide_index=True)
