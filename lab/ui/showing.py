"""What the teacher shows to the class of this lab: one for all of its pages."""

from typing import Final

from lab.course.showing import Showing
from lab.lesson.classroom import CLASSROOM

SHOWING: Final = Showing(lambda: CLASSROOM.store, lambda: CLASSROOM.entrance.class_code)
