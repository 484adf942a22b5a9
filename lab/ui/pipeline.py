"""The picture of the page Start: the way of the log files to both reports.

As a component it is part of the page: it is there at once, which a chart of Mermaid's is not, and takes its colours from
the theme.
"""

from pathlib import Path
from typing import Final

from streamlit.components.v2 import component

_mount: Final = component(
    "lab_pipeline", html=Path(__file__).with_name("pipeline.svg").read_text(encoding="utf-8"), isolate_styles=False
)


def pipeline() -> None:
    """Draw the picture."""
    _mount(key="pipeline")
