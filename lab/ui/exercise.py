"""A step that the learner writes: its task, the editor, what the check says, hints and the solution."""

import re
from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from lab.lesson.feedback import Feedback
from lab.lesson.learner import Learner
from lab.lesson.progress import Answer
from lab.lesson.steps import STEPS, Step
from lab.ui.cell import duration, show_output, stop_and_restart
from lab.ui.editor import editor
from lab.ui.feedback import show_feedback
from lab.ui.press import button
from lab.ui.session import act, prefers_plain

HOW: Final[Mapping[str, tuple[str, str, Literal["green", "blue"]]]] = {
    "solved": ("solved", ":material/check_circle:", "green"),
    "helped": ("solved with hints", ":material/lightbulb:", "green"),
    "shown": ("after seeing the solution", ":material/visibility:", "blue"),
}

BACK: Final = "Your code is the first of the earlier versions, below the cell."


def exercise(learner: Learner, step_id: str, *, following: str = "") -> None:
    """One exercise; `following` is the step whose button stands out on this page."""
    step = STEPS[step_id]
    with st.container(border=True, key=f"cell-{step.id}"):
        # Not as a fragment: of a text and a click in another one that come at the same time, Streamlit 1.67 loses the click.
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"**{step.title}**", width="content")
            _badges(learner, step)
        st.markdown(step.task)
        run = _edit(learner, step)
        answer = learner.progress.answer(step)
        with st.container(horizontal=True, vertical_alignment="center"):
            run = _buttons(learner, step, answer, following=step_id == following) or run
        if run:
            act(
                lambda: learner.submit(step),
                "Running and checking …",
                _already_runs(learner, step, answer),
                in_turn=True,
            )
        _say(learner, step, answer)
        _help(learner, step, answer)


def _edit(learner: Learner, step: Step) -> bool:
    answer = learner.progress.answer(step)
    feedback = answer.feedback
    marked = feedback is not None and feedback.line and answer.checked == answer.text
    return editor(
        learner,
        f"code-{step.id}",
        label=f"Code of {step.title}",
        block=f"cell-{step.id}",
        plain=prefers_plain(),
        error=(feedback.line, feedback.message) if feedback and marked else None,
    )


def _already_runs(learner: Learner, step: Step, answer: Answer) -> str:
    """What is said when there is nothing to run."""
    run = learner.runs.last(step)
    same = run is not None and run.code == answer.text and learner.runs.is_running(step)
    return "The query runs with this code already. Restart begins it anew." if same else ""


def _buttons(learner: Learner, step: Step, answer: Answer, *, following: bool) -> bool:
    running = learner.runs.is_running(step)
    pressed = button(
        "Run and check",
        key=f"run-{step.id}",
        icon=":material/play_arrow:",
        type="primary" if following else "secondary",
    )
    if running:
        stop_and_restart(learner, step)
    if answer.text != step.starter and button("Reset", key=f"reset-{step.id}", icon=":material/first_page:"):
        act(
            lambda: learner.progress.replace(step, step.starter),
            "Resetting …",
            f"The starter is back. {BACK}",
        )
    return pressed


def _say(learner: Learner, step: Step, answer: Answer) -> None:
    run, feedback = learner.runs.last(step), answer.feedback
    if feedback:
        if answer.checked == answer.text:
            show_feedback(feedback, code=True)
            # Spark names the query that is in the way; any cell may have started it.
            if found := re.search(r"Cannot start query with name (\w+)", feedback.detail):
                _offer_restart(learner, step, found.group(1))
        else:
            st.caption(
                f"You have changed the code since it was checked ({feedback.outcome}). Run it to see what the check says."
            )
    if run and run.code == step.code != answer.checked:
        st.caption("The lab's solution is what runs here now.")
    if run:
        show_output(run, step.title)


def _offer_restart(learner: Learner, step: Step, name: str) -> None:
    if button("Stop it and run this", key=f"replace-{step.id}", icon=":material/restart_alt:", type="primary"):
        act(lambda: learner.restart(step, name), "Stopping, running and checking …", in_turn=True)


def _help(learner: Learner, step: Step, answer: Answer) -> None:
    with st.expander("Hints and solution", key=f"help-{step.id}", icon=":material/lightbulb:"):
        for number, hint in enumerate(step.hints[: answer.hints], start=1):
            st.markdown(f"**{number}.** {hint}")
        with st.container(horizontal=True):
            if answer.hints < len(step.hints) and button(
                f"Hint {answer.hints + 1} of {len(step.hints)}", key=f"hint-{step.id}", icon=":material/lightbulb:"
            ):
                act(lambda: learner.progress.open_hint(step), "Opening …")
            if not answer.shown and button(
                "Show the solution", key=f"solution-{step.id}", icon=":material/visibility:"
            ):
                act(lambda: learner.progress.show_solution(step), "Opening …")
        if answer.shown:
            st.markdown("**The solution**, one of several ways to write it:")
            st.code(step.code, wrap_lines=True)
            st.markdown(step.why)
            if answer.text != step.code and button(
                "Put it into the cell", key=f"take-{step.id}", icon=":material/content_paste_go:"
            ):
                act(lambda: learner.progress.replace(step, step.code), "Writing …", BACK)
        elif answer.how:
            st.markdown(step.why)


def _badges(learner: Learner, step: Step) -> None:
    answer, run = learner.progress.answer(step), learner.runs.last(step)
    if answer.how:
        words, icon, color = HOW[answer.how]
        st.badge(words, icon=icon, color=color)
    elif answer.feedback:
        _outcome(answer.feedback)
    elif answer.shown:
        st.badge("solution shown", icon=":material/visibility:", color="blue")
    else:
        st.badge("to do", color="gray")
    if learner.runs.is_running(step):
        st.badge("running", icon=":material/autorenew:", color="green")
    elif run is None:
        if answer.passed:
            st.badge("not run since the lab was started", color="gray")
    elif not run.failure and not learner.runs.has_run(step):
        st.badge("from before Spark stopped", color="gray")
    elif step.streams and learner.runs.latest(step):
        st.badge("stopped", icon=":material/stop:", color="gray")
    elif not run.failure:
        st.badge(f"ran in {duration(run.seconds)}", icon=":material/timer:", color="gray")


def _outcome(feedback: Feedback) -> None:
    match feedback.outcome:
        case "wrong":
            st.badge("not right yet", icon=":material/cancel:", color="red")
        case "error":
            st.badge("error", icon=":material/error:", color="orange")
        case _:
            st.badge("to do", color="gray")
