"""Fragments: parts of a page that rerun by themselves, each in a container of its own.

When a fragment reruns right after its page was drawn, Streamlit 1.67 drops the fragment's unsent messages, also that
for its container (ForwardMsgQueue.clear). An element beside this container then has no valid position, and the browser
shows an empty page: "Cannot set a node at a delta path". So nothing stands beside it.
"""

from collections.abc import Callable
from functools import wraps
from typing import ParamSpec

import streamlit as st

P = ParamSpec("P")


def fragment(*, key: str, run_every: float | None = None) -> Callable[[Callable[P, None]], Callable[P, None]]:
    """Make a function a fragment in a container of its own; `run_every` is in seconds."""

    def made(draw: Callable[P, None]) -> Callable[P, None]:
        @wraps(draw)
        def within(*args: P.args, **kwargs: P.kwargs) -> None:
            with st.container():
                st.fragment(draw, run_every=run_every, key=key)(*args, **kwargs)

        return within

    return made
