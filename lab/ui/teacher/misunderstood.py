"""What a class misunderstands, on a page: collect its course without names, show it, compare it, and download it."""

from datetime import UTC, date, datetime, time, timedelta
from typing import Final

import streamlit as st
from streamlit.runtime.uploaded_file_manager import UploadedFile

from lab.course.collect import Course, collect
from lab.course.export import Fact, facts_of_votes, learners_in
from lab.course.export_files import MAX_BYTES, read_csv, to_csv, to_parquet
from lab.course.past_votes import outcomes_of
from lab.course.summary import summary
from lab.errors import LabError
from lab.ui.attention import bring, say
from lab.ui.parts import parts
from lab.ui.press import button
from lab.ui.session import show_error
from lab.ui.teacher.compared import compared

_COURSE: Final = "collected-course"
_FILES: Final = "collected-files"
# Half a year, the length of one course.
_SINCE: Final = timedelta(weeks=26)


def misunderstood() -> None:
    """Draw the page's content."""
    with st.container(border=True, key="course-collect"):
        _collect()
    course: Course | None = st.session_state.get(_COURSE)
    if course is None:
        st.caption("Nothing is collected yet. It takes some seconds for a class of 30.")
        return
    with st.container(key="course"):
        _downloads(course)
        compared(summary(course.facts), _earlier())


def _collect() -> None:
    now = datetime.now(UTC).date()
    chosen = st.date_input("Of learners who did something since", now - _SINCE, max_value=now, key="course-since")
    code = parts().classroom.entrance.class_code
    if code:
        st.caption("Only learners with the class code of this lab.")
    if not button("Collect the course", key="collect-course", type="primary", icon=":material/query_stats:"):
        return
    if not isinstance(chosen, date):
        show_error(LabError("There is no date.", "Choose one."))
        return
    bar = st.progress(0.0, "Reading the store …")

    def tell(done: int, total: int) -> None:
        bar.progress(done / total if total else 1.0, f"{done} of {total} learners …")

    try:
        since = datetime.combine(chosen, time(), UTC)
        votes = facts_of_votes(outcomes_of([vote for vote in parts().votes.past() if vote.opened >= since]))
        course = collect(parts().classroom.store.survey, code, since, tell, votes)
    except LabError as error:
        bar.empty()
        show_error(error)
        return
    st.session_state[_COURSE] = course
    st.session_state[_FILES] = (to_csv(course.facts), to_parquet(course.facts))
    say(_in_words(course))
    bring("course")
    st.rerun()


def _in_words(course: Course) -> str:
    learners = learners_in(course.facts)
    return f"{len(course.facts):,} rows of {learners} learner{'s' * (learners != 1)}."


def _downloads(course: Course) -> None:
    st.markdown(_in_words(course))
    if not course.whole:
        st.warning("There is more in the store than is read at once. Choose a later date.", icon=":material/warning:")
    table, packed = st.session_state[_FILES]
    with st.container(horizontal=True):
        st.download_button(
            "The course as CSV",
            table,
            "course.csv",
            "text/csv",
            key="download-course-csv",
            icon=":material/download:",
            on_click="ignore",
        )
        st.download_button(
            "The course as Parquet",
            packed,
            "course.parquet",
            "application/vnd.apache.parquet",
            key="download-course-parquet",
            icon=":material/download:",
            on_click="ignore",
        )
    st.caption(
        "There is no name, no code and no typed text in it. A learner is a random number, new each time; the times are "
        "seconds since they began. Whoever knows when somebody worked may still know them again in a small class."
    )


def _earlier() -> tuple[str, tuple[Fact, ...]] | None:
    """Draw the uploader of an earlier export; return the file's name and facts, None without a valid one."""
    uploaded = st.file_uploader(
        "Compare with an earlier course: its export as CSV",
        type="csv",
        key="earlier-course",
        max_upload_size=MAX_BYTES // 1_000_000,
    )
    if not isinstance(uploaded, UploadedFile):
        return None
    try:
        return uploaded.name, read_csv(uploaded.name, uploaded.getvalue())
    except LabError as error:
        show_error(error)
        return None
