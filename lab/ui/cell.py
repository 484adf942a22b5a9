"""A demonstration's cell: the lab's code, the button that runs it, and what it gave."""

import streamlit as st

from lab.lesson.learner import Learner
from lab.lesson.run import CellRun
from lab.lesson.steps import STEPS, Step
from lab.ui.feedback import show_failure
from lab.ui.predict import ask, compare, is_asked
from lab.ui.press import button
from lab.ui.session import act

MAX_TABLE_HEIGHT = 248


def next_cell(learner: Learner, *step_ids: str) -> str:
    """The id of the first of these steps that is not done; empty when all are, or Spark must be back first."""
    if learner.interrupted:
        return ""
    return next((step_id for step_id in step_ids if not _is_done(learner, STEPS[step_id])), "")


def cell(learner: Learner, step_id: str, *, following: str = "", predict: str = "") -> None:
    """One demonstration; `following` is the step whose button stands out on this page.

    With `predict`, the learner is first asked what will happen.
    """
    step = STEPS[step_id]
    with st.container(border=True, key=f"cell-{step.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{step.title}**", width="content")
            _badge(learner, step)
        st.code(step.code, wrap_lines=True)
        if predict and is_asked(learner, predict) and not learner.groundwork.missing(step):
            if ask(learner, predict, "Run"):
                act(lambda: _run(learner, step), "Running the cell …", in_turn=True)
        else:
            with st.container(horizontal=True, vertical_alignment="center"):
                _buttons(learner, step, following=step_id == following)
        run = learner.runs.last(step)
        if run:
            if predict:
                compare(learner, predict)
            show_output(run, step.title)
            if run.failure:
                show_failure(run.failure, run.line, expected=step.refused)


def stop_and_restart(learner: Learner, step: Step) -> None:
    """The two buttons of a query that is running."""
    # Different keys: a second press of "Run" that arrives when the query is running must not stop it.
    if button("Stop", key=f"stop-{step.id}", icon=":material/stop:"):
        act(lambda: learner.stop(step), "Stopping the query …")
    if button("Restart", key=f"restart-{step.id}", icon=":material/restart_alt:"):
        act(lambda: learner.restart(step), "Restarting the query …", in_turn=True)


def show_output(run: CellRun, title: str) -> None:
    """What a cell printed, and the table that it gave."""
    if run.text:
        st.code(run.text, language=None)
    if run.table is not None:
        st.dataframe(
            run.table, hide_index=True, height=min(38 + 35 * len(run.table), MAX_TABLE_HEIGHT), alt=f"Output of {title}"
        )
        nulls = {str(name): int(run.table[name].isna().sum()) for name in run.table.columns}
        shown = ", ".join(f"`{name}` {count}" for name, count in nulls.items() if count) or "none"
        st.caption(f"{len(run.table)} rows. Null: {shown}.")


def duration(seconds: float) -> str:
    """A time that a person can read."""
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _is_done(learner: Learner, step: Step) -> bool:
    run = learner.runs.last(step)
    return learner.groundwork.is_done(step) or bool(step.refused and run and run.failure)


def _buttons(learner: Learner, step: Step, *, following: bool) -> None:
    if learner.runs.is_running(step):
        stop_and_restart(learner, step)
    elif button(
        "Run again" if _is_done(learner, step) else "Run",
        key=f"run-{step.id}",
        icon=":material/play_arrow:",
        type="primary" if following else "secondary",
        shortcut="Ctrl+Enter" if following else None,
    ):
        act(lambda: _run(learner, step), "Running the cell …", in_turn=True)


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
