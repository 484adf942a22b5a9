"""Schema: declare it, and see what wrong ones do to the same file."""

import streamlit as st

from lab.ui.cell import cell, next_cell
from lab.ui.exercise import exercise
from lab.ui.frame import lesson_page
from lab.ui.session import learner

WRONG = ("schema-right", "schema-order", "schema-header", "schema-clock")

with lesson_page("schema"):
    me = learner()
    st.markdown(
        "A schema names the columns in the order in which they stand in the file, and gives each its type. You will "
        "subtract timestamps and compare severities."
    )
    following = next_cell(me, "schema", *WRONG)
    exercise(me, "schema", following=following)

    st.subheader("The same file, read right and wrong", anchor=False)
    st.markdown(
        "CSV has no names inside, so Spark goes by position and trusts you. None of the wrong schemas below raises an "
        "error; that is what makes them dangerous. Run all four, and count the rows and the nulls."
    )
    for pair in (WRONG[:2], WRONG[2:]):
        for column, step_id in zip(st.columns(2), pair, strict=True):
            with column:
                cell(me, step_id, following=following)
    with st.expander("What happened?"):
        records = me.workspace.dataset.log_file("s115.csv").records
        st.markdown(
            f"""
- **In another order**, the text `s1` is asked to be a number, which it cannot: null. The severity landed in the right
  place by luck, and the timestamp became the server's name.
- **With a header** that is not there, the first record of every file is taken for column names and lost:
  {len(records) - 1} rows here instead of {len(records)}.
- **As a clock**, `{records[0].timestamp}` is no date and no time of day. `timestamp` counts time units, so it is a whole
  number.
"""
        )
