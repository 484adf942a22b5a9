"""A step that the learner writes: its task, the editor, what the check says, hints and the solution."""

import difflib
from collections.abc import Mapping
from typing import Final, Literal

import streamlit as st

from lab.engine.conditions import query_in_the_way
from lab.judge.feedback import Feedback
from lab.learner.kept import Answer
from lab.learner.learner import Learner
from lab.learner.runs import saves
from lab.lesson.blanks import line_left_blank
from lab.lesson.steps import STEPS, Step
from lab.ui.beginning import ANEW, Beginning, beginning
from lab.ui.cell import duration, show_output, stop_and_restart
from lab.ui.editor import editor, editor_key
from lab.ui.experiments.example import offer_delivery
from lab.ui.feedback import show_feedback
from lab.ui.headings import headed
from lab.ui.predict import compare
from lab.ui.press import button
from lab.ui.session import act, prefers_plain

HOW: Final[Mapping[str, tuple[str, str, Literal["green", "blue"]]]] = {
    "solved": ("solved", ":material/check_circle:", "green"),
    "helped": ("solved with hints", ":material/lightbulb:", "green"),
    "shown": ("after seeing the solution", ":material/visibility:", "blue"),
}

BACK: Final = "You find your code below the cell, under Earlier versions."
# With so much context, all lines of both texts are in one hunk. Its header has two file names and a position.
_WHOLE: Final = 10**6
_HEADER: Final = 3


def exercise(learner: Learner, step_id: str, *, following: str = "", predict: str = "", surprises: bool = True) -> None:
    """Draw one exercise; `following` is the step whose button stands out on this page.

    With `predict`, ask the learner what will happen before the cell runs, but only if it `surprises`.
    """
    step = STEPS[step_id]
    with st.container(border=True, key=step.block):
        # Not a fragment: if a text and a click in another fragment come together, Streamlit 1.67 loses the click.
        with st.container(horizontal=True, vertical_alignment="center"):
            headed(step.title)
            _badges(learner, step)
        st.markdown(step.task)
        run = _edit(learner, step)
        answer = learner.progress.answer(step)
        with st.container(horizontal=True, vertical_alignment="center"):
            pressed, anew = _buttons(learner, step, answer, following=step_id == following)
        asked = predict if surprises and not answer.passed else ""
        if start := _start(learner, step, answer, asked, pressed=pressed or run, anew=anew):

            def submit() -> None:
                start.prepare(learner, step)
                learner.submit(step)

            act(
                submit,
                "Running and checking …",
                _already_runs(learner, step, answer),
                in_turn=True,
                says=lambda: _verdict(learner, step, answer.feedback),
            )
        if predict and learner.runs.last(step):
            compare(learner, predict)
        _say(learner, step, answer)
        _help(learner, step, answer)


def _code_field(step: Step) -> str:
    return editor_key(f"code-{step.id}", plain=prefers_plain())


def _edit(learner: Learner, step: Step) -> bool:
    answer = learner.progress.answer(step)
    feedback = answer.feedback
    marked = feedback is not None and feedback.line and answer.checked == answer.text
    return editor(
        learner,
        f"code-{step.id}",
        label=f"Code of {step.title}",
        block=step.block,
        plain=prefers_plain(),
        error=(feedback.line, feedback.message) if feedback and marked else None,
    )


def _verdict(learner: Learner, step: Step, before: Feedback | None) -> str:
    """Return what the check says, for screen readers; a new error is announced where it is shown."""
    feedback = learner.progress.answer(step).feedback
    if feedback is None:
        return ""
    if feedback == before:
        return f"Checked again, with the same result: {feedback.message}"
    return feedback.message if feedback.has_passed or feedback.outcome == "not attempted" else ""


def _already_runs(learner: Learner, step: Step, answer: Answer) -> str:
    """Return a message if the query already runs with this code, else an empty text."""
    run = learner.runs.last(step)
    same = run is not None and run.code == answer.text and learner.runs.is_running(step)
    return "The query already runs with this code. To start it again, press Restart." if same else ""


def _start(
    learner: Learner, step: Step, answer: Answer, predict: str, *, pressed: bool, anew: bool
) -> Beginning | None:
    """Return how to run the cell now, or None. Ask nothing if a blank is left or the query already runs."""
    if pressed and (line_left_blank(step, answer.text) or _already_runs(learner, step, answer)):
        return Beginning()
    return beginning(learner, step, pressed=pressed, anew=anew, predict=predict)


