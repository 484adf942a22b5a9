"""The app as a script: the page that was asked for, of which its title and lead are drawn before anything else is loaded."""

from pathlib import Path
from typing import Final

import streamlit as st

from lab.engine.engine import IMPORTS
from lab.lesson.classroom import CLASSROOM
from lab.ui.leads import LEADS

HEADING: Final = "Spark Streaming for log processing"
# File name in pages/, title, icon; in the order of the lesson.
PAGES: Final = (
    ("start", "Start", ":material/flag:"),
    ("schema", "Schema", ":material/table_chart:"),
    ("read_stream", "Read stream", ":material/stream:"),
    ("volume_report", "Volume report", ":material/bar_chart:"),
    ("sev0_log", "SEV0 log", ":material/receipt_long:"),
    ("results", "Results", ":material/task_alt:"),
    ("hand_in", "Hand in", ":material/assignment_turned_in:"),
    ("museum", "Mistake museum", ":material/museum:"),
)
WIDTH: Final = 980
# A file of our own: Streamlit would fetch an emoji or a Material icon from a server elsewhere.
ICON: Final = Path(__file__).with_name("icon.svg")


def run() -> None:
    """Draw the app: the page that was asked for, then the sidebar."""
    st.set_page_config(page_title="Spark Streaming lab", page_icon=ICON, layout="wide")
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "start", url_path=name.replace("_", "-"))
        for name, title, icon in PAGES
    ]
    page = st.navigation(pages)
    position = pages.index(page)
    name, title, _ = PAGES[position]
    with st.container(width=WIDTH):
        st.title(title if position else HEADING, anchor=False)
        st.markdown(LEADS[name])
    CLASSROOM.begin()
    # Takes a second the first time, for PySpark and pandas: it can be read meanwhile.
    with IMPORTS:
        from lab.ui.frame import run_page  # noqa: PLC0415

    run_page(page)
