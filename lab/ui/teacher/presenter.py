"""The presenter: a page for the projector, in another window of the teacher's browser, with a key for each action."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Final

import streamlit as st

from lab.bucket import LOG_DATA_LIVE, files_in
from lab.course.shown import Shown
from lab.errors import LabError
from lab.learner.learner import Learner
from lab.lesson.steps import EMPTY_CODE, STEPS, Step
from lab.lesson.wording import window_in_words
from lab.ui import follow
from lab.ui.beginning import beginning
from lab.ui.delivery import deliver, next_files
from lab.ui.engine_status import engine_status
from lab.ui.fragment import fragment
from lab.ui.headings import subsection
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import act, learner, show_error, show_flash
from lab.ui.slide import slide, staged
from lab.ui.stage.look import look, moments_of
from lab.ui.stage.picture import choose_now, picture
from lab.ui.teacher import keys
from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.frame import STYLE
from lab.ui.teacher.slides import code_of, shown_of
from lab.ui.teacher.watching_switch import watching_switch

# How often the slide is saved for the class; and, while nobody may watch, how often to look whether that has changed.
SHOW_SECONDS: Final = 1.0
IDLE_SECONDS: Final = 5.0
_SOLUTION: Final = "presented-solution"
_SHOWN: Final = "shown-last"
_STEP: Final = "step"
# The step to run after the missing earlier steps, and the message about those.
_THEN: Final = "presented-then"
NEXT, BACK, DELIVER, RUN, SOLUTION, LIVE, EMPTY, HELP = (
    f"present-{name}" for name in ("next", "back", "deliver", "run", "solution", "live", "empty", "keys")
)
# The browser's names of the keys. A clicker sends the page keys or the arrow keys.
KEYS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "PageDown": NEXT,
        "ArrowRight": NEXT,
        "PageUp": BACK,
        "ArrowLeft": BACK,
        "d": DELIVER,
        "r": RUN,
        "s": SOLUTION,
        "l": LIVE,
        "e": EMPTY,
        "?": HELP,
    }
)
_IN_WORDS: Final = """
| key | what it does |
|---|---|
| → or Page down | the next step |
| ← or Page up | the step before |
| d | deliver the first pair of log files, then the second |
| r | run the cell that is shown, and check it; earlier steps run first |
| s | show the lab's solution in place of your code, or your code again |
| l | *Live*: show what is now, not an earlier moment |
| e | empty the live folder |
| ? | open or close this list |

