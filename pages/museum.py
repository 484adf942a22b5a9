"""Mistake museum: what goes wrong in this lab, what Spark says of it, and what helps."""

from lab.ui.museum import museum
from lab.ui.shell import lesson_page

LEAD = """
Everybody makes them, so here they are: the mistakes of this lab, each as a program. Guess what Spark will say, then run
one. It runs for real, in a workspace of its own, and touches nothing of yours. Some raise an error; the worst say nothing
at all.
"""

with lesson_page("museum", LEAD):
    museum()
