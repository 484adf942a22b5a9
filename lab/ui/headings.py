"""Headings: the page has the first level, its sections and the cells in them the second, charts and other parts the third.

A screen reader goes from one to the next. `lab.ui.look` draws those of cells as labels of what
they stand over.
"""

from html import escape

import streamlit as st


def section(title: str) -> None:
    """Head a section of a page."""
    st.header(title, anchor=False)


def headed(title: str) -> None:
    """Head a cell, or whatever else has a frame of its own; beside it there may be badges."""
    st.header(title, anchor=False, width="content")


def subsection(title: str) -> None:
    """Head a part of what a section or a cell shows: a chart, a table, a scene."""
    st.subheader(title, anchor=False)


def unseen(title: str) -> None:
    """Head a part of which everybody who sees it knows what it is, for who does not."""
    st.html(f'<h3 class="lab-unseen">{escape(title)}</h3>')
