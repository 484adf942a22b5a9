"""Class board: how far each learner is, and who needs help first; for the teacher only."""

from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.class_board import class_board

require_teacher()
class_board()
