"""People who vote without a lab: they join by the short address, with the code of the class if there is one."""

import threading
import time
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Final

from lab.course.entrance import Entrance, Limit, network_of
from lab.course.own_id import own_id
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.store import Store

VOTER: Final = "voter"
# A full lecture hall may join within JOINED_HOURS.
MAX_JOINED: Final = 300
JOINED_HOURS: Final = 4
# Votes of one person in ten minutes, the window of a Limit: to change one's mind takes a few.
MAX_CASTS: Final = 60


class Voters:
    """The people who join a class by the short address; safe to use from any thread.

    Each has a document under their own id, whose key is the class, so one store can hold several classes.
    """

    def __init__(
        self, store: Callable[[], "Store"], entrance: Callable[[], Entrance], clock: Callable[[], float] = time.time
    ) -> None:
        """Keep where to read: `store` raises LabError when there is none."""
        self._store = store
        self._entrance = entrance
        self._clock = clock
        self._lock = threading.Lock()
        self._new = Limit(clock)
        self._casts = Limit(clock)

    def knows(self, voter_id: str) -> bool:
        """Return whether somebody may vote: they have joined, or are a learner of the class.

        Raises LabError when the store cannot be read.
        """
        # The first page must not wait for SQLAlchemy and pandas.
        from lab.learner.kept import IDENTITY, read_identity  # noqa: PLC0415
        from lab.store.tables import hashed  # noqa: PLC0415

        key, course = hashed(voter_id), self._course
        who, joined = (key, IDENTITY, ""), (key, VOTER, course)
        found = self._store().survey.values([who, joined])
        return joined in found or (who in found and self._entrance().is_known(read_identity(found[who])))

    def join(self, voter_id: str, class_code: str, address: str) -> None:
        """Let somebody at an address join; raise LabError when the code is wrong, or too many have joined."""
        entrance = self._entrance()
        entrance.require_code(class_code, address)
        network = network_of(address)
        with self._lock:
            at_most = entrance.per_address(MAX_JOINED)
            if self._new.count(network) >= at_most:
                raise LabError(
                    f"{at_most} people have joined from your network in the last ten minutes.",
                    "Try again in a few minutes.",
                )
            if len(self.joined()) >= MAX_JOINED:
                raise LabError(
                    f"{MAX_JOINED} people have joined by this address, which is as many as there may be.",
                    "Vote in the lab, or raise your hand.",
                )
            self._new.add(network)
            self._store().save(voter_id, (VOTER, self._course), {})

    def joined(self) -> frozenset[str]:
        """Return the store's keys of those who joined in the last JOINED_HOURS; raise LabError if it cannot be read."""
        since = datetime.fromtimestamp(self._clock(), UTC) - timedelta(hours=JOINED_HOURS)
        course = self._course
        return frozenset(
            document.learner for document in self._store().survey.changed([VOTER], since) if document.key == course
        )

    def require_patience(self, voter_id: str) -> None:
        """Count a vote of a person; raise LabError if they have voted too often."""
        with self._lock:
            if self._casts.count(voter_id) >= MAX_CASTS:
                raise LabError("You have changed your vote very often.", "Try again in ten minutes.")
            self._casts.add(voter_id)

    @property
    def _course(self) -> str:
        from lab.store.tables import hashed  # noqa: PLC0415

        return hashed(own_id("votes", self._entrance().class_code))
