"""The learner who looks at the page, and how their actions are carried out."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext

import streamlit as st
from streamlit.delta_generator import DeltaGenerator

from lab.course.entrance import StrangerError
from lab.course.waiting import WaitError, learners
from lab.errors import LabError
from lab.learner.document_cache import OvertakenError
from lab.learner.learner import Learner
from lab.ui.attention import bring, say
from lab.ui.cookie import HEADER, new_learner_id, valid_learner_id
from lab.ui.entrance import ask_who
from lab.ui.fragment import fragment
from lab.ui.parts import parts
from lab.ui.press import has_begun
from lab.ui.text import plain

PLAIN = "plain-editor"
# How often a page without a place asks for one.
ASK_SECONDS = 3.0
_FLASH = "flash"
_DRAWN = "drawn-version"


def learner() -> Learner:
    """Return the learner of this browser; if they have no place yet, say why and stop the page."""
    # Without a cookie (a browser that refuses them), the id lasts as long as the tab.
    fallback = st.session_state.setdefault("learner_id", new_learner_id())
    learner_id = valid_learner_id(st.context.headers.get(HEADER)) or fallback
    # None for a browser on this machine. Behind a proxy that uvicorn trusts, it is the address that the proxy reports.
    address = st.context.ip_address or ""
    try:
        return _seat(learner_id, address)
    except StrangerError as stranger:
        ask_who(stranger, learner_id, address)
    except WaitError as full:
        _wait_for_place(full)
    except LabError as error:
        show_error(error)
    return st.stop()


def _wait_for_place(full: WaitError) -> None:
    """Say that there is no place, and retry until there is one."""
    first = True

    @fragment(run_every=ASK_SECONDS, key="wait-for-place")
    def ask() -> None:
        nonlocal first
        if not first:
            st.rerun()
        first = False
        st.info(plain(str(full)), icon=":material/hourglass_top:")

    ask()


def _is_open(learner: Learner) -> bool:
    """Return whether a learner is still there; after a long absence, they may have been cleared away."""
    return not learner.closed


def _seen(learner: Learner) -> None:
    parts().classroom.seen(learner)


@st.cache_resource(scope="session", show_spinner=False, validate=_is_open, on_release=_seen)
def _seat(learner_id: str, _address: str) -> Learner:
    return parts().classroom.enter(learner_id, _address)


def act(
    action: Callable[[], object],
    waiting: str,
    done: str = "",
    *,
    in_turn: bool = False,
    brings: str = "",
    says: Callable[[], str] | None = None,
) -> None:
    """Carry out the action of a button, with a spinner, and draw the page anew; an error stays below the button.

    With `in_turn`, wait for the learner's turn: for actions that keep the machine busy for more than a moment. `brings`
    is the key of the element that gets the focus. A screen reader is told `done`, and what `says` returns afterwards.
    """
    try:
        with st.spinner(waiting, show_time=True), _turn() if in_turn else nullcontext():
            has_begun()
            action()
    except OvertakenError:
        # The page then says so at its top, and shows the newer work.
        st.rerun()
    except LabError as error:
        show_error(error)
        # The action may have changed something before the error. Note it as drawn: drawing the page anew would remove
        # the error. If the page is drawn anew for another reason, the toast still stays for a while.
        note_drawn_version(learner())
        st.toast(plain(str(error)), icon=":material/error:", duration="long")
        return
    if done:
        st.session_state[_FLASH] = done
    if brings:
        bring(brings)
    # Screen readers do not read out a toast.
    if words := " ".join(filter(None, (done, says() if says else ""))):
        say(words)
    st.rerun()


@contextmanager
def _turn() -> Iterator[None]:
    """Wait until it is this learner's turn, and show how many are ahead."""
    place = st.empty()
    with parts().classroom.turns.turn(lambda: False, lambda ahead: show_place(place, ahead)):
        place.empty()
        yield


def show_place(place: DeltaGenerator, ahead: int) -> None:
    """Show how many are ahead of a learner who waits for a turn."""
    place.caption(f"Many are at work: {learners(ahead)} ahead of you.")


def is_outdated(learner: Learner) -> bool:
    """Return whether another tab of the learner has done something since this page was drawn."""
    return st.session_state.get(_DRAWN) != learner.version


def drawn_version() -> int:
    """Return the learner's version when this page was drawn."""
    return int(st.session_state.get(_DRAWN, 0))


def note_drawn_version(learner: Learner) -> None:
    """Note which version of the learner the page is being drawn with."""
    st.session_state[_DRAWN] = learner.version


def prefers_plain() -> bool:
    """Return whether code is to be written in a plain text area instead of the editor."""
    return bool(st.session_state.get(PLAIN, False))


def show_flash() -> None:
    """Say once what the last action did."""
    if message := st.session_state.pop(_FLASH, ""):
        st.toast(plain(message))


def show_error(error: LabError) -> None:
    """Show a sentence that says what was wrong and what to do."""
    st.error(plain(str(error)), icon=":material/error:")
