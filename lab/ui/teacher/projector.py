"""A vote on the projector: large, without names, with the address to vote at as text and as a QR code."""

from collections.abc import Iterator
from contextlib import contextmanager
from functools import lru_cache
from typing import Final
from urllib.parse import urlsplit

import segno
import streamlit as st

from lab.ui.teacher.access import origin
from lab.ui.text import plain
from lab.ui.vote.page import NAME

PROJECTOR: Final = "vote-for-projector"
# Large enough to be read from the last row.
_STYLE: Final = """
<style>
.st-key-vote-large [data-testid="stMarkdown"] :is(p, li) {
    font-size: clamp(1.2rem, 2.2vw, 2rem); line-height: 1.35;
}
.st-key-vote-large [data-testid="stCaptionContainer"] p { font-size: clamp(1rem, 1.5vw, 1.3rem); }
.st-key-vote-large [data-testid="stProgress"] p { font-size: clamp(1.05rem, 1.8vw, 1.6rem); }
.st-key-vote-large [role="progressbar"] > div { height: 1rem; }
</style>
"""
_PAGE: Final = "/vote"
# The size of the QR code in pixels: it is photographed from the last row, or from beside the screen.
_LARGE: Final = 320
_SMALL: Final = 160
_LOCAL: Final = frozenset({"localhost", "127.0.0.1", "::1"})


@contextmanager
def for_projector() -> Iterator[None]:
    """Draw the content of this context manager large."""
    st.html(_STYLE)
    with st.container(key="vote-large"):
        yield


def joining(*, large: bool) -> None:
    """Draw how people without an open lab vote."""
    address = short_address()
    parts = urlsplit(address)
    st.markdown(f"Vote in the lab, or at **{plain(parts.netloc + parts.path)}**")
    st.image(_code(address), alt=f"QR code of {address}", width=_LARGE if large else _SMALL)
    if parts.hostname in _LOCAL:
        st.caption("Only this machine reaches this address. Learners need the name that a class server has.")


def short_address() -> str:
    """Return the address to vote at, as this browser reaches the lab: also correct behind a proxy and below a path."""
    here = (st.context.url or origin()).rstrip("/")
    # Streamlit returns the URL with or without the page, depending on which part of the script asks.
    return f"{here.removesuffix(_PAGE)}/{NAME}"


@lru_cache(maxsize=8)
def _code(address: str) -> str:
    # White background and margin also on a dark page: a camera needs both.
    drawn: str = segno.make(address, error="m", micro=False).svg_inline(light="#fff", border=3, scale=8)
    return drawn
