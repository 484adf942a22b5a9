"""What the teacher shows to the class of this lab: one for all of its pages."""

from typing import Final

from lab.course.classroom import CLASSROOM
from lab.course.showing import Showing

SHOWING: Final = Showing(lambda: CLASSROOM.store, lambda: CLASSROOM.entrance.class_code)
