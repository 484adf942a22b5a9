"""The mistake museum: every mistake that the lab knows, to be run for real."""

from typing import TYPE_CHECKING

import streamlit as st

from lab.lesson.classroom import CLASSROOM
from lab.lesson.mistakes import MISTAKES, Mistake
from lab.lesson.steps import EXERCISES, STEPS
from lab.lesson.trial import try_answer
from lab.ui.cell import show_output
from lab.ui.feedback import show_feedback
from lab.ui.press import button
from lab.ui.session import act

if TYPE_CHECKING:
    from lab.lesson.feedback import Feedback
    from lab.lesson.run import CellRun

_EXHIBITS = "exhibits"


def museum() -> None:
    """Choose a step, and see the mistakes that are made in it, each with a program that makes it."""
    titles = {step.id: step.title for step in EXERCISES if any(_of(mistake, step.id) for mistake in MISTAKES)}
    step_id = st.selectbox("In which step?", list(titles), format_func=lambda known: titles[known], key="museum-step")
    seen: dict[tuple[str, int], tuple[CellRun, Feedback]] = st.session_state.setdefault(_EXHIBITS, {})

    def show(mistake: Mistake, number: int) -> None:
        program = mistake.programs[number]
        key = (mistake.id, number)
        if program.before:
            st.caption("After this cell:")
            st.code(program.before, wrap_lines=True)
            st.caption("this one:")
        st.code(program.text, wrap_lines=True)

        def run() -> None:
            CLASSROOM.engine.wait()
            engine = CLASSROOM.engine
            seen[key] = try_answer(STEPS[program.step_id], program.text, engine.root, engine.run_folder, program.before)

        if button("Run it", key=f"exhibit-{mistake.id}-{number}", icon=":material/play_arrow:"):
            act(run, "Running it in a workspace of its own …", in_turn=True)
        if key in seen:
            cell_run, feedback = seen[key]
            show_feedback(feedback, code=True)
            if not feedback.detail and feedback.outcome != "passed":
                st.caption("Spark said nothing: without a check, this goes unnoticed.")
            show_output(cell_run, mistake.title)

    for mistake in MISTAKES:
        numbers = _of(mistake, step_id)
        if numbers:
            with st.container(border=True, key=f"mistake-{mistake.id}"):
                st.markdown(f"**{mistake.title}**")
                for number in numbers:
                    show(mistake, number)


def _of(mistake: Mistake, step_id: str) -> list[int]:
    return [number for number, program in enumerate(mistake.programs) if program.step_id == step_id]
