"""The grade in words for the learner, without what only the teacher may know, such as whose notebook is alike."""

from collections.abc import Iterator
from typing import Final

from lab.handin.grader.grading import Grade, ResultGrade
from lab.handin.grader.owners import owner_in
from lab.lesson.results import GROUPS

TITLES: Final = {group.id: group.title for group in GROUPS}
# Shown instead of the reason of an ungraded result, which is addressed to the grader.
LATER: Final = "Not graded yet: your teacher looks at it."


def name_of(grade: Grade) -> str:
    """Return the name of the notebook's learner; empty if it is not known."""
    return grade.learner or owner_in(grade.file).listed


def points_in_words(grade: Grade) -> str:
    """Return all points in words."""
    if not grade.is_graded:
        return "not graded yet"
    left = grade.ungraded
    more = f", {left} result{'s' * (left > 1)} not graded yet" if left else ""
    return f"{grade.points} of {grade.out_of} points{more}"


def reason_for_learner(result: ResultGrade) -> str:
    """Return the reason for the points of a result, for the learner."""
    return result.reason if result.graded else LATER


def for_learner(grade: Grade) -> Iterator[str]:
    """Yield points and reason of each result, as sentences."""
    for result in grade.results:
        points = f"{result.points} of {result.out_of}. " if result.graded else ""
        yield f"{TITLES[result.group]}: {points}{reason_for_learner(result)}"
