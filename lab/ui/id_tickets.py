"""Switching a browser to another learner id: its cookie is changed in a way that no other site can use.

The id itself is never part of an address. A page of the lab issues a ticket for the id that a person has typed in. The
ticket is valid once, for a short time, and only in the browser that it was issued to.
"""

import secrets
import threading
import time
from collections.abc import Callable
from typing import Final

PARAMETER: Final = "go-on"
TICKET_SECONDS: Final = 300


class IdTickets:
    """The tickets that were issued and not used yet; safe to use from any thread."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._lock = threading.Lock()
        self._tickets: dict[str, tuple[str, str, float]] = {}

    def issue(self, learner_id: str, other_id: str) -> str:
        """Return a ticket that lets the browser of a learner switch to another id."""
        ticket = secrets.token_urlsafe(24)
        with self._lock:
            self._tickets = {key: known for key, known in self._tickets.items() if known[2] > self._clock()}
            self._tickets[ticket] = (learner_id, other_id, self._clock() + TICKET_SECONDS)
        return ticket

    def redeem(self, ticket: str, learner_id: str | None) -> str | None:
        """Use up a ticket. Return the id that the learner's browser switches to; None if the ticket is not valid."""
        with self._lock:
            issued_to, other_id, until = self._tickets.pop(ticket, ("", "", 0.0))
        return other_id if other_id and issued_to == learner_id and until > self._clock() else None
