"""Buttons that never lose a press."""

import secrets
import threading
from typing import Final, Literal

import streamlit as st

# A press belongs to the script run that it causes, and Streamlit gives a run, with those that follow from it, a thread.
_run: Final = threading.local()
_PRESSES: Final = "presses"


def button(
    label: str,
    *,
    key: str,
    icon: str | None = None,
    type: Literal["primary", "secondary"] = "secondary",  # noqa: A002 - as `st.button` calls it
    disabled: bool = False,
    shortcut: str | None = None,
    width: Literal["content", "stretch"] = "content",
) -> bool:
    """As `st.button`, and True for every press.

    Streamlit 1.67 may lose one (`SessionState.on_script_finished`): a run that ends resets the buttons of its session, also
    one that was pressed meanwhile and has begun the next run. A callback is called before that (see `script_runs`, too).
    """
    pressed = st.button(
        label,
        key=key,
        icon=icon,
        type=type,
        disabled=disabled,
        shortcut=shortcut,
        width=width,
        on_click=note,
        args=(key,),
    )
    # The latter also of a run that was interrupted before it could do what was asked for: Streamlit then presses once more.
    return taken(key) or pressed


def submit_button(label: str, *, key: str, icon: str) -> bool:
    """As `button`, for the one that sends a form."""
    pressed = st.form_submit_button(label, key=key, icon=icon, type="primary", on_click=note, args=(key,))
    return taken(key) or pressed


def note(key: str) -> None:
    """Note that what is called `key` was pressed: a callback, which Streamlit calls at the beginning of the script run."""
    _run.pressed = {*getattr(_run, "pressed", ()), key}
    session, count = _counted()
    st.session_state[_PRESSES] = session, count + 1


def presses() -> str:
    """Return which session this is and how many presses have arrived in it, so that a page can tell of one that has not."""
    session, count = _counted()
    return f"{session}:{count}"


def _counted() -> tuple[str, int]:
    if _PRESSES not in st.session_state:
        st.session_state[_PRESSES] = secrets.token_hex(4), 0
    known: tuple[str, int] = st.session_state[_PRESSES]
    return known


def taken(key: str) -> bool:
    """Return whether what is called `key` was pressed in this script run; True only once."""
    pressed: set[str] = getattr(_run, "pressed", set())
    if key not in pressed:
        return False
    pressed.remove(key)
    return True
