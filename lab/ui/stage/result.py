"""The result of a query at one moment, and the records from which it is made."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Final

import pandas as pd
import streamlit as st

from lab.bucket import refusal_of_name
from lab.charts import MAX_SERVERS, VERMILLION
from lab.charts.events import events_figures
from lab.charts.reports import history_table, is_volume, sev0_figure, volume_figure
from lab.engine.snapshots import OutputSeen
from lab.learner.learner import Learner
from lab.lesson.predictions import OF_PAIR
from lab.lesson.steps import Picture
from lab.stage.moment import Moment
from lab.ui.figures import cached, choosable_figure, show_figure
from lab.ui.headings import subsection
from lab.ui.predict import ask_why
from lab.ui.stage.trace import choose_server, chosen_server, formula_of_server, trace_of_record, trace_of_server
from lab.ui.text import plain

REPORT: Final = ("serverID", "avgVolume")


def result(learner: Learner, picture: Picture, moment: Moment) -> None:
    """Draw the result of a query, and below it the trace of a record."""
    _DRAW[picture](learner, moment)
    trace_of_record(learner, moment, picture)


def _draw_peek(_: Learner, moment: Moment) -> None:
    """Draw the rows that have arrived, newest first."""
    table = moment.table
    if not moment.last or not table:
        st.caption("No rows yet. Start the query, then deliver a pair.")
        return
    rows = pd.DataFrame(table.rows[::-1], columns=list(table.columns))
    st.dataframe(rows, hide_index=True, height=280, alt="Rows that have arrived")
    st.caption(
        f"{'The first ' if table.truncated else ''}{len(rows)} rows after batch {moment.last.number}, newest first; the "
        f"newest batch brought {moment.last.rows_in}."
    )


def _draw_volume(learner: Learner, moment: Moment) -> None:
    """Draw the report as it is, what it was before, and the records behind it."""
    table, last = moment.table, moment.last
    # Above the chart, so that a pressed bar and its formula are in sight together.
    formula_of_server(learner, moment)
    if not last:
        st.caption("No batch yet: the report appears with the first delivery that the query reads.")
    elif not table:
        st.caption("The next batch came before the lab could read this table.")
    elif table.columns != REPORT:
        st.caption(f"The table has the columns {plain(', '.join(table.columns))}. A report has {', '.join(REPORT)}.")
    elif any(not is_volume(row) for row in table.rows):
        st.caption("`avgVolume` is not a number in every row, so there is no chart.")
    else:
        before = moment.table_before
        rows_before = before.rows if before and before.columns == REPORT and all(map(is_volume, before.rows)) else ()
        subsection(f"The report after batch {last.number}: each batch replaces it")
        figure = cached(learner, volume_figure, last.number, table.rows, rows_before)
        choosable_figure(figure, "volume", "The report", chosen_server(), choose_server)
        ask_why(learner, *OF_PAIR.values())
        if len(moment.batches) > 1:
            with st.expander("The reports before it", key="report-history", on_change="rerun") as history:
                if history.open:
                    st.dataframe(history_table(moment.batches), hide_index=True, alt="The reports before it")
    trace_of_server(learner, moment)
    if last:
        _records(learner, moment, expanded=True)


def _draw_sev0(learner: Learner, moment: Moment) -> None:
    """Draw the log with its newest rows marked, its timeline, and the files in the output folder."""
    output = moment.output
    if output is None:
        st.caption(
            "The lab did not keep the log of this moment: it was too large, or the lab has not read it yet. Press "
            "*Live* to see the log now."
        )
        return
    if not output.rows:
        st.caption("The log is empty: it begins with the first delivery that the query reads.")
    else:
        subsection("The SEV0 log: each batch adds to its end")
        _log_table(output)
        rows = tuple((batch, server, time) for batch, server, time in output.rows if time is not None)
        show_figure(cached(learner, sev0_figure, rows, output.newest), "sev0", "the SEV0 log by time unit")
    _output_folder(output)
    if moment.last:
        _records(learner, moment, expanded=False)


def _records(learner: Learner, moment: Moment, *, expanded: bool) -> None:
    """Draw records by time unit and severity: those that were read, and those that may still be delivered."""
    with st.expander(
        "Where it comes from: records by time unit and severity", expanded, key="records", on_change="rerun"
    ) as opened:
        if not opened.open:
            return
        read = {file.name for file in moment.files}
        waiting = tuple(
            chip.file
            for chip in moment.chips
            if chip.name not in read and not chip.file.problems and not refusal_of_name(chip.name)
        )
        for server, figure in cached(learner, events_figures, moment.files, waiting).items():
            subsection(f"Server {plain(server)}")
            show_figure(figure, f"events-{server}", f"records of {server}")
        servers = {record.serverID for file in moment.files for record in file.records}
        if len(servers) > MAX_SERVERS:
            st.caption(
                f"Of {len(servers)} servers, the first {MAX_SERVERS} are drawn; the table of the result has them all."
            )


def _log_table(output: OutputSeen) -> None:
    table = pd.DataFrame(output.rows, columns=["batch", "serverID", "timestamp"])
    table["newest"] = ["● newest batch" if batch == output.newest else "" for batch in table["batch"]]
    marked = table.style.apply(
        lambda row: [f"background-color: {VERMILLION}33" if row["batch"] == output.newest else ""] * len(row), axis=1
    )
    st.dataframe(marked, hide_index=True, height=min(38 + 35 * len(table), 248), alt="The SEV0 log")
    if len(output.rows) < output.total:
        st.caption(f"The last {len(output.rows)} of {output.total} rows.")


def _output_folder(output: OutputSeen) -> None:
    with st.expander(f"Lab9Output: {output.count} files", expanded=True, key="output-folder"):
        if not output.files:
            st.caption("Nothing has been written yet.")
        for file in output.files:
            name = file.name.rpartition("/")[2]
            marker = " · empty, it says that all files of this write are there" if name == "_SUCCESS" else ""
            st.caption(f"`{file.name}` · {file.size} bytes · {file.modified:%H:%M:%S} UTC{marker}")
            if file.lines:
                more = [f"… and {file.more} more lines"] if file.more else []
                st.code("\n".join([*file.lines, *more]), language=None)


_DRAW: Final[Mapping[Picture, Callable[[Learner, Moment], None]]] = MappingProxyType(
    {"rows": _draw_peek, "report": _draw_volume, "log": _draw_sev0}
)
