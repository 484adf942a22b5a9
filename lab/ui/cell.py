"""A step's cell: its code, the button that runs it, and what it gave."""

import streamlit as st

from lab.engine.failures import Failure
from lab.errors import LabError
from lab.lesson.learner import CellRun, Learner
from lab.lesson.steps import STEPS, Step
from lab.ui.session import act
from lab.ui.text import plain


def next_cell(learner: Learner, *step_ids: str) -> str:
    """The id of the first of these steps that has not been run; empty when all have, or Spark must be back first."""
    if learner.interrupted:
        return ""
    return next((step_id for step_id in step_ids if not _is_done(learner, STEPS[step_id])), "")


def cell(learner: Learner, step_id: str, *, following: str = "") -> None:
    """One cell; `following` is the step that Ctrl+Enter runs on this page."""
    step = STEPS[step_id]
    with st.container(border=True, key=f"cell-{step.id}"):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{step.title}**", width="content")
            _badge(learner, step)
        st.code(step.code, wrap_lines=True)
        _buttons(learner, step, following=step_id == following)
        run = learner.last_run(step)
        if run:
            _output(run, step)


def show_failure(failure: Failure, line: int = 0, *, expected: bool = False) -> None:
    """A failure in plain words, and below it, folded, what Spark said."""
    where = f"Line {line}: " if line else ""
    if expected:
        st.info(f"{where}{plain(failure.sentence)}", icon=":material/block:")
    else:
        st.error(f"{where}{plain(failure.sentence)}", icon=":material/error:")
    if failure.detail:
        with st.expander("What Spark said"):
            st.code(failure.detail, language=None, wrap_lines=True)


def _is_done(learner: Learner, step: Step) -> bool:
    run = learner.last_run(step)
    return learner.has_run(step) or bool(step.refused and run and run.failure)


def _buttons(learner: Learner, step: Step, *, following: bool) -> None:
    with st.container(horizontal=True, vertical_alignment="center"):
        # Different keys: a second press of "Run" that arrives when the query is running must not stop it.
        if learner.is_running(step):
            if st.button("Stop", key=f"stop-{step.id}", icon=":material/stop:"):
                act(lambda: learner.stop(step), f"Stopping {step.query} …")
            if st.button("Restart", key=f"restart-{step.id}", icon=":material/restart_alt:"):
                act(lambda: learner.run(step), f"Restarting {step.query} …")
        elif st.button(
            "Run again" if _is_done(learner, step) else "Run",
            key=f"run-{step.id}",
            icon=":material/play_arrow:",
            type="primary" if following else "secondary",
            shortcut="Ctrl+Enter" if following else None,
        ):
            act(lambda: _run(learner, step), "Running the cell …")
        if missing := learner.missing(step):
            st.caption("Runs first: " + ", ".join(known.title for known in missing))


def _run(learner: Learner, step: Step) -> None:
    failed = learner.prepare(step)
    if failed and failed.failure:
        raise LabError(f"An earlier step failed: {failed.failure.sentence}", "")
    learner.run_once(step)


def _badge(learner: Learner, step: Step) -> None:
    run = learner.last_run(step)
    if learner.is_running(step):
        st.badge("running", icon=":material/autorenew:", color="green")
    elif run is None:
        st.badge("not run yet", color="gray")
    elif run.failure and step.refused:
        st.badge("refused, as it should be", icon=":material/block:", color="blue")
    elif run.failure:
        st.badge("failed", icon=":material/error:", color="red")
    elif not learner.has_run(step):
        st.badge("from before Spark stopped", color="gray")
    elif step.query:
        st.badge("stopped", icon=":material/stop:", color="gray")
    else:
        st.badge(f"ran in {_duration(run.seconds)}", icon=":material/check:", color="green")


def _duration(seconds: float) -> str:
    return f"{seconds:.1f} s" if seconds >= 1 else f"{seconds * 1000:.0f} ms"


def _output(run: CellRun, step: Step) -> None:
    if run.text:
        st.code(run.text, language=None)
    if run.table is not None:
        st.dataframe(
            run.table, hide_index=True, height=min(38 + 35 * len(run.table), 248), alt=f"Output of {step.title}"
        )
        nulls = {name: int(run.table[name].isna().sum()) for name in run.table.columns}
        shown = ", ".join(f"`{name}` {count}" for name, count in nulls.items() if count) or "none"
        st.caption(f"{len(run.table)} rows. Null: {shown}.")
    if run.failure:
        show_failure(run.failure, run.line, expected=step.refused)
