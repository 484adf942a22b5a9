"""Admission to a server for many: learners must say who they are, and one address gets only a share of the places."""

import hmac
import ipaddress
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import replace
from typing import TYPE_CHECKING, Final

from lab.course.waiting import WaitError
from lab.errors import LabError
from lab.settings import CLASS_CODE, PER_ADDRESS, Settings

if TYPE_CHECKING:
    from lab.engine.cooldown import Cooldown
    from lab.learner.identity import Identity

# One address gets at most this share of the places, unless PER_ADDRESS is set: the others keep the rest.
SHARE: Final = 0.5
# How long new learners and wrong class codes of an address are counted.
WINDOW_SECONDS: Final = 10 * 60
WRONG_CODES: Final = 30
# One home or machine has a whole /64 network of IPv6 addresses.
_NETWORK_BITS: Final = 64


class StrangerError(LabError):
    """The learner must say who they are before they get a place; `known` is what is known of them."""

    def __init__(self, known: "Identity") -> None:
        super().__init__("A place in this lab is for who has said who they are.", "Write your name.")
        self.known = known


class Limit:
    """Counts what came from each address in the last WINDOW_SECONDS."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._times: list[tuple[float, str]] = []

    def count(self, address: str) -> int:
        """Return how many were counted for an address."""
        since = self._clock() - WINDOW_SECONDS
        self._times = [(at, other) for at, other in self._times if at > since]
        return sum(other == address for _, other in self._times)

    def add(self, address: str) -> None:
        """Count one more for an address."""
        self._times.append((self._clock(), address))


class Entrance:
    """The entrance of one classroom, which calls it for one learner at a time.

    `is_public` says that the lab can be reached from other machines.
    """

    def __init__(self, settings: Callable[[], Settings], clock: Callable[[], float] = time.monotonic) -> None:
        self.is_public = False
        self._settings = settings
        self._new = Limit(clock)
        self._wrong = Limit(clock)
        # Voters who join by the short address also enter the code, at the same time as learners.
        self._codes = threading.Lock()

    @property
    def class_code(self) -> str:
        """The class code that the teacher has set for all learners here; empty if each may choose one."""
        return self._settings().class_code

    @property
    def is_for_class(self) -> bool:
        """Whether the lab serves a class, not only the person at this machine."""
        return self.is_public or bool(self.class_code)

    def require_known(self, identity: "Identity") -> None:
        """Raise StrangerError if they have not said who they are; a learner alone at their machine need not."""
        require_valid_code(self.class_code)
        if self.is_for_class and not self.is_known(identity):
            raise StrangerError(identity)

    def is_known(self, identity: "Identity") -> bool:
        """Return whether somebody has given a name, and is of this class."""
        of_this_class = not self.class_code or is_same_code(identity.class_code, self.class_code)
        return bool(identity.name.strip()) and of_this_class

    def require_code(self, class_code: str, address: str) -> None:
        """Raise LabError if the class has another code; an address may try WRONG_CODES wrong ones in WINDOW_SECONDS."""
        require_valid_code(self.class_code)
        if not self.class_code:
            return
        address = network_of(address)
        with self._codes:
            if self._wrong.count(address) >= WRONG_CODES:
                raise LabError("Too many wrong class codes came from your network.", "Try again in ten minutes.")
            if not is_same_code(class_code, self.class_code):
                self._wrong.add(address)
                raise LabError("That is not the code of this class.", "Your teacher has it.")

    def admit(self, identity: "Identity", address: str, places: int) -> "Identity":
        """Return the identity of a new learner, with the code of the class; raise LabError if they may not come in."""
        require_valid_code(self.class_code)
        address = network_of(address)
        if not identity.name.strip():
            raise LabError("Your name is still missing.", "Write it, then come in.")
        self.require_code(identity.class_code, address)
        if self.class_code:
            identity = replace(identity, class_code=self.class_code)
        at_most = self.per_address(places)
        if self._new.count(address) >= at_most:
            raise LabError(
                f"{at_most} new learners have come from your network in the last ten minutes.",
                f"Try again in a few minutes. If a whole class is behind one address, {PER_ADDRESS} lets more of it in.",
            )
        self._new.add(address)
        return identity

    def require_room(self, address: str, there: Iterable[str], places: int) -> None:
        """Raise WaitError if an address has as many places as one may have; `there` are the addresses of all."""
        at_most = self.per_address(places)
        if self.is_for_class and Counter(map(network_of, there))[network_of(address)] >= at_most:
            raise WaitError(
                f"{at_most} learners from your network have a place here, which is as many as one network may have.",
                "This page goes on by itself when one of them leaves. "
                f"If a whole class is behind one address, {PER_ADDRESS} lets more of it in.",
            )

    def require_calm(self, address: str, others: Iterable["Cooldown"]) -> None:
        """Raise WaitError while somebody of the same network must wait: they could come back under another name."""
        if self.is_for_class and any(each.words and each.network == network_of(address) for each in others):
            raise WaitError(
                "Somebody on your network has run something that made the lab end Spark for everybody.",
                "Whoever is new there has to wait for five minutes. This page goes on by itself.",
            )

    def per_address(self, places: int) -> int:
        """Return how many places one address may have, which is also how many new learners in WINDOW_SECONDS."""
        return self._settings().per_address or max(1, int(places * SHARE))


def require_valid_code(class_code: str) -> None:
    """Raise LabError if the setting cannot be a class code."""
    # It needs pandas, for which the first page must not wait.
    from lab.learner.identity import Identity  # noqa: PLC0415

    try:
        Identity(class_code=class_code)
    except LabError as error:
        raise LabError(f"{CLASS_CODE} cannot be used. {error.what}", "Set it to another one, or unset it.") from error


def network_of(address: str) -> str:
    """Return the network of an IPv6 address; for IPv4, or for a text that is no address, return it as it is."""
    try:
        parsed = ipaddress.ip_address(address)
    except ValueError:
        return address
    if isinstance(parsed, ipaddress.IPv6Address):
        if parsed.ipv4_mapped:
            return str(parsed.ipv4_mapped)
        return str(ipaddress.ip_network((parsed, _NETWORK_BITS), strict=False))
    return str(parsed)


def is_same_code(one: str, other: str) -> bool:
    """Return whether two class codes are the same, in constant time: the duration does not tell how much is right."""
    from lab.variants import canonical_name  # noqa: PLC0415 - as above

    return hmac.compare_digest(canonical_name(one).encode(), canonical_name(other).encode())
