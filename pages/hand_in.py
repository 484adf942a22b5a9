"""Hand in: the executed notebook, and the retrospective."""

import streamlit as st

from lab.ui.hand_in import empty_lab, notebook_card, to_hand_in
from lab.ui.retrospective import retrospective_form
from lab.ui.session import learner
from lab.ui.shell import lesson_page

LEAD = """
Two files are handed in: the notebook of the lab, executed, with your four results in its last cells, and a retrospective
in which you look back on the work. Both are made here.
"""

with lesson_page("hand_in", LEAD):
    me = learner()
    st.subheader("1 · The retrospective", anchor=False)
    retrospective_form(me, me.progress.identity.name)

    st.subheader("2 · The notebook", anchor=False)
    notebook_card(me)

    st.subheader("3 · What a grader will see", anchor=False)
    to_hand_in(me)
    empty_lab(me)
