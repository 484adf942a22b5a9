"""Mistake museum: what goes wrong in this lab, what Spark says about it, and what helps."""

from lab.ui.frame import lesson_page
from lab.ui.museum import museum
from lab.ui.session import learner

with lesson_page("museum"):
    museum(learner())
