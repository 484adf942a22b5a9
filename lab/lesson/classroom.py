"""All learners of this process, and the Spark that they share."""

import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from lab.engine.engine import Engine

if TYPE_CHECKING:
    from lab.lesson.learner import Learner

GRACE_SECONDS: Final = 60 * 60
REAP_EVERY_SECONDS: Final = 60

_log = logging.getLogger(__name__)


@dataclass
class _Seat:
    learner: "Learner"
    tabs: int = 0
    left_at: float = 0.0


class Classroom:
    """Gives each learner id its learner, and clears away those whom nobody has come back to.

    A browser tab `enter`s and `leave`s; between a reload's leave and its enter nothing is lost, for a learner is only
    reaped GRACE_SECONDS after the last tab has left.
    """

    def __init__(self, engine: Engine, clock: Callable[[], float] = time.monotonic) -> None:
        self.engine = engine
        self._clock = clock
        self._lock = threading.Lock()
        self._seats: dict[str, _Seat] = {}
        self._closed = threading.Event()
        engine.on_death = self._abandon

    def open(self) -> None:
        """Start Spark in the background, and the reaper."""
        self._closed.clear()
        self.engine.start()
        threading.Thread(target=self._reap_until_closed, name="classroom-reaper", daemon=True).start()

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        self._closed.set()
        with self._lock:
            self._seats.clear()
        # The JVM takes the queries with it, and the run folder holds every learner's folder.
        self.engine.stop()

    def enter(self, learner_id: str) -> "Learner":
        """The learner of an id, for one more tab; raises LabError when there is no room for a workspace."""
        # PySpark is imported with the workspace; the server itself starts without it.
        from lab.engine.workspace import Workspace  # noqa: PLC0415
        from lab.lesson.learner import Learner  # noqa: PLC0415

        with self._lock:
            seat = self._seats.get(learner_id)
            if seat is None:
                workspace = Workspace(self.engine.run_folder / "learners" / learner_id)
                seat = self._seats[learner_id] = _Seat(Learner(learner_id, workspace, self.engine))
            seat.tabs += 1
            return seat.learner

    def leave(self, learner: "Learner") -> None:
        """A tab is gone. Never blocks: Streamlit calls it on its event loop."""
        with self._lock:
            seat = self._seats.get(learner.id)
            if seat and seat.learner is learner:
                seat.tabs -= 1
                seat.left_at = self._clock()

    def reap(self) -> tuple[str, ...]:
        """Clear away the learners whose last tab left GRACE_SECONDS ago; gives their ids."""
        with self._lock:
            gone = [
                learner_id
                for learner_id, seat in self._seats.items()
                if seat.tabs <= 0 and self._clock() - seat.left_at > GRACE_SECONDS
            ]
            seats = [self._seats.pop(learner_id) for learner_id in gone]
        for seat in seats:
            try:
                seat.learner.close()
            except Exception:
                _log.exception("the workspace of a learner who left could not be cleared away")
        return tuple(gone)

    def _abandon(self) -> None:
        """The JVM is gone, and with it everybody's session."""
        with self._lock:
            seats = list(self._seats.values())
        for seat in seats:
            seat.learner.workspace.abandon()

    def _reap_until_closed(self) -> None:
        while not self._closed.wait(REAP_EVERY_SECONDS):
            self.reap()


CLASSROOM: Final = Classroom(Engine())
