"""Where the keyboard focus goes after a press and after a change of page, and what a screen reader says.

Streamlit mounts much of a page anew with each script run. The focused element is then gone, and a person at the
keyboard begins at the top of the page again. `attention.js` is the one remedy for this: it brings the focus back to
where it was, or to the result of the press; it moves it to the heading of a new page; and it offers links past the
sidebar. `names.js` makes sure that no two buttons of a page have the same accessible name.
"""

from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2 import component

_ASKED: Final = "attention"
_FIRST: Final = "attention-first"
_HERE: Final = Path(__file__).parent
_mount: Final = component(
    "lab_attention",
    css=(_HERE / "attention.css").read_text(encoding="utf-8"),
    # Together they are one module: each may use the definitions of the files before it.
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("names.js", "attention.js")),
    # It works on the whole page.
    isolate_styles=False,
)
# Invisible, also while Streamlit loads it and shows a bar for that.
_STYLE: Final = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-attention) {
    position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden;
}
</style>
"""


def attention(page: str) -> None:
    """Mount the script that manages the focus; `page` distinguishes one page from another."""
    asked = _asked()
    # A quick person may change the page before the first one has loaded the script.
    first = st.session_state.setdefault(_FIRST, page)
    st.html(_STYLE)
    with st.container(key="attention"):
        _mount(key="attention-here", data={"page": page, "first": first, "focus": asked.focus, "words": asked.words})


def bring(key: str) -> None:
    """Move the focus to the element with this key, once the page is drawn anew.

    For the result of a press. The focus stays if the person has moved it elsewhere meanwhile.
    """
    asked = _asked()
    st.session_state[_ASKED] = replace(asked, focus=(asked.focus[0] + 1, key))


def say(words: str) -> None:
    """Make a screen reader say this once the page is drawn anew, even if it has just said the same."""
    asked = _asked()
    st.session_state[_ASKED] = replace(asked, words=(asked.words[0] + 1, words))


@dataclass(frozen=True)
class _Asked:
    """The last requests for focus and words, each with a number, so that the browser carries out each only once."""

    focus: tuple[int, str] = (0, "")
    words: tuple[int, str] = (0, "")


def _asked() -> _Asked:
    asked: _Asked = st.session_state.get(_ASKED, _Asked())
    return asked
