"""The enforced pause of a learner after the lab had to end Spark because of what they ran."""

import itertools
import math
import threading
import time
from collections.abc import Callable
from typing import Final
from weakref import WeakValueDictionary

from lab.errors import LabError

COOLDOWN_SECONDS: Final = 5 * 60
_MINUTE: Final = 60

_numbers: Final = itertools.count(1)
_known: Final[WeakValueDictionary[str, "Cooldown"]] = WeakValueDictionary()
_lock: Final = threading.Lock()


class Cooldown:
    """The pause of one learner; safe to use from any thread.

    It does not know the learner: everything that runs for the learner carries its `id`. `network` is where they came from.
    """

    def __init__(self, clock: Callable[[], float] = time.monotonic, network: str = "") -> None:
        self.id = str(next(_numbers))
        self.network = network
        self._clock = clock
        self._why = ""
        self._until = 0.0
        with _lock:
            _known[self.id] = self

    def begin(self, why: str, seconds: float = COOLDOWN_SECONDS) -> None:
        """Start the pause, in which nothing of the learner's runs; `why` is a sentence for the learner."""
        self._why, self._until = why, self._clock() + seconds

    @property
    def words(self) -> str:
        """A sentence that says why the learner must wait, and for how long; empty if they need not wait."""
        left = self._until - self._clock()
        if left <= 0:
            return ""
        minutes = math.ceil(left / _MINUTE)
        return (
            f"{self._why} So the lab has ended Spark, and started it again for everybody. You can run something again in "
            f"{minutes} minute{'s' if minutes > 1 else ''}."
        )

    def require_over(self) -> None:
        """Raise LabError while the learner must wait."""
        if words := self.words:
            raise LabError(words, "What you wrote is kept; change it meanwhile.")


def cooldown_of(number: str) -> Cooldown | None:
    """Return the Cooldown with an id; None if its learner is gone."""
    with _lock:
        return _known.get(number)
