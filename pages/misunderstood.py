"""What my class misunderstands: steps, mistakes and predictions of a course, without names; for the teacher only."""

from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.misunderstood import misunderstood

require_teacher()
misunderstood()
