"""What keeps itself up to date: the strip above the charts, the charts, and the folders."""

import contextlib
import time
from collections.abc import Callable, Mapping, Sequence
from types import MappingProxyType
from typing import Final

import pandas as pd
import streamlit as st

from lab.bucket import (
    LOG_DATA,
    LOG_DATA_LIVE,
    OUTPUT,
    Entry,
    files_in,
    is_read_by_spark,
    read_files,
    read_folder,
    refusal_of_name,
)
from lab.charts import MAX_SERVERS, VERMILLION
from lab.charts.events import events_figures
from lab.charts.reports import cost_figure, is_volume, sev0_figure, volume_figure
from lab.engine.observe import QueryRun
from lab.engine.sev0_output import LogOutput, read_log_output
from lab.errors import LabError
from lab.lesson.learner import Learner
from lab.lesson.steps import STEPS, Step
from lab.records import LogFile
from lab.ui.feedback import show_failure
from lab.ui.figures import drawn, show_figure
from lab.ui.follow import SLOW_SECONDS
from lab.ui.press import button
from lab.ui.session import act, show_error
from lab.ui.text import plain

# What was drawn just now was looked for just now.
LOOK_SECONDS: Final = 1.0
REPORT: Final = ("serverID", "avgVolume")
MAX_LOG_ROWS: Final = 300
MAX_OUTPUT_FILES: Final = 20
MAX_OUTPUT_LINES: Final = 30


def live(learner: Learner, step_id: str) -> None:
    """Draw the strip of a step's query, the live folder and the query's charts.

    When a query did something, the page is told and drawn anew. Nobody tells of a file that came by itself: for that the
    strip looks into the folder now and then.
    """
    step = STEPS[step_id]
    run = learner.runs.latest(step)
    entries: tuple[Entry, ...] | None = None
    files: tuple[LogFile, ...] = ()
    result_rows = "–"
    try:
        entries = _live_entries(learner)
        files = read_files(learner.workspace.bucket, entries)
        result_rows = _result_rows(learner, run)
    except LabError:
        # Why, is said where files are delivered.
        st.caption(
            ":material/cloud_off: Your folders cannot be looked into for the moment. This page follows once they can."
        )

    drawn_at = time.monotonic()

    @st.fragment(run_every=SLOW_SECONDS, key=f"live-{step_id}")
    def view() -> None:
        # While the bucket is away, what was drawn last stays.
        if time.monotonic() - drawn_at > LOOK_SECONDS:
            with contextlib.suppress(LabError):
                if _live_entries(learner) != entries:
                    st.rerun()
        _strip(run, files, result_rows)

    view()
    if run and run.failure:
        show_failure(run.failure)
        if run.failure.outside:
            _offer_to_go_on(learner, step)
    if entries is None:
        return
    try:
        _live_folder(run, files, entries)
        _DRAW[step_id](learner, run)
    except LabError as error:
        show_error(error)


def _offer_to_go_on(learner: Learner, step: Step) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        if button("Go on", type="primary", key=f"go-on-{step.id}", icon=":material/resume:"):
            act(lambda: learner.resume(step), "Starting the query again …", "The query is running again.", in_turn=True)
        st.caption(
            "A query with a checkpoint of its own goes on where it was; another one reads LogDataLive anew. No row is lost, "
            "and none counts twice."
        )


def _live_entries(learner: Learner) -> tuple[Entry, ...]:
    return files_in(learner.workspace.bucket, LOG_DATA_LIVE)


def _draw_peek(_: Learner, run: QueryRun | None) -> None:
    """The rows that have arrived, newest first."""
    if not run or not run.last or not run.last.table:
        st.caption("No rows yet. Start the query above, then deliver a pair.")
        return
    table = run.last.table
    rows = pd.DataFrame(table.rows[::-1], columns=list(table.columns))
    st.dataframe(rows, hide_index=True, height=280, alt="Rows that have arrived")
    st.caption(
        f"{'The first ' if table.truncated else ''}{len(rows)} rows after batch {run.last.number}, newest first; the newest "
        f"batch brought {run.last.rows_in}."
    )


def _draw_volume(learner: Learner, run: QueryRun | None) -> None:
    """The volume after each batch, the events behind it, and what the batches cost."""
    if not run or not run.batches:
        st.caption("No batch yet: the charts appear with the first delivery that the query reads.")
        return
    if run.last and run.last.table and run.last.table.columns != REPORT:
        st.caption(
            f"The table has the columns {plain(', '.join(run.last.table.columns))}. A report has {', '.join(REPORT)}."
        )
        return
    if any(not is_volume(row) for batch in run.batches if batch.table for row in batch.table.rows):
        st.caption("`avgVolume` is not a number everywhere, so there is nothing to draw.")
        return
    st.markdown("**Volume of each server, after each batch**")
    show_figure(drawn(learner, volume_figure, run.batches), "volume")
    st.markdown("**Records by time unit and severity**")
    names = {file.name for file in run.files}
    waiting = [file for file in read_folder(learner.workspace.bucket, LOG_DATA) if file.name not in names]
    waiting = [file for file in waiting if not file.problems and not refusal_of_name(file.name)]
    for server, figure in drawn(learner, events_figures, run.files, tuple(waiting)).items():
        st.caption(f"Server {plain(server)}")
        show_figure(figure, f"events-{server}")
    servers = {record.serverID for file in run.files for record in file.records}
    if len(servers) > MAX_SERVERS:
        st.caption(
            f"Of {len(servers)} servers, the first {MAX_SERVERS} are drawn; the table of the volumes has them all."
        )
    _cost(learner, run)


