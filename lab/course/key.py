"""The teacher's key: who has it opens the teacher's pages, and nobody else."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from lab.course.entrance import Limit, network_of
from lab.errors import LabError
from lab.settings import MAX_KEY, TEACHER_KEY, Settings, read_settings

# A lecture, and the exercises after it. A browser in a lecture hall must not stay open until tomorrow.
COOKIE_SECONDS: Final = 12 * 60 * 60
# In the ten minutes of a Limit. A person who copies a key wrongly needs a few; whoever tries keys needs more than there are.
WRONG_PER_ADDRESS: Final = 10
WRONG_IN_ALL: Final = 100
# Of `secrets.token_urlsafe`: 192 bits.
_MADE_BYTES: Final = 24


class WrongKeyError(LabError):
    """That is not the key."""

    def __init__(self) -> None:
        super().__init__(
            "That is not the teacher's key.",
            f"It is the value of {TEACHER_KEY}; where nobody has set that, it stands in the link that the lab's console "
            "shows when the lab starts.",
        )


class TooManyKeysError(LabError):
    """So many wrong keys came that none is looked at any more for a while."""

    def __init__(self) -> None:
        super().__init__("Too many wrong keys came.", "Try again in ten minutes.")


class TeachersKey:
    """The key that the teacher has set, or one that is made here; only a hash of the latter is kept.

    A browser that has shown it gets a pass instead of it, which is good for COOKIE_SECONDS, also on another server with the
    same key, and with that key alone.
    """

    def __init__(
        self, settings: Callable[[], Settings] = read_settings, clock: Callable[[], float] = time.time
    ) -> None:
        self._settings = settings
        self._clock = clock
        self._untold = secrets.token_urlsafe(_MADE_BYTES)
        self._made = _hash(self._untold)
        self._of_address = Limit(clock)
        self._in_all = Limit(clock)
        # Passes that were given back, each with the time until which it would have been good.
        self._left: dict[str, float] = {}

    def tell(self) -> str:
        """Give the key that was made, once; empty if the teacher has set one, who knows it."""
        told, self._untold = self._untold, ""
        return "" if self._settings().teacher_key else told

    def open(self, key: str, address: str) -> str:
        """Give a pass for the key, to a browser at an address.

        Raises WrongKeyError if it is another key, TooManyKeysError if too many wrong ones came before.
        """
        network = network_of(address)
        if self._of_address.count(network) >= WRONG_PER_ADDRESS or self._in_all.count("") >= WRONG_IN_ALL:
            raise TooManyKeysError
        if not hmac.compare_digest(_hash(key[: MAX_KEY + 1]), self._hash):
            self._of_address.add(network)
            self._in_all.add("")
            raise WrongKeyError
        until = int(self._clock()) + COOKIE_SECONDS
        said = f"{until}.{secrets.token_hex(8)}"
        return f"{said}.{self._signed(said)}"

    def knows(self, given: str) -> bool:
        """Return whether something is a pass that is still good."""
        said, _, signature = given.rpartition(".")
        # What is no ASCII cannot be compared.
        if not given.isascii() or not hmac.compare_digest(signature, self._signed(said)):
            return False
        return given not in self._left and float(said.partition(".")[0]) > self._clock()

    def leave(self, given: str) -> None:
        """Let a pass be good no more, here."""
        if self.knows(given):
            now = self._clock()
            self._left = {known: until for known, until in self._left.items() if until > now}
            self._left[given] = float(given.partition(".")[0])

    @property
    def _hash(self) -> bytes:
        known = self._settings().teacher_key
        return _hash(known) if known else self._made

    def _signed(self, said: str) -> str:
        return hmac.new(self._hash, said.encode(), hashlib.sha256).hexdigest()


def _hash(key: str) -> bytes:
    return hashlib.sha256(f"the teacher's key of a lab: {key}".encode(errors="replace")).digest()