def _buttons(learner: Learner, step: Step, answer: Answer, *, following: bool) -> tuple[bool, bool]:
    """Draw the buttons; return whether to run the cell, and whether to run it without the query's earlier output."""
    running = learner.runs.is_running(step)
    anew = False
    pressed = button(
        "Run and check",
        key=f"run-{step.id}",
        icon=":material/play_arrow:",
        type="primary" if following else "secondary",
    )
    if running:
        stop_and_restart(learner, step)
    if saves(step) and learner.runs.latest(step):
        anew = button(ANEW, key=f"anew-{step.id}", icon=":material/delete_history:")
    if answer.text != step.starter and button("Reset", key=f"reset-{step.id}", icon=":material/first_page:"):
        act(
            lambda: learner.progress.replace(step, step.starter),
            "Resetting …",
            f"The starter is back. {BACK}",
            brings=_code_field(step),
        )
    return pressed, anew


def _say(learner: Learner, step: Step, answer: Answer) -> None:
    run, feedback = learner.runs.last(step), answer.feedback
    if feedback:
        if answer.checked == answer.text:
            show_feedback(feedback, code=True)
            offer_delivery(learner, step, feedback)
            # Spark names the query that is in the way; any cell may have started it.
            if name := query_in_the_way(feedback.detail):
                _offer_restart(learner, step, name)
        else:
            st.caption(
                f"You have changed the code since it was checked ({feedback.outcome}). Run it to check it again."
            )
    if run and run.code == step.code != answer.checked:
        st.caption("The lab's solution runs here now.")
    if run:
        show_output(run, step.title, learner.runs.changed_since(run))


def _offer_restart(learner: Learner, step: Step, name: str) -> None:
    if button("Stop it and run this", key=f"replace-{step.id}", icon=":material/restart_alt:", type="primary"):
        act(lambda: learner.restart(step, name), "Stopping, running and checking …", in_turn=True)


def _help(learner: Learner, step: Step, answer: Answer) -> None:
    with st.expander("Hints and solution", key=f"help-{step.id}", icon=":material/lightbulb:"):
        for number, hint in enumerate(step.hints[: answer.hints], start=1):
            with st.container(key=f"hint-{number}-{step.id}"):
                st.markdown(f"**{number}.** {hint}")
        with st.container(horizontal=True):
            if answer.hints < len(step.hints) and button(
                f"Hint {answer.hints + 1} of {len(step.hints)}", key=f"hint-{step.id}", icon=":material/lightbulb:"
            ):
                act(
                    lambda: learner.progress.open_hint(step),
                    "Opening …",
                    brings=f"hint-{answer.hints + 1}-{step.id}",
                )
            if not answer.shown and button(
                "Show the solution", key=f"solution-{step.id}", icon=":material/visibility:"
            ):
                act(lambda: learner.progress.show_solution(step), "Opening …", brings=f"shown-{step.id}")
        if answer.shown:
            with st.container(key=f"shown-{step.id}"):
                st.markdown("**The solution**, one of several ways to write it:")
            st.code(step.code, wrap_lines=True)
            st.markdown(step.why)
            if answer.text != step.code and button(
                "Put it into the cell", key=f"take-{step.id}", icon=":material/content_paste_go:"
            ):
                act(lambda: learner.progress.replace(step, step.code), "Writing …", BACK, brings=_code_field(step))
        elif answer.how:
            st.markdown(step.why)
        if differs := _beside(answer.passed, step.code):
            st.markdown("**Your code beside the lab's.** Lines with − are yours, lines with + are the lab's.")
            st.code(differs, language="diff", wrap_lines=True)


def _beside(own: str, labs: str) -> str:
    """Return a diff of the code that has passed and the lab's own; empty if they are the same, or none has passed."""
    if not own or own.split() == labs.split():
        return ""
    # Not `ndiff`: it also looks for similar lines, which takes seconds for the longest answer that a field allows.
    lines = difflib.unified_diff(own.splitlines(), labs.splitlines(), n=_WHOLE, lineterm="")
    return "\n".join(list(lines)[_HEADER:])


def _badges(learner: Learner, step: Step) -> None:
    answer, run = learner.progress.answer(step), learner.runs.last(step)
    if answer.feedback and not answer.feedback.has_passed:
        # The outcome of the current code comes first: a green badge above a red message would be a contradiction.
        _outcome(answer.feedback)
        if answer.how:
            st.badge(f"{HOW[answer.how][0]} before", color="gray")
    elif answer.how:
        words, icon, color = HOW[answer.how]
        st.badge(words, icon=icon, color=color)
    elif answer.shown:
        st.badge("solution shown", icon=":material/visibility:", color="blue")
    else:
        st.badge("to do", color="gray")
    if learner.runs.is_running(step):
        st.badge("running", icon=":material/autorenew:", color="green")
    elif run is None:
        if answer.passed:
            st.badge("not run yet", color="gray")
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
        case "not performed":
            st.badge("not performed", icon=":material/do_not_disturb_on:", color="orange")
        case "error":
            st.badge("error", icon=":material/error:", color="orange")
        case _:
            st.badge("to do", color="gray")
