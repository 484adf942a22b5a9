"""Presenter: one step in large type beside the stage, for the projector; for the teacher only."""

from lab.ui.teacher.access import require_teacher
from lab.ui.teacher.presenter import presenter

require_teacher()
presenter()
