"""Keys for buttons: a clicker or a letter presses the button that it stands for, exactly once."""

from collections.abc import Collection, Mapping
from pathlib import Path
from typing import Final

import streamlit as st
from streamlit.components.v2 import component

_HERE: Final = Path(__file__).parent
_mount: Final = component("lab_keys", js=(_HERE / "keys.js").read_text(encoding="utf-8"), isolate_styles=False)
# There is nothing to see of it, also not while Streamlit loads it, for which it shows a bar.
STYLE: Final = """
<style>
[data-testid="stLayoutWrapper"]:has(> .st-key-keys) {
    position: absolute; width: 0; height: 0; overflow: hidden; visibility: hidden;
}
</style>
"""


def keys(buttons: Mapping[str, str], turns: Collection[str] = ()) -> None:
    """Have keys, as a browser calls them, press the buttons of these names while the page is open.

    One that is pressed again while its button is at work counts once, but for those that are `turns` of a page.
    """
    with st.container(key="keys"):
        _mount(key="keys-here", data={"buttons": dict(buttons), "turns": list(turns)})
