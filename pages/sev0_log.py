"""SEV0 log: sorting a stream is refused, sorting inside a batch, the csv files, and stopping everything."""

import streamlit as st

from lab.lesson.steps import STEPS, answering
from lab.ui.cell import cell, next_cell
from lab.ui.exercise import exercise
from lab.ui.experiments.crash import crash_lab
from lab.ui.frame import lesson_page, prepare_bar
from lab.ui.headings import section
from lab.ui.session import learner
from lab.ui.stage.view import stage

with lesson_page("sev0_log"):
    me = learner()
    prepare_bar(me, "sev0")
    following = next_cell(
        me,
        "sev0-sorted",
        "sev0",
        "sev0-query",
    )
    st.markdown(
        "The log should be in order. A stream is a DataFrame, and a DataFrame has `orderBy`. Try it on the stream first."
    )
    cell(me, "sev0-sorted", following=following, predict="sorted-stream")
    sorted_once = me.runs.last(STEPS["sev0-sorted"]) is not None
    with st.expander("Why, and what to do instead", expanded=sorted_once, key=f"why-{sorted_once}"):
        st.markdown(
            """
Spark is right: more records may always come, so no row is sure to be the first. But one *batch* has an end, so you can
sort it. `foreachBatch` calls your function with each batch as an ordinary DataFrame. So the log is in order within a
batch, and the batches follow one another.

Each batch goes into a folder with its number, and overwrites what is there. If Spark crashes and repeats a batch,
overwriting prevents duplicates.

The **checkpoint** is a folder in which the query keeps its place. Before a batch, Spark writes an *offset*: up to which
files the batch will read. After the batch, it writes a *commit*: the batch is done. After a restart the query reads both,
and goes on where it was. You see these files on the right, under *Under the hood*.
"""
        )
    exercise(me, "sev0", following=following)
    exercise(me, "sev0-query", following=following)

    section("Deliver, and watch the log grow")
    st.markdown(
        "Begin with an empty live folder, then deliver one pair after the other. The query reads each file name once: "
        "if you deliver the same file again, nothing changes, even after a restart from the checkpoint. To begin anew, "
        "press *Clear output and checkpoint, and restart* at the cell above."
    )
    stage(me, "sev0-query")
    crash_lab(me)

    section("When you are done")
    st.markdown("A stream uses memory and CPU until somebody stops it. You are done when no query is running.")
    exercise(me, "stop", predict="after-stop", surprises=bool(me.runs.latest(answering("volume"))))
