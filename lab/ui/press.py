"""Buttons of which no press is lost."""

import threading
from typing import Final, Literal

import streamlit as st

# A press belongs to the script run that it causes, and Streamlit gives a run, with those that follow from it, a thread.
_run: Final = threading.local()


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

    Streamlit 1.67 may lose one (`AppSession.request_rerun`, `SessionState.on_script_finished`): a run that ends resets the
    buttons of its session, also one that was pressed meanwhile and has begun the next run. A callback is called before that.
    """
    pressed = st.button(
        label,
        key=key,
        icon=icon,
        type=type,
        disabled=disabled,
        shortcut=shortcut,
        width=width,
        on_click=_press,
        args=(key,),
    )
    # The latter also of a run that was interrupted before it could do what was asked for: Streamlit then presses once more.
    return _take(key) or pressed


def _press(key: str) -> None:
    _run.pressed = key


def _take(key: str) -> bool:
    if getattr(_run, "pressed", None) != key:
        return False
    del _run.pressed
    return True
