"""The output of a learner's own queries, batch by batch, from which they write down their results."""

from typing import Final

import pandas as pd
import streamlit as st

from lab.charts.reports import history_table
from lab.engine.snapshots import output_seen
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.lesson.steps import answering
from lab.sev0_output import read_log_output

_NOTHING: Final = "No batch yet: deliver a pair on the page *{page}*, while the query runs."


def own_results(learner: Learner) -> None:
    """Draw both outputs side by side; the learner decides which of them answers which question."""
    with st.expander(
        "What your queries gave", key="own-results", icon=":material/table_view:", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        report, log = st.columns(2)
        with report:
            _report(learner)
        with log:
            _log(learner)


def _report(learner: Learner) -> None:
    st.markdown("**The volume report**, after each batch")
    run = learner.runs.latest(answering("volume"))
    if run is None or not run.batches:
        st.caption(_NOTHING.format(page="Volume report"))
        return
    table = history_table(run.batches)
    st.dataframe(table, hide_index=True, alt="The volume report after each batch")


def _log(learner: Learner) -> None:
    st.markdown("**The SEV0 log**, with the batch of each row")
    try:
        output = output_seen(read_log_output(learner.workspace.bucket))
    except LabError as error:
        st.caption(str(error))
        return
    if not output.rows:
        st.caption(_NOTHING.format(page="SEV0 log"))
        return
    st.dataframe(
        pd.DataFrame(output.rows, columns=["batch", "serverID", "timestamp"]), hide_index=True, alt="The SEV0 log"
    )
    if len(output.rows) < output.total:
        st.caption(f"The last {len(output.rows)} of {output.total} rows.")
