"""Schema: declare a schema, and see what wrong schemas do to the same file."""

import streamlit as st

from lab.ui.cell import cell, next_cell
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page
from lab.ui.headings import section
from lab.ui.session import learner

WRONG = ("schema-right", "schema-order", "schema-header", "schema-clock")
PREDICTED = {"schema-header": "header"}

with lesson_page("schema"):
    me = learner()
    st.markdown(
        "A schema names the columns in the order of the file, and gives each its type. You will subtract timestamps and "
        "compare severities."
    )
    following = next_cell(me, "schema", *WRONG)
    exercise(me, "schema", following=following)

    section("The same file, read right and wrong")
    st.markdown(
        "A csv file has no column names, so Spark goes by position. The wrong schemas below raise no error: that makes them "
        "dangerous. Run all four, and count the rows and the nulls."
    )
    for pair in (WRONG[:2], WRONG[2:]):
        for column, step_id in zip(st.columns(2), pair, strict=True):
            with column:
                cell(me, step_id, following=following, predict=PREDICTED.get(step_id, ""))
    with st.expander("What happened?"):
        dataset = me.workspace.dataset
        records = dataset.log_file(dataset.files[0]).records
        server = records[0].serverID
        # In the log files of a course, the name of a server may be a number.
        becomes = (
            f"Spark reads `{server}` as the time"
            if server.isdecimal()
            else f"Spark cannot read `{server}` as a number, so it stores null"
        )
        st.markdown(
            f"""
- **In another order**: {becomes}. The severity is right by luck, and the
  timestamp is read as the server's name.
- **With a header** that is not there: Spark takes the first record of every file for column names, and it is lost. You get
  {len(records) - 1} rows here instead of {len(records)}.
- **As a clock**: `{records[0].timestamp}` is no date and no time of day. `timestamp` counts time units, so it is a whole
  number.
"""
        )
