"""Volume report: define it, keep it in memory, read it with SQL, and deliver."""

import streamlit as st

from lab.lesson.steps import VOLUME_QUERY
from lab.ui.cell import cell, next_cell
from lab.ui.delivery import delivery_controls
from lab.ui.live import live
from lab.ui.session import learner
from lab.ui.shell import lesson_page, prepare_bar

LEAD = """
How many service calls does each server handle in a time unit? The report answers it for everything delivered so far,
and each delivery replaces the answer.
"""

with lesson_page("volume_report", LEAD):
    me = learner()
    prepare_bar(me, "volume-report")
    following = next_cell(me, "volume-report", "volume-query", "volume-show")
    st.markdown(
        """
The number of time units is `max(timestamp) - min(timestamp) + 1`: from t1 to t5 there are five, not four. Each server has
its own, from its first record to its last: s2, whose first record is at t2, has four by t5. It is taken over **all**
records of a server, not only its SEV2 ones. So the count must not be a filter in front of the aggregation; it is a
conditional count inside it.
"""
    )
    cell(me, "volume-report", following=following)
    st.markdown(
        """
The query writes the report into a table in memory. Its output mode is **complete**: a ratio changes with every batch,
so the whole table is written anew. *Append* would be refused, since a row that may still change cannot be final.
The query's name becomes the table's name.
"""
    )
    cell(me, "volume-query", following=following)

    st.subheader("Deliver, and read the table", anchor=False)
    st.markdown(
        "Begin with an empty live folder, and start the query. Read the table now: it is empty. Then deliver the first "
        "pair, read it again, deliver the second, read it once more. Note the numbers each time, for the page *Results*."
    )
    cell(me, "volume-show", following=following)
    delivery_controls(me)
    live(me, VOLUME_QUERY)