def _draw_sev0(learner: Learner, run: QueryRun | None) -> None:
    """The log with its newest rows marked, its timeline, and the files in the output folder."""
    output = read_log_output(learner.workspace.bucket)
    if not output.rows:
        st.caption("The log is empty: it begins with the first delivery that the query reads.")
    else:
        st.markdown("**The SEV0 log**")
        _log_table(output)
        newest = output.rows[-MAX_LOG_ROWS:]
        rows = tuple((batch, server, time) for batch, server, time in newest if time is not None)
        show_figure(drawn(learner, sev0_figure, rows, output.newest), "sev0")
    _output_folder(output)
    if run and run.batches:
        _cost(learner, run)


def _cost(learner: Learner, run: QueryRun) -> None:
    st.markdown("**What each batch cost**")
    show_figure(drawn(learner, cost_figure, run.batches), "cost")


def _result_rows(learner: Learner, run: QueryRun | None) -> str:
    if not run or not run.last:
        return "–"
    table = run.last.table
    if table is None:
        return str(len(read_log_output(learner.workspace.bucket).rows))
    return f"{len(table.rows)}{'+' if table.truncated else ''}"


def _strip(run: QueryRun | None, files: Sequence[LogFile], result_rows: str) -> None:
    """The pipeline at a glance, from the folder to the result."""
    last = run.last if run else None
    read = {file.name for file in run.files} if run else set()
    waiting = [file.name for file in files if is_read_by_spark(file.name) and file.name not in read]
    with st.container(horizontal=True, key="strip"):
        st.metric("Files waiting", len(waiting), border=True, width="content")
        st.metric("Query", run.state if run else "not started", border=True, width="content")
        st.metric(
            "Batch",
            last.number if last else "–",
            border=True,
            width="content",
            help="The number of the newest batch. Spark counts from 0.",
        )
        st.metric(
            "Rows in",
            last.rows_in if last else "–",
            border=True,
            width="content",
            help="Rows that the newest batch read.",
        )
        st.metric("Result rows", result_rows, border=True, width="content")


def _live_folder(run: QueryRun | None, files: Sequence[LogFile], entries: Sequence[Entry]) -> None:
    """What lies in the live folder, what of it could not be read as a record, and what will not be read again."""
    read_at = {file.name: batch for batch in run.batches for file in batch.files} if run else {}
    written = run.written if run else {}
    again = [entry.name for entry in entries if entry.modified != written.get(entry.name, entry.modified)]

    def state(file: LogFile) -> str:
        if refusal := refusal_of_name(file.name):
            return refusal
        if file.name in again:
            return "not read again: the query has read this name before"
        return "read" if file.name in read_at else "waiting"

    if run and not run.ended and again:
        st.info(
            f"The query has read {plain(', '.join(again))} before, and never reads a name twice. To begin anew with what "
            "lies in LogDataLive now, restart the query; a query with a checkpoint needs *Start over*.",
            icon=":material/info:",
        )
    waiting = [file.name for file in files if state(file) == "waiting"]
    if waiting and not (run and not run.ended):
        lie = "1 file lies" if len(waiting) == 1 else f"{len(waiting)} files lie"
        st.info(
            f"{lie} in LogDataLive already, and will be the query's first batch when it starts. To see the result grow "
            "delivery by delivery, empty the folder first.",
            icon=":material/info:",
        )
    for file in files:
        if file.problems and is_read_by_spark(file.name):
            st.warning(
                f"{plain(file.name)} came into LogDataLive without a delivery, and some of it could not be read. The query "
                "goes on; these lines count as Spark reads them, or not at all:\n\n"
                + "\n".join(f"- {plain(str(problem))}" for problem in file.problems),
                icon=":material/warning:",
            )
    with st.expander(f"LogDataLive: {len(files)} file{'' if len(files) == 1 else 's'}", key="live-folder"):
        rows = [(file.name, len(file.records), len(file.problems), state(file)) for file in files]
        st.dataframe(pd.DataFrame(rows, columns=["file", "records", "unreadable lines", "state"]), hide_index=True)


def _log_table(output: LogOutput) -> None:
    rows = output.rows[-MAX_LOG_ROWS:]
    table = pd.DataFrame(rows, columns=["batch", "serverID", "timestamp"])
    table[""] = ["● newest batch" if batch == output.newest else "" for batch in table["batch"]]
    marked = table.style.apply(
        lambda row: [f"background-color: {VERMILLION}33" if row["batch"] == output.newest else ""] * len(row), axis=1
    )
    st.dataframe(marked, hide_index=True, height=min(38 + 35 * len(table), 388), alt="The SEV0 log")
    if len(rows) < len(output.rows):
        st.caption(f"The last {len(rows)} of {len(output.rows)} rows.")


def _output_folder(output: LogOutput) -> None:
    with st.expander(f"Lab9Output: {len(output.files)} files", expanded=True, key="output-folder"):
        if not output.files:
            st.caption("Nothing has been written yet.")
        for file in output.files[-MAX_OUTPUT_FILES:]:
            entry = file.entry
            marker = " · empty, it says that the batch is complete" if entry.name == "_SUCCESS" else ""
            st.caption(
                f"`{entry.key.removeprefix(OUTPUT)}` · {entry.size} bytes · {entry.modified:%H:%M:%S} UTC{marker}"
            )
            lines = file.content.splitlines()
            if lines:
                more = [f"… and {len(lines) - MAX_OUTPUT_LINES} more lines"] if len(lines) > MAX_OUTPUT_LINES else []
                st.code("\n".join(lines[:MAX_OUTPUT_LINES] + more), language=None)


_DRAW: Final[Mapping[str, Callable[[Learner, QueryRun | None], None]]] = MappingProxyType(
    {"peek": _draw_peek, "volume-query": _draw_volume, "sev0-query": _draw_sev0}
)
