"""Read stream: open the stream, see that nothing runs yet, then peek at the rows."""

import streamlit as st

from lab.ui.cell import cell, next_cell
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.headings import section
from lab.ui.session import learner
from lab.ui.stage.view import stage

with lesson_page("read_stream"):
    me = learner()
    prepare_bar(me, "read-stream")
    following = next_cell(me, "read-stream", "peek")
    exercise(me, "read-stream", following=following)
    st.markdown(
        """
This cell reads nothing. `streamingLogData` is a plan: if you deliver a file now, nothing happens. `show()` or `count()`
on a stream is refused, because it would never finish. Only a **query** makes the plan run. It needs a place for the
rows, a *sink*, and it runs from `start()` until somebody stops it.
"""
    )

    section("A peek at the rows")
    st.markdown(
        "The smallest query puts the rows into a table in memory, just as they come. Start it, deliver a pair, and "
        "watch the rows arrive. The query works in *batches*: it looks for new files, reads them, and waits for more. "
        "Each delivery is one batch here. You will not need this query later."
    )
    cell(me, "peek", following=following)
    stage(me, "peek")
