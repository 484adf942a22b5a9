"""The page for a person without a place on a class server: it asks for their name and the class code."""

from typing import Final

import streamlit as st

from lab.bucket.log_data import log_data
from lab.course.entrance import StrangerError
from lab.errors import LabError
from lab.learner.identity import CLASS_CODE_LENGTH, NAME_LENGTH, Identity
from lab.ui.parts import parts
from lab.ui.text import plain

# A teacher can read a learner's code on the class board, so learners are told.
SEEN: Final = "Your teacher can see your name, your code with what the checks say of it, and how far you are."


def ask_who(stranger: StrangerError, learner_id: str, address: str) -> None:
    """Draw the form. When the person is let in, draw the page anew: they have a place now."""
    of_a_class = bool(parts().classroom.entrance.class_code)
    code_is_for = (
        " Your teacher has the code of your class."
        if log_data().is_of_course
        else " Your log files are made from it and the code of your class, which your teacher has."
    )
    with st.form("entrance"):
        st.markdown(f"**Who are you?** Your name stands on what you hand in.{code_is_for if of_a_class else ''}")
        name = st.text_input("Your name", stranger.known.name, max_chars=NAME_LENGTH, autocomplete="name")
        code = stranger.known.class_code
        if of_a_class:
            code = st.text_input("Class code", max_chars=CLASS_CODE_LENGTH, autocomplete="off")
        st.caption(f":material/visibility: {SEEN}")
        pressed = st.form_submit_button("Come in", key="come-in", type="primary", icon=":material/login:")
    if pressed:
        try:
            parts().classroom.admit(learner_id, Identity(name.strip(), code.strip()), address)
        except LabError as error:
            st.error(plain(str(error)), icon=":material/error:")
        else:
            st.rerun()
