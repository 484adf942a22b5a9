"""Buttons that never lose a press."""

import secrets
from typing import Final, Literal

import streamlit as st

# The noted presses that no run has acted on yet, by key. The run that comes first to the button takes the press: that of
# the press itself or, if it was stopped before, the next one. `script_runs` clears them after a run that was not stopped.
PRESSED: Final = "pressed"
_PRESSES: Final = "presses"
# What has been answered and whose action has not begun.
CARRIED: Final = "carried"


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
    """Draw a button as `st.button` does, and return True for every press.

    Streamlit 1.67 may lose a press (`SessionState.on_script_finished`): a run that ends resets all buttons of its
    session, also one that was pressed meanwhile and has begun the next run. The callback is called before that (see
    also `script_runs`).
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
    # `pressed` is also True after a run that was interrupted before it could act: Streamlit then repeats the press.
    return taken(key) or pressed


def submit_button(label: str, *, key: str, icon: str) -> bool:
    """Draw the submit button of a form, which loses no press either."""
    pressed = st.form_submit_button(label, key=key, icon=icon, type="primary", on_click=note, args=(key,))
    return taken(key) or pressed


def note(key: str) -> None:
    """Note a press of the widget with this key. Streamlit calls this callback at the beginning of the script run."""
    _pressed()[key] = True
    session, count = _counted()
    st.session_state[_PRESSES] = session, count + 1


def presses() -> str:
    """Return the session and how many presses have arrived in it, so that a page notices one that has not arrived."""
    session, count = _counted()
    return f"{session}:{count}"


def _counted() -> tuple[str, int]:
    if _PRESSES not in st.session_state:
        st.session_state[_PRESSES] = secrets.token_hex(4), 0
    known: tuple[str, int] = st.session_state[_PRESSES]
    return known


def taken(key: str) -> bool:
    """Return whether the widget with this key was pressed; True only once."""
    return _pressed().pop(key, False)


def carry(key: str) -> None:
    """Note that the action which `key` names is about to begin, although its button will not be drawn again.

    If this run is stopped before that, Streamlit cannot repeat the press; the next run begins the action.
    """
    st.session_state[CARRIED] = key


def is_carried(key: str) -> bool:
    """Return whether an action was about to begin when its run was stopped, or still is in this run."""
    return bool(st.session_state.get(CARRIED) == key)


def has_begun() -> None:
    """Note that the action has begun."""
    st.session_state.pop(CARRIED, None)


def _pressed() -> dict[str, bool]:
    pressed: dict[str, bool] = st.session_state.setdefault(PRESSED, {})
    return pressed
