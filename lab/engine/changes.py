"""Notification of changes by callback, so that nobody has to poll."""

import threading
from collections.abc import Callable


class Changes:
    """Callbacks that run at each change, in the thread that makes the change; safe to use from any thread.

    A callback must neither block nor raise.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._callbacks: dict[object, Callable[[], object]] = {}

    def subscribe(self, callback: Callable[[], object]) -> Callable[[], None]:
        """Call `callback` at every change; return an unsubscribe function."""
        ticket = object()
        with self._lock:
            self._callbacks[ticket] = callback

        def end() -> None:
            with self._lock:
                self._callbacks.pop(ticket, None)

        return end

    @property
    def has_subscribers(self) -> bool:
        """Whether there are any subscribers."""
        return bool(self._callbacks)

    def notify(self) -> None:
        """Call all subscribers: something has changed."""
        with self._lock:
            callbacks = tuple(self._callbacks.values())
        for callback in callbacks:
            callback()
