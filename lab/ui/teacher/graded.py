"""The grades of a class on a page: in words, as a table and charts, the reasons of one notebook, and downloads."""

import pandas as pd
import streamlit as st

from lab.charts.class_points import MAX_ROWS, distribution_figure, points_figure
from lab.handin.class_desk import Graded
from lab.handin.grader.grading import Grade, ResultGrade
from lab.handin.grader.report import SHORT, rows_of
from lab.lesson.results import GROUPS
from lab.ui.figures import show_figure
from lab.ui.headings import section, subsection
from lab.ui.text import in_browser_time, plain

_TITLES = {group.id: group.title for group in GROUPS}


def class_in_words(graded: Graded) -> str:
    """Return how many notebooks were graded, when, and their mean."""
    counted = [grade for grade in graded.grades if grade.counts]
    whole = [grade for grade in counted if not grade.ungraded]
    parts = [f"{len(counted)} learner{'s' * (len(counted) != 1)} at {in_browser_time(graded.at):%H:%M}."]
    if graded.stopped:
        parts.append(f"It was stopped after {len(graded.grades)} of {graded.total} files.")
    if left := len(counted) - len(whole):
        parts.append(f"{left} {'is' if left == 1 else 'are'} not graded, or only in part.")
    if whole:
        mean = sum(grade.points for grade in whole) / len(whole)
        parts.append(f"Mean of those wholly graded: {mean:.1f} of {whole[0].out_of} points.")
    return " ".join(parts)


def downloads(graded: Graded) -> None:
    """Offer the files."""
    with st.container(horizontal=True, key="grading-downloads"):
        for number, file in enumerate(graded.files):
            st.download_button(
                file.label,
                file.data,
                file.name,
                file.mime,
                key=f"download-{file.name}",
                type="secondary" if number else "primary",
                icon=":material/download:",
                on_click="ignore",
            )
    st.caption(
        "The page is complete in itself. The table for Canvas or Moodle has a row a learner. Gradescope's results are a "
        "results.json for each notebook. The feedback says nothing that is meant for you alone."
    )


def graded_table(graded: Graded, title: str) -> None:
    """Draw a table with a row for each notebook. It can be sorted by any column."""
    columns: dict[str, list[str | int | None]] = {
        "Learner": [],
        **{name: [] for name in SHORT.values()},
        "Total": [],
        "Outcome": [],
        "File": [],
    }
    for grade in graded.grades:
        row = (
            grade.learner or "nobody named",
            *(result.points if result.graded else None for result in grade.results),
            grade.points if grade.is_graded else None,
            outcome(grade),
            grade.file,
        )
        for name, value in zip(columns, row, strict=True):
            columns[name].append(value)
    frame = pd.DataFrame(columns)
    # A nullable type: an empty cell is not a 0.
    numbers = [*SHORT.values(), "Total"]
    frame[numbers] = frame[numbers].astype("Int64")
    st.dataframe(frame, hide_index=True, alt=title, placeholder="–")


def outcome(grade: Grade) -> str:
    """Return the outcome of a notebook in short."""
    if not grade.counts:
        return "not counted"
    if not grade.ungraded:
        return "graded"
    return f"{grade.ungraded} of {len(grade.results)} not graded" if grade.is_graded else "not graded"


def pictures(graded: Graded) -> None:
    """Draw the distribution of points, and the points of each learner by result."""
    rows = rows_of(graded.grades)
    if not rows:
        return
    section("The class")
    whole = [grade for grade in graded.grades if grade.counts and not grade.ungraded]
    if whole:
        subsection("How many have how many points")
        show_figure(distribution_figure([grade.points for grade in whole], whole[0].out_of), "distribution", "points")
    subsection("Who has which points")
    figure = points_figure(rows, [SHORT[group.id] for group in GROUPS])
    show_figure(figure, "class-points", "points by learner and result")
    st.caption(figure.words)
    if len(rows) > MAX_ROWS:
        st.caption(f"The picture has the first {MAX_ROWS} of {len(rows)} learners; the table above has all.")


def reasons(graded: Graded) -> None:
    """Draw the choice of a notebook, and the reasons for its grade."""
    section("Results and reasons")
    number = st.selectbox(
        "Notebook",
        range(len(graded.grades)),
        format_func=lambda each: _label(graded.grades[each]),
        key="grading-notebook",
    )
    # A class that was graded before may have had more notebooks.
    if number is None or number >= len(graded.grades):
        return
    grade = graded.grades[number]
    with st.container(key="grading-reasons"):
        if grade.log_files:
            st.caption(f"Log files: {plain(grade.log_files)}")
        if grade.error:
            st.warning(plain(grade.error), icon=":material/help:")
        else:
            for result in grade.results:
                _result(result)
        for note in grade.notes:
            st.markdown(f"- {plain(note)}")


def _label(grade: Grade) -> str:
    points = f"{grade.points} of {grade.out_of}" if grade.is_graded else "not graded"
    return f"{grade.learner or 'nobody named'}, {grade.file}: {points}"


def _result(result: ResultGrade) -> None:
    points = f"{result.points} of {result.out_of}" if result.graded else "not graded"
    with st.container(border=True):
        subsection(f"{_TITLES[result.group]}: {points}")
        st.markdown(plain(result.reason))
        if result.claimed or result.recomputed:
            for column, words, text in zip(
                st.columns(2), ("Claimed", "Recomputed"), (result.claimed, result.recomputed), strict=True
            ):
                with column:
                    st.caption(words)
                    st.code(text or "nothing", language=None, wrap_lines=True, height=None if len(text) < 400 else 240)
