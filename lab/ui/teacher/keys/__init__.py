"""Keyboard shortcuts for buttons: a key of the keyboard or of a clicker presses its button exactly once."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2 import component

_HERE: Final = Path(__file__).parent
_mount: Final = component("lab_keys", js=(_HERE / "keys.js").read_text(encoding="utf-8"), isolate_styles=False)
# Invisible, also while Streamlit loads it and shows a bar for that.
STYLE: Final = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-keys) {
    position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden;
}
</style>
"""


def keys(buttons: Mapping[str, str], turns: Collection[str] = ()) -> None:
    """Let keys press buttons while the page is open; `buttons` maps the browser's key names to button keys.

    A key that is pressed again while its button is at work counts once, except for the buttons in `turns`.
    """
    with st.container(key="keys"):
        _mount(key="keys-here", data={"buttons": dict(buttons), "turns": list(turns)})
