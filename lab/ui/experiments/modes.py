"""Three output modes, one delivery: the same report in append, update and complete mode, side by side."""

from collections import Counter
from collections.abc import Sequence
from typing import Final

import pandas as pd
import streamlit as st

from lab.learner.experiments.modes import Compared, InMode
from lab.learner.learner import Learner
from lab.ui.headings import section, subsection
from lab.ui.predict import ask, compare, is_asked
from lab.ui.press import button, is_carried
from lab.ui.session import act
from lab.ui.text import plain

_PREDICTION: Final = "update-mode"
_WHY: Final = {
    "append": "Adds rows that never change again. A row of this report may change with every batch, so Spark refuses.",
    "update": "Writes the rows that have changed. The table keeps the old ones, too.",
    "complete": "Writes the whole report with each batch. The table is replaced.",
}


def output_modes(learner: Learner) -> None:
    """Ask what update mode does, then run the report in each mode, and show the tables after each delivery."""
    section("Three output modes, one delivery")
    st.markdown(
        "Three queries keep your report, one in each output mode. They read copies of your deliveries, so nothing "
        "of yours changes. If you have delivered nothing yet, they read the two pairs."
    )
    if is_asked(learner, _PREDICTION):
        wanted = ask(learner, _PREDICTION, "Compare")
    else:
        wanted = button("Compare the modes", key="compare-modes", icon=":material/compare_arrows:")
        wanted = wanted or is_carried(_PREDICTION)
    if wanted:
        act(learner.experiments.compare_modes, "Running the report in three modes …", brings="modes", in_turn=True)
    if compared := learner.experiments.compared:
        compare(learner, _PREDICTION)
        with st.container(key="modes"):
            _draw(compared)


def _draw(compared: Compared) -> None:
    for run in compared.runs:
        st.markdown(f"**{run.mode}**: {_WHY[run.mode]}")
        if run.refusal:
            st.code(run.refusal, language=None, wrap_lines=True)
    running = [run for run in compared.runs if not run.refusal]
    for number, names in enumerate(compared.deliveries):
        subsection(f"After {plain(', '.join(names))}")
        for column, run in zip(st.columns(max(1, len(running))), running, strict=True):
            with column:
                _table(run, number, names)


def _table(run: InMode, number: int, names: Sequence[str]) -> None:
    table = run.tables[number]
    st.caption(f"{run.mode} mode")
    shown = pd.DataFrame(table.rows, columns=list(table.columns))
    st.dataframe(shown, hide_index=True, alt=f"The table in {run.mode} mode after {', '.join(names)}")
    if table.truncated:
        st.caption(f"The first {len(table.rows)} rows.")
    often = [str(server) for server, count in Counter(row[0] for row in table.rows).items() if count > 1]
    if often:
        st.caption(f"More than one row: {plain(', '.join(often))}. The old ones stay.")
