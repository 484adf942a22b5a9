"""Results: the four result groups, answered and checked."""

import streamlit as st

from lab.ui.answers import answers
from lab.ui.frame import lesson_page
from lab.ui.session import learner
from lab.ui.summary import summary

with lesson_page("results"):
    st.caption("A volume may be a decimal (two places are enough) or a fraction such as 3/20.")
    answers(learner())
    st.subheader("How you got there", anchor=False)
    summary(learner())
