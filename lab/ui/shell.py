"""The app as a script: it draws title and lead of the requested page before anything else is loaded."""

from pathlib import Path
from typing import Final

import streamlit as st

from lab.engine.engine import IMPORTS
from lab.lesson.pages import PAGES
from lab.lesson.steps import STEPS
from lab.ui.attention import attention
from lab.ui.leads import LEADS
from lab.ui.look import STYLE, WIDTH
from lab.ui.parts import parts
from lab.ui.stage.style import STYLE as BESIDE
from lab.ui.teacher.access import is_teacher

LAB: Final = "Spark Streaming lab"
HEADING: Final = "Spark Streaming for log processing"
# Pages that only the teacher has (`is_teacher`).
TEACHERS_PAGES: Final = (
    ("class_board", "Class board", ":material/groups:"),
    ("presenter", "Presenter", ":material/present_to_all:"),
    ("vote", "Vote", ":material/how_to_vote:"),
    ("grading", "Grading", ":material/grading:"),
    ("misunderstood", "What my class misunderstands", ":material/query_stats:"),
)
# Pages that learners have only if the lab is for a class.
CLASS_PAGES: Final = (("watch", "Watch the teacher", ":material/cast:"),)
# Pages with a stage beside the lesson: its space is reserved from the beginning.
STAGED: Final = frozenset(step.page for step in STEPS.values() if step.picture)
# A file of our own: Streamlit would load an emoji or a Material icon from an external server.
ICON: Final = Path(__file__).with_name("icon.svg")


def run() -> None:
    """Draw the app: the page that was asked for, then the sidebar."""
    st.set_page_config(page_title=LAB, page_icon=ICON, layout="wide")
    # A page that is not listed here cannot be opened at any address.
    lessons = (*PAGES, *CLASS_PAGES) if parts().classroom.entrance.is_for_class else PAGES
    listed = (*lessons, *TEACHERS_PAGES) if is_teacher() else lessons
    pages = [
        st.Page(f"pages/{name}.py", title=title, icon=icon, default=name == "start", url_path=name.replace("_", "-"))
        for name, title, icon in listed
    ]
    # Otherwise, Streamlit folds the pages after the tenth.
    page = st.navigation(pages, expanded=True)
    position = pages.index(page)
    name, title, _ = listed[position]
    st.set_page_config(page_title=f"{title} · {LAB}")
    st.html(STYLE)
    attention(name)
    if name in STAGED:
        st.html(BESIDE)
    with st.container(width=WIDTH):
        st.title(title if position else HEADING, anchor=False)
        st.markdown(LEADS[name])
    parts().classroom.begin()
    # The first import takes a second, for PySpark and pandas: meanwhile people can read the lead.
    with IMPORTS:
        from lab.ui.frame import run_page, run_teachers_page  # noqa: PLC0415

    if position < len(lessons):
        run_page(page)
    else:
        run_teachers_page(page)
