"""All learners of this process, and the Spark that they share."""

import itertools
import logging
import os
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket.choice import choose
from lab.bucket.setup import set_up
from lab.bucket.storage import S3Access, Storage, folder_name
from lab.course.entrance import Entrance, network_of
from lab.course.turns import Turns
from lab.course.waiting import FullError, Line, places
from lab.engine.collector import spare_what_stays
from lab.engine.cooldown import Cooldown
from lab.engine.engine import Engine
from lab.settings import Settings, read_settings

if TYPE_CHECKING:
    from lab.learner.identity import Identity
    from lab.learner.learner import Learner
    from lab.learner.progress import Progress
    from lab.store import Store

GRACE_SECONDS: Final = 60 * 60
# When no place is free, learners without an open page lose theirs this soon to those who wait; their work is kept.
SHORT_GRACE_SECONDS: Final = 2 * 60
# Cells that run at a time, per core. More would not be faster, and would run into the timeouts of the checks.
TURNS_PER_CORE: Final = 4
REAP_EVERY_SECONDS: Final = 60

_log = logging.getLogger(__name__)


@dataclass
class _Seat:
    learner: "Learner"
    seen_at: float
    address: str


class Classroom:
    """Maps each learner id to its learner, and removes learners without an open page for GRACE_SECONDS.

    Every open page reports at least once a minute, so a reload, a lost connection or a sleeping browser loses nothing.
    """

    def __init__(
        self,
        engine: Engine,
        clock: Callable[[], float] = time.monotonic,
        choose_storage: Callable[[], Storage] = choose,
        settings: Callable[[], Settings] = read_settings,
    ) -> None:
        """Create it without learners. `settings` is called whenever a setting is needed."""
        self.engine = engine
        # For work that needs the CPU.
        self.turns = Turns(TURNS_PER_CORE * (os.cpu_count() or 1))
        self._settings = settings
        self._line = Line(clock)
        self.entrance = Entrance(settings, clock)
        engine.find_access = self._access
        self._choose_storage = choose_storage
        self._storage: Storage | None = None
        self._clock = clock
        self._lock = threading.Lock()
        # Held while a learner is created, which takes a while: `seen` must not wait for it, so it uses `_lock`.
        self._door = threading.Lock()
        self._seats: dict[str, _Seat] = {}
        # Kept beyond a learner's stay: who leaves and comes back must not escape the wait.
        self._cooldowns: dict[str, Cooldown] = {}
        self._numbers = itertools.count(1)
        self._store: Store | None = None
        self._closed = threading.Event()
        self._gate = threading.Lock()
        self._begun = False
        self._beginning: threading.Timer | None = None
        engine.on_death = self._abandon

    @property
    def storage(self) -> Storage:
        """The storage that holds the buckets; raises LabError when its settings are not valid."""
        with self._lock:
            self._storage = self._storage or self._choose_storage()
            return self._storage

    def _access(self, folder: Path) -> S3Access | None:
        return self.storage.access(folder)

    def open(self, pause: float = 0.0) -> None:
        """Start the reaper, and Spark in the background after `pause` seconds; a call of `begin` starts it sooner."""
        self._closed.clear()
        self._begun = False
        threading.Thread(target=self._reap_until_closed, name="classroom-reaper", daemon=True).start()
        if pause:
            self._beginning = threading.Timer(pause, self.begin)
            self._beginning.daemon = True
            self._beginning.start()
        else:
            self.begin()

    def begin(self) -> None:
        """Start Spark, unless it was started before. If it has stopped since, learners restart it, not this method."""
        with self._gate:
            if self._begun or self._closed.is_set():
                return
            self._begun = True
            self.engine.start()

    def close(self) -> None:
        """Stop everything and leave nothing behind."""
        with self._gate:
            self._closed.set()
            if self._beginning:
                self._beginning.cancel()
        with self._lock:
            learners = [seat.learner for seat in self._seats.values()]
            self._seats.clear()
            storage, self._storage = self._storage, None
        for learner in learners:
            learner.end_work()
        # The JVM takes the queries with it, and the run folder holds every learner's folder.
        self.engine.stop()
        if storage:
            storage.close()
        with self._door:
            if self._store:
                self._store.close()
                self._store = None

    def admit(self, learner_id: str, identity: "Identity", address: str = "") -> None:
        """Record the identity of somebody who has no place yet; raise LabError if they may not come in."""
        with self._door:
            admitted = self.entrance.admit(identity, address, places(self._settings()))
            self._progress(learner_id).introduce(admitted)

    def enter(self, learner_id: str, address: str = "") -> "Learner":
        """Return the learner of an id; give them a place if they have none yet.

        Raises StrangerError when they must first say who they are, WaitError when their address has its share of the
        places, FullError when no place is free, LabError when there is no room for a workspace or nothing can be kept.
        """
        # Without the door lock: a learner with a place must not wait until another one has been removed.
        if there := self._there(learner_id):
            # They may have worked on another server meanwhile.
            there.catch_up()
            return there
        with self._door:
            # Two tabs may enter at once: check again under the lock.
            if there := self._there(learner_id):
                return there
            progress = self._progress(learner_id)
            self.entrance.require_known(progress.identity)
            self._wait_for_place(learner_id, address)
            # The workspace imports PySpark. The server starts without it.
            from lab.judge.handout import HandoutWorkspace  # noqa: PLC0415
            from lab.learner.learner import Learner  # noqa: PLC0415

            dataset = progress.identity.dataset

            # Numbered, because the folder of an earlier stay with the same id may still be in deletion.
            folder = self.engine.run_folder / "learners" / f"{folder_name(learner_id)}-{next(self._numbers)}"
            storage = self.storage
            bucket = storage.bucket(learner_id, folder)
            if not storage.asks:
                set_up(bucket, dataset)
            learner = Learner(
                learner_id,
                HandoutWorkspace(bucket, dataset, self._cooldown_of(learner_id, address)),
                self.engine,
                progress,
            )
            with self._lock:
                self._seats[learner_id] = _Seat(learner, self._clock(), address)
            self._line.leave(learner_id)
            return learner

    def _cooldown_of(self, learner_id: str, address: str) -> Cooldown:
        there = {seat.learner.id for seat in self._seats.values()}
        self._cooldowns = {key: cooldown for key, cooldown in self._cooldowns.items() if key in there or cooldown.words}
        return self._cooldowns.setdefault(learner_id, Cooldown(network=network_of(address)))

    def _there(self, learner_id: str) -> "Learner | None":
        seat = self._seat(learner_id)
        return seat.learner if seat and not seat.learner.closed else None

    def knows(self, learner_id: str) -> bool:
        """Return whether anything is kept of a learner; raise LabError when the store cannot be read."""
        with self._lock:
            if learner_id in self._seats:
                return True
        with self._door:
            return bool(self._opened_store().load(learner_id))

    @property
    def store(self) -> "Store":
        """The store of all learners; raises LabError when it cannot be opened."""
        # Without the door lock, which may be held for long: once the store is open, it stays open.
        if there := self._store:
            return there
        with self._door:
            return self._opened_store()

    def seen(self, learner: "Learner") -> None:
        """Record that a page of the learner is open. Never block: Streamlit also calls this on its event loop."""
        self._seat(learner.id)

    def reap(self) -> tuple[str, ...]:
        """Remove the learners without an open page for GRACE_SECONDS; return their ids."""
        return self._clear_away(GRACE_SECONDS)

    def catch_up(self) -> None:
        """Synchronise all learners with the store, also idle ones: read what is new, save again what it has lost."""
        with self._lock:
            learners = [seat.learner for seat in self._seats.values()]
        for learner in learners:
            learner.catch_up()

    def _wait_for_place(self, learner_id: str, address: str) -> None:
        """Raise WaitError when the address has its share of places, FullError when it is not the learner's turn."""
        there = places(self._settings())
        with self._lock:
            addresses = [seat.address for seat in self._seats.values() if not seat.learner.closed]
        self.entrance.require_room(address, addresses, there)
        self.entrance.require_calm(address, [each for key, each in self._cooldowns.items() if key != learner_id])
        ahead = self._line.ahead(learner_id)
        if (lacking := self._taken() + ahead + 1 - there) > 0:
            self._clear_away(SHORT_GRACE_SECONDS, at_most=lacking)
        if self._taken() + ahead >= there:
            raise FullError(ahead, there)

    def _taken(self) -> int:
        with self._lock:
            return sum(not seat.learner.closed for seat in self._seats.values())

    def _clear_away(self, grace_seconds: float, at_most: int | None = None) -> tuple[str, ...]:
        """Remove learners not seen for `grace_seconds`, longest unseen first, `at_most` so many; return their ids."""
        with self._lock:
            longest = sorted(self._seats, key=lambda key: self._seats[key].seen_at)
            gone = [key for key in longest if self._clock() - self._seats[key].seen_at > grace_seconds][:at_most]
            seats = [self._seats.pop(key) for key in gone]
        for seat in seats:
            try:
                seat.learner.close()
            except Exception:
                _log.exception("the workspace of a learner who left could not be cleared away")
        return tuple(gone)

    def _progress(self, learner_id: str) -> "Progress":
        from lab.learner.progress import Progress  # noqa: PLC0415

        return Progress(self._opened_store(), learner_id)

    def _opened_store(self) -> "Store":
        from lab.store import Store  # noqa: PLC0415

        self._store = self._store or Store()
        return self._store

    def _seat(self, learner_id: str) -> _Seat | None:
        """Return the seat of an id, and record that its learner was seen now."""
        with self._lock:
            seat = self._seats.get(learner_id)
            if seat:
                seat.seen_at = self._clock()
            return seat

    def _abandon(self) -> None:
        """Abandon the session of every learner: the JVM has died."""
        with self._lock:
            workspaces = [seat.learner.workspace for seat in self._seats.values()]
        lost = [(workspace, workspace.session) for workspace in workspaces]
        # First interrupt everything that waits for a batch, possibly with its workspace locked.
        for workspace in workspaces:
            workspace.observations.interrupt()
        # A cell may keep its workspace locked for long. By then others may have a new session, so name the lost one.
        for workspace, session in lost:
            workspace.abandon(session)

    def _reap_until_closed(self) -> None:
        while not self._closed.wait(REAP_EVERY_SECONDS):
            if self.reap() and not self._taken():
                spare_what_stays()
            self.catch_up()
            self.engine.tidy()
