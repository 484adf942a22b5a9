"""Grading on a page: upload files, see the progress, then the table, the reasons, charts and downloads."""

from typing import Final, get_args

import streamlit as st

from lab.bucket.log_data import log_data
from lab.errors import LabError
from lab.handin.bounds import MAX_BYTES
from lab.handin.class_desk import Graded, State, Upload
from lab.handin.grader import Attempts
from lab.learner.identity import CLASS_CODE_LENGTH
from lab.ui.attention import bring, say
from lab.ui.fragment import fragment
from lab.ui.headings import section
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.graded import class_in_words, downloads, graded_table, pictures, reasons
from lab.ui.text import plain
from lab.ui.uploads import forget

# One desk for the lab, so that the grades are there after a reload, and in another browser with the key.
_LOOK_SECONDS: Final = 0.5
# Grading may begin in another browser.
_IDLE_SECONDS: Final = 5.0
_COUNT: Final = "grading-uploads"
_UNDER_WAY: Final = "grading-under-way"
_STATE: Final = "grading-state"
_ATTEMPTS: Final[dict[Attempts, str]] = {
    "last": "the newest counts, the others are not run",
    "best": "the one with most points counts",
    "all": "each counts",
}


def grading() -> None:
    """Draw the page's content."""
    state = parts().desk.state
    with st.container(border=True, key="grading-files"):
        _files(state)
        _progress(state)
    if state.graded and not state.progress:
        with st.container(key="grading-result"):
            _result(state.graded)


def _files(state: State) -> None:
    # A new key for each class empties the uploader once the files are being graded.
    count = st.session_state.setdefault(_COUNT, 0)
    uploaded = st.file_uploader(
        "Notebooks, or a zip of them in the folders that Moodle, Canvas or Gradescope make",
        type=["ipynb", "zip", "json", "txt"],
        accept_multiple_files=True,
        key=f"grading-upload-{count}",
        max_upload_size=MAX_BYTES // 1_000_000,
    )
    with st.expander("How they are graded", icon=":material/tune:"):
        attempts = st.selectbox(
            "Of several notebooks of one learner",
            get_args(Attempts),
            format_func=lambda known: _ATTEMPTS[known],
            key="grading-attempts",
        )
        code = _class_code()
    busy = state.progress is not None
    with st.container(horizontal=True):
        if button("Grade", key="grade", type="primary", icon=":material/grading:", disabled=busy or not uploaded):
            try:
                uploads = [Upload(each.name, each.getvalue()) for each in uploaded]
                parts().desk.begin(uploads, parts().classroom.engine.run_folder / "handed-in", code, attempts)
            except LabError as error:
                show_error(error)
                return
            # The desk has its own copies now.
            for each in uploaded:
                forget(each)
            st.session_state[_COUNT] = count + 1
            bring(_STATE)
            st.rerun()
        if busy and button("Stop, and keep what is graded", key="stop-grading", icon=":material/stop_circle:"):
            parts().desk.stop()
            bring(_STATE)
            st.rerun()


def _class_code() -> str:
    """Return the class code, which determines the learners' own log files; empty if there are none."""
    if log_data().is_of_course:
        st.caption("The log files are those of the course, which everybody has.")
        return ""
    if known := parts().classroom.entrance.class_code:
        st.caption("The log files are those of this lab's class code.")
        return known
    return st.text_input(
        "Class code, if your learners had log files of their own", max_chars=CLASS_CODE_LENGTH, key="grading-code"
    ).strip()


def _progress(drawn: State) -> None:
    if drawn.progress:
        st.session_state[_UNDER_WAY] = True
    elif st.session_state.pop(_UNDER_WAY, False) and drawn.graded:
        say(f"Graded: {class_in_words(drawn.graded)}")
        st.rerun()

    @fragment(run_every=_LOOK_SECONDS if drawn.progress else _IDLE_SECONDS, key="grading-progress")
    def view() -> None:
        # A fragment reruns without the page around it, for as long as the browser is open: check the access again.
        require_teacher()
        state = parts().desk.state
        # Between two looks, a class may be done and another one begin.
        if (state.progress is None) != (drawn.progress is None) or (
            state.progress is None and state.graded is not drawn.graded
        ):
            st.rerun()
        with st.container(key=_STATE):
            _say(state)

    view()


def _say(state: State) -> None:
    if progress := state.progress:
        counted = f", {progress.done} of {progress.total} done" if progress.total else ""
        st.progress(progress.done / progress.total if progress.total else 0.0, f"{plain(progress.words)}{counted} …")
        if state.graded:
            graded_table(state.graded, "Graded until now")
    elif state.error:
        show_error(state.error)
    elif not state.graded:
        st.caption(
            "Nothing is graded yet. Each notebook takes some seconds. What was graded stays here until the lab ends, "
            "and nowhere else: download it."
        )


def _result(graded: Graded) -> None:
    section("Grades")
    st.markdown(class_in_words(graded))
    for sentence in graded.left_out:
        st.caption(plain(sentence))
    if not graded.grades:
        return
    downloads(graded)
    graded_table(graded, "Points of each learner by result")
    pictures(graded)
    reasons(graded)
    if button("Forget these grades", key="forget-grades", icon=":material/delete:"):
        parts().desk.forget()
        bring("grading-files")
        st.rerun()
