"""Results: the four result groups, answered and checked."""

import streamlit as st

from lab.ui.answers import answers
from lab.ui.session import learner
from lab.ui.shell import lesson_page
from lab.ui.summary import summary

LEAD = """
Four groups of numbers are what you hand in. Write down what your queries gave, one row per line; a table copied from a
cell will do. Each is checked against a calculation without Spark, from the files that your queries really read.
"""

with lesson_page("results", LEAD):
    st.caption("A volume may be a decimal (two places are enough) or a fraction such as 3/20.")
    answers(learner())
    st.subheader("How you got there", anchor=False)
    summary(learner())
