"""The composition root of a server: the parts that all its pages share are built here, from the settings."""

import threading
from collections.abc import Callable
from typing import TYPE_CHECKING

from lab.course.classroom import Classroom
from lab.course.key import TeachersKey
from lab.course.showing import Showing
from lab.course.voters import Voters
from lab.course.votes import Votes
from lab.course.watch import Watch
from lab.lesson.warm_up import lesson_engine
from lab.settings import Settings, read_settings
from lab.ui.id_tickets import IdTickets

if TYPE_CHECKING:
    from lab.handin.class_desk import ClassDesk

_lock = threading.Lock()


class Parts:
    """The parts of one server. `settings` is called whenever a setting is needed, such as at each start of Spark."""

    def __init__(self, settings: Callable[[], Settings] = read_settings) -> None:
        self.classroom = Classroom(lesson_engine(settings=settings), settings=settings)
        self.votes = Votes(lambda: self.classroom.store, self._class_code)
        self.voters = Voters(lambda: self.classroom.store, lambda: self.classroom.entrance)
        self.showing = Showing(lambda: self.classroom.store, self._class_code)
        self.watch = Watch(lambda: self.classroom.store.survey, self._class_code)
        self.key = TeachersKey()
        self.id_tickets = IdTickets()
        self._desk: ClassDesk | None = None

    @property
    def desk(self) -> "ClassDesk":
        """The desk that grades the notebooks of a class."""
        from lab.handin.class_desk import ClassDesk  # noqa: PLC0415 - importing what executes notebooks takes a second

        with _lock:
            self._desk = self._desk or ClassDesk()
            return self._desk

    def _class_code(self) -> str:
        return self.classroom.entrance.class_code


_parts: Parts | None = None


def parts() -> Parts:
    """Return the parts of this process's server; build them at the first call."""
    global _parts  # noqa: PLW0603 - a server has one of each
    with _lock:
        _parts = _parts or Parts()
        return _parts
