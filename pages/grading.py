"""Grading: the notebooks of a class are dropped, run again and graded; for the teacher alone."""

from lab.extras import needing
from lab.ui.teacher.access import require_teacher

require_teacher()
with needing("grade", "Grading"):
    from lab.ui.teacher.grading import grading
grading()
