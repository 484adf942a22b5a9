"""A fair queue: a few run at a time, the others wait in the order in which they came."""

import threading
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager

LOOK_SECONDS = 0.5


class Turns:
    """A fair queue, of which the first `at_once` have their turn; safe to use from any thread."""

    def __init__(self, at_once: int) -> None:
        self._at_once = at_once
        self._waiting: deque[object] = deque()
        self._changed = threading.Condition()

    @contextmanager
    def turn(self, given_up: Callable[[], bool], say: Callable[[int], None]) -> Iterator[bool]:
        """Wait for a turn and hold it, as a context manager; yield False if `given_up` ended the wait.

        `say` is called with how many are ahead, whenever that changes.
        """
        ticket = object()
        with self._changed:
            self._waiting.append(ticket)
        try:
            yield self._wait(ticket, given_up, say)
        finally:
            with self._changed:
                self._waiting.remove(ticket)
                self._changed.notify_all()

    def _wait(self, ticket: object, given_up: Callable[[], bool], say: Callable[[int], None]) -> bool:
        said = -1
        with self._changed:
            while not given_up():
                ahead = self._waiting.index(ticket) - self._at_once + 1
                if ahead <= 0:
                    return True
                if ahead != said:
                    said = ahead
                    say(ahead)
                self._changed.wait(LOOK_SECONDS)
        return False
