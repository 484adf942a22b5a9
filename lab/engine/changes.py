"""Who wants to know at once that something has changed, so that nobody has to ask again and again."""

import threading
from collections.abc import Callable


class Changes:
    """Calls those who have asked for it, in the thread in which something changes; safe to use from any thread.

    What is called must neither block nor raise.
    """

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._told: dict[object, Callable[[], object]] = {}

    def subscribe(self, tell: Callable[[], object]) -> Callable[[], None]:
        """Have `tell` called at every change; gives what ends that."""
        ticket = object()
        with self._lock:
            self._told[ticket] = tell

        def end() -> None:
            with self._lock:
                self._told.pop(ticket, None)

        return end

    @property
    def is_followed(self) -> bool:
        """Whether anybody wants to know."""
        return bool(self._told)

    def tell(self) -> None:
        """Something has changed."""
        with self._lock:
            told = tuple(self._told.values())
        for tell in told:
            tell()
