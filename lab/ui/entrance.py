"""The page of who has no place yet on a server for many: who they are, and the code of the class."""

import streamlit as st

from lab.errors import LabError
from lab.lesson.classroom import CLASSROOM
from lab.lesson.entrance import StrangerError
from lab.lesson.identity import CLASS_CODE_LENGTH, NAME_LENGTH, Identity
from lab.ui.text import plain


def ask_who(stranger: StrangerError, learner_id: str, address: str) -> None:
    """Draw it. Whoever may come in has the page drawn anew, with a place."""
    of_a_class = bool(CLASSROOM.entrance.class_code)
    with st.form("entrance"):
        st.markdown(
            "**Who are you?** Your name stands on what you hand in."
            + (
                " Your log files are made from it and the code of your class, which your teacher has."
                if of_a_class
                else ""
            )
        )
        name = st.text_input("Your name", stranger.known.name, max_chars=NAME_LENGTH, autocomplete="name")
        code = stranger.known.class_code
        if of_a_class:
            code = st.text_input("Class code", max_chars=CLASS_CODE_LENGTH, autocomplete="off")
        pressed = st.form_submit_button("Come in", key="come-in", type="primary", icon=":material/login:")
    if pressed:
        try:
            CLASSROOM.admit(learner_id, Identity(name.strip(), code.strip()), address)
        except LabError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.rerun()
