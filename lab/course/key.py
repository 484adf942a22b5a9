"""The teacher's key, which opens the teacher's pages."""

import hashlib
import hmac
import secrets
import time
from collections.abc import Callable
from typing import Final

from lab.course.entrance import Limit, network_of
from lab.errors import LabError
from lab.settings import MAX_KEY, TEACHER_KEY, Settings, read_settings

# Long enough for a lecture and the exercises after it. A browser in a lecture hall must not stay open until tomorrow.
COOKIE_SECONDS: Final = 12 * 60 * 60
# Per ten minutes, the window of a Limit. A typing error takes a few attempts; guessing a key takes far more than these.
WRONG_PER_ADDRESS: Final = 10
WRONG_IN_ALL: Final = 100
# For `secrets.token_urlsafe`: 192 bits.
_MADE_BYTES: Final = 24


class WrongKeyError(LabError):
    """The key is wrong."""

    def __init__(self) -> None:
        super().__init__(
            "That is not the teacher's key.",
            f"It is the value of {TEACHER_KEY}; where nobody has set that, it stands in the link that the lab's console "
            "shows when the lab starts.",
        )


class TooManyKeysError(LabError):
    """Too many wrong keys came, so no key is checked for a while."""

    def __init__(self) -> None:
        super().__init__("Too many wrong keys came.", "Try again in ten minutes.")


class TeachersKey:
    """The key that the teacher has set, else one that is generated here; once it was told, only its hash is kept.

    In exchange for the key, a browser gets a pass: a signed token that is valid for COOKIE_SECONDS, on every server
    with the same key. A pass becomes invalid when the key changes.
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
        # Passes that were revoked here, each with the time at which it would have expired.
        self._revoked: dict[str, float] = {}

    def tell(self) -> str:
        """Return the generated key, on the first call only; empty if the teacher has set one."""
        told, self._untold = self._untold, ""
        return "" if self._settings().teacher_key else told

    def issue_pass(self, key: str, address: str) -> str:
        """Return a pass in exchange for the key, for a browser at an address.

        Raises WrongKeyError if the key is wrong, TooManyKeysError if too many wrong ones came before.
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
        """Return whether a text is a pass that is still valid."""
        said, _, signature = given.rpartition(".")
        # `compare_digest` raises for text that is not ASCII.
        if not given.isascii() or not hmac.compare_digest(signature, self._signed(said)):
            return False
        return given not in self._revoked and float(said.partition(".")[0]) > self._clock()

    def revoke_pass(self, given: str) -> None:
        """Revoke a pass, on this server only."""
        if self.knows(given):
            now = self._clock()
            self._revoked = {known: until for known, until in self._revoked.items() if until > now}
            self._revoked[given] = float(given.partition(".")[0])

    @property
    def _hash(self) -> bytes:
        known = self._settings().teacher_key
        return _hash(known) if known else self._made

    def _signed(self, said: str) -> str:
        return hmac.new(self._hash, said.encode(), hashlib.sha256).hexdigest()


def _hash(key: str) -> bytes:
    return hashlib.sha256(f"the teacher's key of a lab: {key}".encode(errors="replace")).digest()
