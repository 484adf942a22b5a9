"""The mistake museum: for every mistake that the lab knows, guess the outcome, then run it for real."""

from typing import TYPE_CHECKING

import streamlit as st

from lab.learner.learner import Learner
from lab.learner.trial import try_answer
from lab.lesson.exhibits import GUESSES, Guess, guess_id, in_words, outcome_of
from lab.lesson.mistakes import MISTAKES, Mistake
from lab.lesson.steps import EXERCISES, STEPS
from lab.lesson.wording import worded
from lab.ui.cell import show_output
from lab.ui.feedback import show_feedback
from lab.ui.headings import headed
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act

if TYPE_CHECKING:
    from lab.judge.feedback import Feedback
    from lab.judge.run import CellRun

_EXHIBITS = "exhibits"


def museum(learner: Learner) -> None:
    """Draw the choice of a step, and the mistakes of that step: each as programs, with a guess of the outcome."""
    titles = {step.id: step.title for step in EXERCISES if any(_of(mistake, step.id) for mistake in MISTAKES)}
    step_id = st.selectbox("In which step?", list(titles), format_func=lambda known: titles[known], key="museum-step")
    exhibits = [mistake for mistake in MISTAKES if _of(mistake, step_id)]
    for number, mistake in enumerate(exhibits, start=1):
        programs = _of(mistake, step_id)
        with st.container(border=True, key=f"mistake-{mistake.id}"):
            # The title gives the mistake away, so it is shown only after a run.
            is_seen = any((mistake.id, program) in _seen() for program in programs)
            headed(f"Exhibit {number} · {mistake.title}" if is_seen else f"Exhibit {number}")
            for place, program in enumerate(programs):
                letter = chr(ord("a") + place) if len(programs) > 1 else ""
                _show(learner, mistake, program, f"exhibit {number}{letter}")


def _show(learner: Learner, mistake: Mistake, number: int, name: str) -> None:
    program, dataset = mistake.programs[number], learner.workspace.dataset
    key = (mistake.id, number)
    if program.before:
        st.caption("After this cell:")
        st.code(worded(program.before, dataset), wrap_lines=True)
        st.caption("this one:")
    st.code(worded(program.text, dataset), wrap_lines=True)
    place = f"{mistake.id}-{number}"
    kept = guess_id(mistake.id, number)
    guessed = learner.progress.prediction(kept)
    if key not in _seen():
        guess = st.radio(
            f"What will come of {name}?",
            GUESSES,
            index=GUESSES.index(guessed) if guessed in GUESSES else None,
            key=f"guess-{place}",
        )
        if guess and guess != guessed:
            learner.progress.predict(kept, guess)
            guessed = guess

    def run() -> None:
        parts().classroom.engine.wait()
        engine = parts().classroom.engine
        text, before = worded(program.text, dataset), worded(program.before, dataset)
        _seen()[key] = try_answer(STEPS[program.step_id], text, engine.root, engine.run_folder, before, dataset=dataset)

    if button(f"Run {name}", key=f"exhibit-{place}", icon=":material/play_arrow:"):
        act(run, "Running it in a workspace of its own …", in_turn=True, brings=f"outcome-{place}")
    if key in _seen():
        with st.container(key=f"outcome-{place}"):
            _outcome(*_seen()[key], guessed=guessed, title=mistake.title)


def _outcome(cell_run: "CellRun", feedback: "Feedback", *, guessed: str | None, title: str) -> None:
    came: Guess = outcome_of(cell_run, feedback)
    st.markdown(in_words(came, guessed))
    show_feedback(feedback, code=True)
    if came == GUESSES[1]:
        st.caption("Spark raised no error. Without a check, nobody would notice.")
    show_output(cell_run, title)


def _seen() -> "dict[tuple[str, int], tuple[CellRun, Feedback]]":
    seen: dict[tuple[str, int], tuple[CellRun, Feedback]] = st.session_state.setdefault(_EXHIBITS, {})
    return seen


def _of(mistake: Mistake, step_id: str) -> list[int]:
    return [number for number, program in enumerate(mistake.programs) if program.step_id == step_id]
