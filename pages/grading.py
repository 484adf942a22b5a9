"""Grading: upload the notebooks of a class, run them again and grade them; for the teacher only."""

from lab.extras import needing
from lab.ui.teacher.access import require_teacher

require_teacher()
with needing("grade", "Grading"):
    from lab.ui.teacher.grading import grading
grading()
