"""Results: the four result groups, answered and checked."""

import streamlit as st

from lab.ui.answers import answers
from lab.ui.frame import lesson_page
from lab.ui.headings import section
from lab.ui.own_results import own_results
from lab.ui.session import learner
from lab.ui.summary import summary

with lesson_page("results"):
    st.caption("A volume may be a decimal (two places are enough) or a fraction such as 3/20.")
    own_results(learner())
    answers(learner())
    section("How you got there")
    summary(learner())
