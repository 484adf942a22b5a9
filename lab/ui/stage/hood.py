"""Under the hood of a query: its checkpoint, its state, and what its batches cost."""

from typing import Final

import pandas as pd
import streamlit as st

from lab.charts.reports import PHASES, cost_figure
from lab.learner.learner import Learner
from lab.stage.hood import PHASES as PURPOSES
from lab.stage.hood import pretty, purpose
from lab.stage.moment import Moment
from lab.ui.figures import cached, show_figure
from lab.ui.headings import subsection

# The newest batches: so many can be compared at a glance.
MAX_BATCHES: Final = 6
_KEY: Final = "hood"


def hood(learner: Learner, moment: Moment) -> None:
    """Draw the expander, closed at first. Its content is drawn only while it is open."""
    if not moment.last:
        return
    with st.expander("Under the hood", icon=":material/build:", key=_KEY, on_change="rerun") as opened:
        if opened.open:
            _checkpoint(moment)
            _state(moment)
            _cost(learner, moment)


def is_hood_open() -> bool:
    """Return whether the expander is open now."""
    return bool(st.session_state.get(_KEY, False))


def _checkpoint(moment: Moment) -> None:
    number = moment.last.number if moment.last else 0
    subsection(f"The checkpoint, as it was on disk after batch {number}")
    if not moment.checkpoint:
        st.caption("Its files were gone, or not looked at yet, when the page was drawn.")
    st.caption("The query keeps its place here. Without a `checkpointLocation`, Spark makes a temporary folder for it.")
    for file in moment.checkpoint:
        st.caption(f"`{file.name}`: {purpose(file)}")
        st.code(pretty(file), language="json", wrap_lines=True, height=180 if file.text.count("\n") > 1 else "content")


def _state(moment: Moment) -> None:
    subsection("The state: what the query remembers between batches")
    state = moment.last.state if moment.last else None
    if state is None:
        st.caption("Nothing: each batch stands alone, so no row has to be kept.")
    else:
        st.caption(
            f"{state.rows} row{'' if state.rows == 1 else 's'}, one for each group; this batch has changed {state.updated}. "
            f"{state.bytes:,} bytes in memory."
        )


def _cost(learner: Learner, moment: Moment) -> None:
    subsection("What the batches cost")
    show_figure(cached(learner, cost_figure, moment.batches[-MAX_BATCHES:]), "cost", "what the batches cost")
    rows = [(PHASES[name], spent, PURPOSES[name]) for name, spent in (moment.last.phases if moment.last else ())]
    st.table(
        pd.DataFrame(rows, columns=["phase", "ms", "what happens"]).set_index("phase"),
        alt="The phases of the newest batch, and what each cost",
    )
