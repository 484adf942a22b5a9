"""Read stream: open it, see that nothing runs yet, then peek at the rows."""

import streamlit as st

from lab.ui.cell import cell, next_cell
from lab.ui.delivery import delivery_controls
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.live import live
from lab.ui.session import learner

with lesson_page("read_stream"):
    me = learner()
    prepare_bar(me, "read-stream")
    following = next_cell(me, "read-stream", "peek")
    exercise(me, "read-stream", following=following)
    st.markdown(
        """
Nothing runs after this cell, and nothing has been read: `streamingLogData` is a plan. Deliver a file now and nothing
happens. Asking a stream for its rows, with `show()` or `count()`, is refused, because it would never finish. Only a
**query** makes a plan run: it gives the rows a place to go (a *sink*) and is started with `start()`.
"""
    )

    st.subheader("A peek at the rows", anchor=False)
    st.markdown(
        "The smallest query there is puts the rows, just as they come, into a table in memory. Start it, deliver a "
        "pair, and watch them arrive. Each delivery is one *batch*: Spark notices new files, reads them, and is done "
        "until more come. You will not need this query later."
    )
    cell(me, "peek", following=following)
    delivery_controls(me)
    live(me, "peek")
