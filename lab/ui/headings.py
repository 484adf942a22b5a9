"""Headings: level one for the page, level two for its sections and cells, level three for charts and other parts.

A screen reader goes from one heading to the next. `lab.ui.look` draws the headings of cells as labels.
"""

from html import escape

import streamlit as st


def section(title: str) -> None:
    """Draw the heading of a section of a page."""
    st.header(title, anchor=False)


def headed(title: str) -> None:
    """Draw the heading of a cell, or of another part with a frame of its own; there may be badges beside it."""
    st.header(title, anchor=False, width="content")


def subsection(title: str) -> None:
    """Draw the heading of a part of a section or a cell: a chart, a table, a scene."""
    st.subheader(title, anchor=False)


def unseen(title: str) -> None:
    """Draw an invisible heading, for screen readers, of a part that needs none for people who see it."""
    st.html(f'<h3 class="lab-unseen">{escape(title)}</h3>')
