"""Hand in: the executed notebook, and the retrospective."""

import streamlit as st

from lab.ui.frame import lesson_page
from lab.ui.hand_in import empty_lab, notebook_card, to_hand_in
from lab.ui.retrospective import retrospective_form
from lab.ui.session import learner

with lesson_page("hand_in"):
    me = learner()
    st.subheader("1 · The retrospective", anchor=False)
    retrospective_form(me, me.progress.identity.name)

    st.subheader("2 · The notebook", anchor=False)
    notebook_card(me)

    st.subheader("3 · What a grader will see", anchor=False)
    to_hand_in(me)
    empty_lab(me)
