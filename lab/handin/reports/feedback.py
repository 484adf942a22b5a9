"""A page of feedback for each learner, in a zip; each page is self-contained, so it can be sent or handed back."""

from collections.abc import Sequence
from datetime import datetime

from lab.handin.grader.grading import Grade
from lab.handin.grader.owners import owner_in
from lab.handin.grader.report import rendered
from lab.handin.reports.packing import Packing
from lab.handin.reports.words import TITLES, name_of, points_in_words, reason_for_learner


def feedback_zip(grades: Sequence[Grade], at: datetime) -> bytes:
    """Return a zip with a page for each learner.

    Each page is in the folder that Moodle has given the learner; Moodle identifies the learner by it.
    """
    packing = Packing(at)
    for grade in grades:
        if grade.counts:
            folder, name = _place(grade)
            packing.add(folder, name, feedback_page(grade, at).encode())
    return packing.data()


def feedback_page(grade: Grade, at: datetime) -> str:
    """Return the page of one learner."""
    return rendered(
        "feedback.html.j2",
        name=name_of(grade),
        file=grade.file.rpartition("/")[2],
        points=points_in_words(grade),
        results=[(TITLES[result.group], result, reason_for_learner(result)) for result in grade.results],
        at=at.strftime("%Y-%m-%d %H:%M"),
    )


def _place(grade: Grade) -> tuple[str, str]:
    """Return the folder and the file name of a page; the folder is Moodle's, empty for other platforms."""
    folder, _, file = grade.file.rpartition("/")
    own = folder.rpartition("/")[2]
    of_moodle = own if owner_in(f"{own}/x").account.startswith("Moodle") else ""
    return of_moodle, f"feedback-{file.partition('.')[0] or 'notebook'}.html"
