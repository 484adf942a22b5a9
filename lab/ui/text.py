"""Text that is not ours, in a place that Streamlit reads as Markdown; times as the person at the browser reads them."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st


def plain(text: str) -> str:
    """Return the text as it is: a value of a log file or an answer may not become a heading, a link or a picture."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:-])", r"\\\1", text)


def in_browser_time(at: datetime) -> datetime:
    """Return a time by the clock of the browser, as far as it tells its zone, else as it is."""
    try:
        return at.astimezone(ZoneInfo(st.context.timezone)) if st.context.timezone else at
    except (KeyError, ValueError, OSError):
        return at
