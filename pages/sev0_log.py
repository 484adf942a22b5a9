"""SEV0 log: sorting refused, sorting inside a batch, the csv files, and stopping everything."""

import streamlit as st

from lab.lesson.steps import STEPS
from lab.ui.cell import cell, next_cell
from lab.ui.delivery import delivery_controls
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.live import live
from lab.ui.session import learner

with lesson_page("sev0_log"):
    me = learner()
    prepare_bar(me, "sev0")
    following = next_cell(me, "sev0-sorted", "sev0", "sev0-query")
    st.markdown("First, the order: a stream is a DataFrame, and a DataFrame has `orderBy`. What will become of it?")
    cell(me, "sev0-sorted", following=following, predict="sorted-stream")
    sorted_once = me.runs.last(STEPS["sev0-sorted"]) is not None
    with st.expander("Why, and what to do instead", expanded=sorted_once, key=f"why-{sorted_once}"):
        st.markdown(
            """
Spark is right: as long as records may still come, no row can be known to be the first. What *can* be sorted is one
micro-batch, for it has an end. `foreachBatch` hands you each one as an ordinary DataFrame, to do with as you please.
So the log is in order within a batch, and the batches follow one another.

Each batch goes into a folder that bears its number, replacing what is there. Should Spark stop in mid-batch and run it
again, the same folder is written again and no row stands there twice. The **checkpoint** is how the query knows, after
a restart, which files it has read.
"""
        )
    exercise(me, "sev0", following=following)
    exercise(me, "sev0-query", following=following)

    st.subheader("Deliver, and watch the log grow", anchor=False)
    st.markdown(
        "The live folder should be empty before you begin: files that lie there when the query starts are its first "
        "batch. A query reads each file name once. Delivering a file again changes nothing for a query that has read it, "
        "even after a restart from its checkpoint. To do it all once more, start over."
    )
    delivery_controls(me)
    live(me, "sev0-query")

    st.subheader("Stop all streams", anchor=False)
    st.markdown(
        "A stream runs until somebody stops it, and holds memory and a place on the machine meanwhile. You are done "
        "when none is running."
    )
    exercise(me, "stop")
