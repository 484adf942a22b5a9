"""Notification of changes by callback, so that nobody has to poll."""

import threading
from collections.abc import Callable


class Changes:
    """Callbacks that run at each change, in the thread that makes the change; safe to use from any thread.

    A callback must neither block nor raise.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[object, Callable[[], object]] = {}

    def subscribe(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Call `tell` at every change; return an unsubscribe function."""
        ticket = object()
        with self._lock:
            self._told[ticket] = tell

        def end() -> None:
            with self._lock:
                self._told.pop(ticket, None)

        return end

    @property
    def is_followed(self) -> bool:
        """Whether there are any subscribers."""
        return bool(self._told)

    def tell(self) -> None:
        """Call all subscribers: something has changed."""
        with self._lock:
            told = tuple(self._told.values())
        for tell in told:
            tell()
