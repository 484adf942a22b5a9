"""The cell of a demonstration: the lab's code, the button that runs it, and its output."""

import streamlit as st

from lab.engine.observe import QueryRun
from lab.judge.run import CellRun
from lab.learner.learner import Learner
from lab.lesson.steps import STEPS, Step
from lab.lesson.wording import worded
from lab.ui.beginning import beginning
from lab.ui.feedback import plain_but_code, show_failure
from lab.ui.headings import headed
from lab.ui.predict import compare
from lab.ui.press import button
from lab.ui.session import act
from lab.ui.text import plain

MAX_TABLE_HEIGHT = 248
# At most so many statements that were not performed are named.
MAX_SKIPPED = 5
# A screen reader is told at most so many characters of what a cell printed.
MAX_SAID = 500


def next_cell(learner: Learner, *step_ids: str) -> str:
    """Return the id of the first of these steps that is not done; empty if all are, or Spark must be restored first."""
    if learner.interrupted:
        return ""
    return next((step_id for step_id in step_ids if not _is_done(learner, STEPS[step_id])), "")


def cell(learner: Learner, step_id: str, *, following: str = "", predict: str = "") -> None:
    """Draw one demonstration; `following` is the step whose button stands out on this page.

    With `predict`, ask the learner what will happen before the cell runs.
    """
    step = STEPS[step_id]
    with st.container(border=True, key=step.block):
        with st.container(horizontal=True, vertical_alignment="center"):
            headed(step.title)
            _badge(learner, step)
        st.code(worded(step.code, learner.workspace.dataset), wrap_lines=True)
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed = _buttons(learner, step, following=step_id == following)
        if start := beginning(learner, step, pressed=pressed, predict=predict):

            def begin() -> None:
                start.prepare(learner, step)
                _run(learner, step)

            act(begin, "Running the cell …", in_turn=True, says=lambda: _said(learner, step))
        run = learner.runs.last(step)
        if run:
            if predict:
                compare(learner, predict)
            show_output(run, step.title, learner.runs.changed_since(run))
            if run.failure:
                show_failure(run.failure, run.line, expected=step.refused)


def stop_and_restart(learner: Learner, step: Step) -> None:
    """Draw the two buttons of a query that is running."""
    # The keys differ from that of "Run": a second press of "Run" that arrives late must not stop the query.
    if button("Stop", key=f"stop-{step.id}", icon=":material/stop:"):
        act(lambda: learner.stop(step), "Stopping the query …")
    if button("Restart", key=f"restart-{step.id}", icon=":material/restart_alt:"):
        act(lambda: learner.restart(step), "Restarting the query …", in_turn=True)


def show_output(run: CellRun, title: str, changed: QueryRun | None = None) -> None:
    """Show what a cell printed, and its table; `changed` is a query whose table has changed since the cell ran."""
    if changed and changed.last and (run.text or run.table is not None):
        st.caption(
            f":material/history: This is `{changed.name}` as it was when the cell ran. Batch {changed.last.number} has "
            "changed the table since: run the cell again to see it now."
        )
    if run.text:
        st.code(run.text, language=None)
    if run.table is not None:
        st.dataframe(
            run.table, hide_index=True, height=min(38 + 35 * len(run.table), MAX_TABLE_HEIGHT), alt=f"Output of {title}"
        )
        st.caption(_rows_in_words(run))
    for note in run.notes:
        st.caption(plain_but_code(note))
    if run.skipped and run.failure:
        more = " ".join(plain(str(each)) for each in run.skipped[1:MAX_SKIPPED])
        ended = (
            f"Then the cell ended. {plain(str(run.ended_by))}"
            if run.ended_by
            else "The rest of the cell was performed."
        )
        st.caption(f"Left out, too: {more} {ended}" if more else ended)


def duration(seconds: float) -> str:
    """Return a duration as a person reads it: in seconds, or in milliseconds below one second."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _is_done(learner: Learner, step: Step) -> bool:
    run = learner.runs.last(step)
    return learner.groundwork.is_done(step) or bool(step.refused and run and run.failure)


def _buttons(learner: Learner, step: Step, *, following: bool) -> bool:
    """Draw the buttons; return whether the cell should run."""
    if learner.runs.is_running(step):
        stop_and_restart(learner, step)
        return False
    return button(
        "Run again" if _is_done(learner, step) else "Run",
        key=f"run-{step.id}",
        icon=":material/play_arrow:",
        type="primary" if following else "secondary",
        shortcut="Ctrl+Enter" if following else None,
    )


def _said(learner: Learner, step: Step) -> str:
    """Return the outcome of a demonstration, for screen readers.

    Empty for a failure, which is announced where it is shown.
    """
    return said_of_run(learner.runs.last(step), step.title)


def said_of_run(run: CellRun | None, title: str) -> str:
    """Return the output of a cell in words, for screen readers; empty if it failed."""
    if run is None or run.failure:
        return ""
    return " ".join(filter(None, (f"{title} has run.", run.text[:MAX_SAID], _rows_in_words(run).replace("`", ""))))


def _rows_in_words(run: CellRun) -> str:
    """Return in words how many rows the table of a cell has, and how many nulls are in each column."""
    if run.table is None:
        return ""
    nulls = {str(name): int(run.table[name].isna().sum()) for name in run.table.columns}
    shown = ", ".join(f"`{name}` {count}" for name, count in nulls.items() if count) or "none"
    return f"{len(run.table)} rows. Null: {shown}."


def _run(learner: Learner, step: Step) -> None:
    learner.prepare(step, solutions=False)
    learner.run_once(step)


def _badge(learner: Learner, step: Step) -> None:
    run = learner.runs.last(step)
    if learner.runs.is_running(step):
        st.badge("running", icon=":material/autorenew:", color="green")
    elif run is None:
        st.badge("not run yet", color="gray")
    elif run.failure and step.refused:
        st.badge("refused, as it should be", icon=":material/block:", color="blue")
    elif run.failure:
        st.badge("failed", icon=":material/error:", color="red")
    elif not learner.runs.has_run(step):
        st.badge("from before Spark stopped", color="gray")
    elif step.streams:
        st.badge("stopped", icon=":material/stop:", color="gray")
    else:
        st.badge(f"ran in {duration(run.seconds)}", icon=":material/check:", color="green")
