"""Blanks of a starter that nobody has filled in yet."""

from lab.cells.texts import line_of_blank
from lab.lesson.steps import BLANK, Step


def line_left_blank(step: Step, text: str) -> int:
    """Find the first line of an answer where something is still to be written; 0 if there is none."""
    blanks = {line.strip() for line in step.starter.splitlines() if BLANK in line}
    lines = enumerate(text.splitlines(), start=1)
    # A blank of the starter may stand in a string.
    return line_of_blank(text) or next((number for number, line in lines if line.strip() in blanks), 0)
