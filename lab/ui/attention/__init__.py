"""Where the keys go after a press and after a change of page, and what a screen reader is told of it.

Streamlit mounts much of a page anew with each run of its script. What had the focus is then gone, and a person at the
keyboard begins at the top of the page once more. There is one remedy for all of it, `attention.js`: it brings the focus back
to where it was or to what the press has brought, goes to the heading of a new page, and offers ways past the sidebar. Beside
it, `names.js` sees that no two buttons of a page have the same name.
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
    # Together they are one module: each may use what stands in those before it.
    js="\n".join((_HERE / name).read_text(encoding="utf-8") for name in ("names.js", "attention.js")),
    # It looks after the whole page.
    isolate_styles=False,
)
# There is nothing to see of it, also not while Streamlit loads it, for which it shows a bar.
_STYLE: Final = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-attention) {
    position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden;
}
</style>
"""


def attention(page: str) -> None:
    """Look after the focus from here on; `page` tells one page from another."""
    asked = _asked()
    # Whoever is quick goes to another page before the first one has brought what looks after the focus.
    first = st.session_state.setdefault(_FIRST, page)
    st.html(_STYLE)
    with st.container(key="attention"):
        _mount(key="attention-here", data={"page": page, "first": first, "focus": asked.focus, "words": asked.words})


def bring(key: str) -> None:
    """Have the focus go to what is called `key`, once the page is drawn anew.

    For what a press has brought. Nobody who has gone elsewhere meanwhile is called back.
    """
    asked = _asked()
    st.session_state[_ASKED] = replace(asked, focus=(asked.focus[0] + 1, key))


def say(words: str) -> None:
    """Have a screen reader say this, once the page is drawn anew, also when it has just said the same."""
    asked = _asked()
    st.session_state[_ASKED] = replace(asked, words=(asked.words[0] + 1, words))


@dataclass(frozen=True)
class _Asked:
    """What was asked for last, each with a number: what the browser has done once, it does not do again."""

    focus: tuple[int, str] = (0, "")
    words: tuple[int, str] = (0, "")


def _asked() -> _Asked:
    asked: _Asked = st.session_state.get(_ASKED, _Asked())
    return asked
