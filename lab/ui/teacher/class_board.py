"""The class board on a page: who needs help, learners and steps, mistakes of the moment; or the same without names."""

import re
from datetime import UTC, datetime
from typing import Final

import streamlit as st

from lab.course.board import Board, CurrentMistake
from lab.course.watch import CLASS_SECONDS, MAX_LEARNERS, Look
from lab.errors import LabError
from lab.lesson.mistakes import TITLES
from lab.lesson.steps import EXERCISES
from lab.ui.feedback import plain_but_code
from lab.ui.fragment import fragment
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.session import show_error
from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.grid import learners_grid, name_of, steps_grid
from lab.ui.teacher.one_learner import one_learner
from lab.ui.teacher.watching_switch import watching_switch
from lab.ui.text import in_browser_time, plain

# The board shows what a learner does within two seconds; half a second is left for the transfer.
LOOK_SECONDS: Final = 1.5
CHOSEN: Final = "chosen-learner"
# A shorter name would be part of many words.
_SHORTEST_NAME: Final = 3
_NAMELESS: Final = "for-projector"
_STEPS: Final = {step.id: step.title for step in EXERCISES}


def class_board() -> None:
    """Draw the board, and keep it up to date."""
    with st.container(horizontal=True):
        st.toggle("For the projector: without names", key=_NAMELESS)
        watching_switch()
    fragment(run_every=LOOK_SECONDS, key="class-board")(_board)()


def _board() -> None:
    # A fragment reruns without the page around it, for as long as the browser is open: check the access again.
    require_teacher()
    look = parts().watch.look()
    if look.error:
        _say_away(look)
    board = look.board
    if st.session_state.get(_NAMELESS):
        # The learner who was opened last must not be on the projector.
        st.session_state.pop(CHOSEN, None)
        _nameless(board)
        return
    chosen = next((row.learner for row in board.rows if row.learner.key == st.session_state.get(CHOSEN)), None)
    _queue(board)
    if chosen:
        one_learner(chosen, lambda step_id: parts().watch.answer(chosen.key, step_id), lambda: _choose(""))
    elif board.rows:
        section("Learners")
        st.caption(_in_words(board))
        learners_grid(board, _choose)
    else:
        st.info(
            "Nobody is there yet. Whoever begins with a step appears here within two seconds.",
            icon=":material/hourglass_empty:",
        )
    _mistakes(board)


def _choose(key: str) -> None:
    st.session_state[CHOSEN] = key


def _say_away(look: Look) -> None:
    at = in_browser_time(datetime.fromtimestamp(look.at, UTC))
    st.warning(
        f"The store cannot be asked now. The board is that of {at:%H:%M:%S}, and goes on by itself.",
        icon=":material/cloud_off:",
    )
    if look.error:
        show_error(look.error)


def _queue(board: Board) -> None:
    section("Who asked for help")
    if not board.queue:
        st.caption("Nobody has asked for help.")
    lines = []
    for row in board.queue:
        if asked := row.learner.asked:
            at = in_browser_time(datetime.fromtimestamp(asked.at, UTC))
            where = f", on the page {plain(asked.page)}" if asked.page else ""
            lines.append(f"1. **{plain(name_of(row.learner))}**, since {at:%H:%M}{where}")
    if lines:
        st.markdown("\n".join(lines))


def _in_words(board: Board) -> str:
    hours = CLASS_SECONDS // 3600
    full = f" Of more than {MAX_LEARNERS}, those are shown who did something last." * (len(board.rows) >= MAX_LEARNERS)
    return (
        f"{board.here} of {len(board.rows)} did something in the last 15 minutes; the others stand at the end. Who did "
        f"nothing for {hours} hours is not shown. Who asked for help comes first, then who makes the same mistake again and "
        f"again, then who has not got on for longest.{full}"
    )


def _nameless(board: Board) -> None:
    if not board.rows:
        st.info("Nobody is there yet.", icon=":material/hourglass_empty:")
        return
    section("How far the class is")
    steps_grid(board)
    _mistakes(board, examples=False)


def _mistakes(board: Board, *, examples: bool = True) -> None:
    section("Mistakes of the moment")
    if not board.mistakes:
        st.caption("Nobody has made one in the last 15 minutes that they have not put right.")
    for number, mistake in enumerate(board.mistakes):
        title = _title(mistake)
        learners = "1 learner" if mistake.count == 1 else f"{mistake.count} learners"
        if not examples:
            # A message may quote what somebody wrote; a title never does.
            st.markdown(f"**{learners}**: {plain(title)}")
            continue
        with st.expander(f"**{learners}**: {plain(title)}", key=f"met-{number}"):
            _example(board, mistake)


def _title(mistake: CurrentMistake) -> str:
    step = _STEPS.get(mistake.trouble.step_id, "")
    if not mistake.trouble.performed:
        return f"{step}: something that the lab does not perform"
    return TITLES.get(mistake.trouble.mistake) or f"{step}: a mistake without a name"


def _example(board: Board, mistake: CurrentMistake) -> None:
    name = next((row.learner.name for row in board.rows if row.learner.key == mistake.example), "")
    st.markdown(plain_but_code(without_name(mistake.trouble.message, name)))
    try:
        answer = parts().watch.answer(mistake.example, mistake.trouble.step_id)
    except LabError as error:
        show_error(error)
        return
    if answer and answer.checked:
        st.caption(f"What one of them wrote in *{_STEPS[mistake.trouble.step_id]}*:")
        st.code(without_name(answer.checked, name), wrap_lines=True)


def without_name(code: str, name: str) -> str:
    """Return the code, or a message about it, without its author's name, which may be in a comment."""
    for part in sorted({name, *name.split()}, key=len, reverse=True):
        if len(part) >= _SHORTEST_NAME:
            code = re.sub(re.escape(part), "…", code, flags=re.IGNORECASE)
    return code
