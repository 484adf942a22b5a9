"""Blanks of a starter that the learner has not filled in yet."""

from lab.cells.texts import line_of_blank
from lab.lesson.steps import BLANK, Step


def line_left_blank(step: Step, text: str) -> int:
    """Return the number of the first line of an answer that still has a blank; 0 if there is none."""
    blanks = {line.strip() for line in step.starter.splitlines() if BLANK in line}
    lines = enumerate(text.splitlines(), start=1)
    # A blank of the starter may be inside a string.
    return line_of_blank(text) or next((number for number, line in lines if line.strip() in blanks), 0)
