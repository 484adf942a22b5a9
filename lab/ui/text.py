"""Escaping of foreign text for Markdown, and times in the time zone of the browser."""

import re
from datetime import datetime
from zoneinfo import ZoneInfo

import streamlit as st


def plain(text: str) -> str:
    """Return the text escaped for Markdown: a log value or an answer must not become a heading, a link or a picture."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:-])", r"\\\1", text)


def in_browser_time(at: datetime) -> datetime:
    """Return a time in the time zone of the browser; unchanged if that is unknown."""
    try:
        return at.astimezone(ZoneInfo(st.context.timezone)) if st.context.timezone else at
    except (KeyError, ValueError, OSError):
        return at
