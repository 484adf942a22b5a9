"""What the teacher shows to the class: one object for all pages of this lab."""

from typing import Final

from lab.course.classroom import CLASSROOM
from lab.course.showing import Showing

SHOWING: Final = Showing(lambda: CLASSROOM.store, lambda: CLASSROOM.entrance.class_code)
