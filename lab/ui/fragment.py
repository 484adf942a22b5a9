"""Parts of a page that are run again by themselves, each in a container of its own.

A fragment that is run again right after its page was drawn takes back what has not been sent of it yet, with its own
container (Streamlit 1.67: ForwardMsgQueue.clear). What stands beside that container then has no place, and the browser shows
an empty page: "Cannot set a node at a delta path". So nothing stands beside it.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def fragment(*, key: str, run_every: float | None = None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a part of the page that is run again by itself; `run_every` is in seconds."""

    def made(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def within(*args: P.args, **kwargs: P.kwargs) -> None:
            with st.container():
                st.fragment(draw, run_every=run_every, key=key)(*args, **kwargs)

        return within

    return made