No key acts while you type in a field. *r* with the solution on runs the solution.
"""


def presenter() -> None:
    """Draw the step that is presented, and carry out what a key or a button asks for."""
    me = learner()
    show_flash()
    st.html(follow.STYLE + keys.STYLE + STYLE)
    step = _presented()
    solution = step.is_exercise and st.session_state.get(_SOLUTION) == step.id
    with st.container(key="presenter-top", horizontal=True, vertical_alignment="center"):
        watching_switch()
        st.page_link(f"pages/{step.page}.py", label="To the page of this step", icon=":material/arrow_outward:")
    with st.container(key="presenter-says"):
        engine_status(me)
        asks = st.container(key="presenter-asks")
    place = st.container()
    with st.container(key="presenter-bar", horizontal=True, vertical_alignment="center"):
        pressed = _buttons(me, step, solution=solution)
    _turn(pressed, step, solution=solution)
    with place:
        shown = slide(lambda: _stage(me, step, solution=solution))
    with asks:
        _show_class(shown)
        _do(me, step, pressed, solution=solution)


def _presented() -> Step:
    """Return the step in the address, so that a reload stays at this step; by default the first step."""
    return STEPS.get(str(st.query_params.get(_STEP, "")), next(iter(STEPS.values())))


def _buttons(me: Learner, step: Step, *, solution: bool) -> str:
    """Draw all buttons; return the key of the one that was pressed, empty if none was."""
    known = list(STEPS)
    place = known.index(step.id)
    there = _live(me)
    following = next_files(me, there)
    pair = next((pair for pair in me.workspace.dataset.pairs if set(following) & set(pair.files)), None)
    delivers = f"Deliver {window_in_words(*pair.window)}" if pair else "All delivered"
    named = (
        (BACK, "Back (←)", ":material/arrow_back:", place == 0),
        (NEXT, "Next (→)", ":material/arrow_forward:", place == len(known) - 1),
        (DELIVER, f"{delivers} (d)", ":material/local_shipping:", not following),
        (RUN, "Run (r)", ":material/play_arrow:", False),
        (
            SOLUTION,
            "Your code (s)" if solution else "Solution (s)",
            ":material/visibility:",
            not step.is_exercise,
        ),
        (LIVE, "Live (l)", ":material/update:", staged(step) is None),
        (EMPTY, "Empty (e)", ":material/delete:", not there),
    )
    pressed = [key for key, label, icon, off in named if button(label, key=key, icon=icon, disabled=off)]
    with st.popover("Keys (?)", key=HELP):
        subsection("Keys")
        st.markdown(_IN_WORDS)
    keys.keys(KEYS, (NEXT, BACK))
    return next(iter(pressed), "")


def _live(me: Learner) -> list[str]:
    """Return the file names in the live folder; empty while the bucket is unreachable (the slide says so)."""
    try:
        return [entry.name for entry in files_in(me.workspace.bucket, LOG_DATA_LIVE)]
    except LabError:
        return []


def _turn(pressed: str, step: Step, *, solution: bool) -> None:
    """Carry out a press that changes only the slide."""
    known = list(STEPS)
    match pressed:
        case key if key in {NEXT, BACK}:
            place = known.index(step.id) + (1 if key == NEXT else -1)
            st.query_params[_STEP] = known[min(max(place, 0), len(known) - 1)]
            # The next step begins with the teacher's own code.
            st.session_state.pop(_SOLUTION, None)
        case key if key == SOLUTION:
            st.session_state[_SOLUTION] = "" if solution else step.id
        case key if key == LIVE and (beside := staged(step)):
            choose_now(beside.id)
        case _:
            return
    st.rerun()


def _stage(me: Learner, step: Step, *, solution: bool) -> Shown:
    beside = staged(step)
    if beside is None:
        return shown_of(me, step, None, solution=solution)
    seen = None
    try:
        seen = look(me, beside)
    except LabError as away:
        st.toast(str(away), icon=":material/cloud_off:")
    run = me.runs.latest(beside)
    with st.container(key="slide-stage"):
        moment = picture(beside.id, run.run_id if run else "", moments_of(me, beside, seen))
    return shown_of(me, step, moment, solution=solution)


def _show_class(shown: Shown) -> None:
    """Save the slide for the class, at most once a second, as long as the class may watch."""
    if not parts().classroom.entrance.is_for_class:
        return
    on = parts().showing.look().is_on

    @fragment(run_every=SHOW_SECONDS if on else IDLE_SECONDS, key="presenter-shows")
    def show() -> None:
        # A fragment reruns without the page around it, for as long as the window is open: check the access again.
        require_teacher()
        try:
            st.session_state[_SHOWN] = parts().showing.show(shown, st.session_state.get(_SHOWN))
        except LabError as error:
            st.caption("The class does not see this slide yet. The lab tries again by itself.")
            show_error(error)
        if parts().showing.look().is_on != on:
            st.rerun()

    show()


def _do(me: Learner, step: Step, pressed: str, *, solution: bool) -> None:
    """Carry out a press that changes the workspace, with a spinner; an error stays until the next press."""
    match pressed:
        case key if key == DELIVER:
            if names := next_files(me, _live(me)):
                deliver(me, names)
        case key if key == EMPTY:
            act(lambda: me.run_code(EMPTY_CODE), "Emptying LogDataLive …", "LogDataLive is empty.")
    if pressed == RUN and (missing := me.groundwork.missing(step)):
        # The questions before the cell's own run come after these steps have run, so remember the step.
        st.session_state[_THEN] = step.id, f"Ran first: {', '.join(known.title for known in missing)}."
        act(lambda: me.prepare(step), "Running the earlier steps …", in_turn=True)
        del st.session_state[_THEN]
        return
    prepared, said = st.session_state.pop(_THEN, ("", ""))
    if start := beginning(me, step, pressed=pressed == RUN or prepared == step.id):

        def run() -> None:
            start.prepare(me, step)
            _run(me, step, solution=solution)

        act(run, "Running and checking …", said or _already(me, step, solution=solution), in_turn=True)


def _run(me: Learner, step: Step, *, solution: bool) -> None:
    if not step.is_exercise or solution:
        me.run_once(step) if not step.is_exercise else me.run(step)
    elif me.runs.is_running(step) and not _already(me, step, solution=False):
        # The running query has other code, and would be in the way.
        me.restart(step)
    else:
        me.submit(step)


def _already(me: Learner, step: Step, *, solution: bool) -> str:
    """Return a message if the query already runs with this code, else an empty text."""
    run = me.runs.last(step)
    same = run is not None and run.code == code_of(me, step, solution=solution) and me.runs.is_running(step)
    return (
        "The query already runs with this code. On its page, Restart begins it anew." if same and not solution else ""
    )
