"""The grades of a class as a table with one row per learner, which Canvas and Moodle can import."""

import csv
import io
from collections.abc import Mapping, Sequence
from types import MappingProxyType
from typing import Final

from lab.handin.grader.grading import Grade
from lab.handin.grader.owners import Owner, owner_in
from lab.handin.grader.report import spreadsheet_cell
from lab.handin.reports.words import for_learner, name_of
from lab.lesson.results import GROUPS

# The meaning of each column. Canvas needs the first five, Moodle the six after them, with exactly these names.
COLUMNS: Final[Mapping[str, str]] = MappingProxyType(
    {
        "Student": "the learner's name",
        "ID": "the learner's number in Canvas, by the name of the file",
        "SIS User ID": "empty, for Canvas wants the column",
        "SIS Login ID": "empty, likewise",
        "Section": "empty, likewise",
        "Identifier": "the learner's number in a Moodle assignment, as `Participant 12`, by the name of the folder",
        "Full name": "the learner's name, as Moodle has it",
        "Grade": "all points; empty as long as a result is not graded",
        "Maximum Grade": "what could be had",
        "Last modified (grade)": "empty, for Moodle wants the column",
        "Feedback comments": "the reasons, in sentences to the learner",
        **{group.title: "the points of this result; empty if it is not graded" for group in GROUPS},
        "Graded": "`yes`, `in part` or `no`: a result that is not graded is no 0",
        "File": "the notebook that counts",
        "Log files": "whose log files it was graded with",
    }
)


def wide_csv(grades: Sequence[Grade]) -> bytes:
    """Return the table: a row for each notebook that counts."""
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow(COLUMNS)
    for grade in grades:
        if grade.counts:
            writer.writerow(map(spreadsheet_cell, _row(grade, owner_in(grade.file))))
    # Without a byte order mark, spreadsheets do not recognise UTF-8.
    return text.getvalue().encode("utf-8-sig")


def _row(grade: Grade, owner: Owner) -> tuple[str | int, ...]:
    platform, _, number = owner.account.partition(" ")
    name = name_of(grade)
    return (
        name,
        number if platform == "Canvas" else "",
        "",
        "",
        "",
        f"Participant {number}" if platform == "Moodle" else "",
        owner.listed if platform == "Moodle" else name,
        "" if grade.ungraded else grade.points,
        grade.out_of,
        "",
        " ".join(for_learner(grade)),
        *(result.points if result.graded else "" for result in grade.results),
        "yes" if not grade.ungraded else "in part" if grade.is_graded else "no",
        grade.file,
        grade.log_files,
    )
