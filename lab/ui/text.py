"""Text that is not ours, in a place that Streamlit reads as Markdown."""

import re


def plain(text: str) -> str:
    """The text as it is: a value of a log file or an answer may not become a heading, a link or a picture."""
    return re.sub(r"([\\`*_{}\[\]()#+!|<>$~:-])", r"\\\1", text)
