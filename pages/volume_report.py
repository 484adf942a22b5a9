"""Volume report: define it, keep it in memory, read it with SQL, and deliver."""

import streamlit as st

from lab.lesson.numbers import shortest_span
from lab.ui.cell import next_cell
from lab.ui.delivery import delivery_controls
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.live import live
from lab.ui.session import learner

with lesson_page("volume_report"):
    me = learner()
    prepare_bar(me, "volume-report")
    following = next_cell(me, "volume-report", "volume-query", "volume-show")
    short = shortest_span(me.workspace.dataset)
    st.markdown(
        f"""
The number of time units is `max(timestamp) - min(timestamp) + 1`. Each server has its own, from its first record to its
last: {short.server}, whose records of the first pair reach from t{short.first} to t{short.last}, has {short.units} then. It
is taken over **all** records of a server.
"""
    )
    exercise(me, "volume-report", following=following)
    st.markdown(
        """
A query gives the report a place to go, a *sink*: here a table in memory, which is named after the query. What it writes
there with each batch is its *output mode*: **append** adds rows that will never change again, **update** those that have
changed, **complete** the whole result anew. Which of them fits a ratio that changes with every batch?
"""
    )
    exercise(me, "volume-query", following=following)

    st.subheader("Deliver, and read the table", anchor=False)
    st.markdown(
        "Begin with an empty live folder, and start the query. Read the table now: it is empty. Then deliver the first "
        "pair, read it again, deliver the second, read it once more. Note the numbers each time, for the page *Results*."
    )
    exercise(me, "volume-show", following=following)
    delivery_controls(me, predict=True)
    live(me, "volume-query")
