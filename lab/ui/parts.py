"""The composition root of a server: the parts that all its pages share are built here, from the settings."""

import threading
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, TypeVar

from lab.course.classroom import Classroom
from lab.course.key import TeachersKey
from lab.course.voters import Voters
from lab.course.votes import Votes
from lab.lesson.warm_up import lesson_engine
from lab.settings import Settings, read_settings
from lab.ui.id_tickets import IdTickets

if TYPE_CHECKING:
    from lab.course.showing import Showing
    from lab.course.watch import Watch
    from lab.handin.class_desk import ClassDesk

_T = TypeVar("_T")


class Parts:
    """The parts of one server. `settings` is called whenever a setting is needed, such as at each start of Spark.

    Some parts are built at their first use: importing what they need takes seconds, and the first page must not wait.
    """

    def __init__(self, settings: Callable[[], Settings] = read_settings) -> None:
        self.classroom = Classroom(lesson_engine(settings=settings), settings=settings)
        self.votes = Votes(lambda: self.classroom.store, self._class_code)
        self.voters = Voters(lambda: self.classroom.store, lambda: self.classroom.entrance)
        self.key = TeachersKey()
        self.id_tickets = IdTickets()
        self._lock = threading.Lock()

    @cached_property
    def showing(self) -> "Showing":
        """What the teacher shows to the class."""
        from lab.course.showing import Showing  # noqa: PLC0415

        return self._once("showing", lambda: Showing(lambda: self.classroom.store, self._class_code))

    @cached_property
    def watch(self) -> "Watch":
        """What the class board knows of the learners."""
        from lab.course.watch import Watch  # noqa: PLC0415

        return self._once("watch", lambda: Watch(lambda: self.classroom.store.survey, self._class_code))

    @cached_property
    def desk(self) -> "ClassDesk":
        """The desk that grades the notebooks of a class."""
        from lab.handin.class_desk import ClassDesk  # noqa: PLC0415

        return self._once("desk", ClassDesk)

    def _class_code(self) -> str:
        return self.classroom.entrance.class_code

    def _once(self, name: str, build: Callable[[], _T]) -> _T:
        """Build a part unless another thread has built it: `cached_property` would keep the last of several."""
        with self._lock:
            # `cached_property` finds a part in `__dict__` without the lock, so only a complete part may be there.
            if name not in self.__dict__:
                self.__dict__[name] = build()
            part: _T = self.__dict__[name]
            return part


_lock = threading.Lock()
_parts: Parts | None = None


def parts() -> Parts:
    """Return the parts of this process's server; build them at the first call."""
    global _parts  # noqa: PLW0603 - a server has one of each
    with _lock:
        _parts = _parts or Parts()
        return _parts
