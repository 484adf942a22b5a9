"""What this process has Spark do at the moment: which threads work for whom, and since when each waits for Java."""

import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from py4j.clientserver import ClientServerConnection

from lab.engine.rest import Rest

# In every call of Java that waits for its answer, this is on the stack.
_WAITS_FOR_JAVA: Final = ClientServerConnection.send_command.__code__


@dataclass
class _Work:
    rest: Rest
    call: FrameType | None = None
    since: float = 0.0


@dataclass(frozen=True)
class Wait:
    """A thread waits for Java, for so many seconds already, in one and the same call."""

    rest: Rest
    seconds: float


class Work:
    """The work of all learners; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: dict[int, _Work] = {}

    @contextmanager
    def done_for(self, rest: Rest) -> Iterator[None]:
        """While this thread works for somebody."""
        thread = threading.get_ident()
        with self._lock:
            before = self._works.get(thread)
            self._works[thread] = _Work(rest)
        try:
            yield
        finally:
            with self._lock:
                if before is None:
                    del self._works[thread]
                else:
                    self._works[thread] = before

    def waits(self, now: float) -> tuple[Wait, ...]:
        """The calls of Java that are under way; one that was not seen before is new. `now` is by the caller's clock."""
        with self._lock:
            if not self._works:
                return ()
            stacks = sys._current_frames()
            for thread, work in self._works.items():
                call = _call_of_java(stacks.get(thread))
                if call is not work.call:
                    work.call, work.since = call, now
            return tuple(Wait(work.rest, now - work.since) for work in self._works.values() if work.call)


def _call_of_java(frame: FrameType | None) -> FrameType | None:
    """The call of Java in which a thread is, by the top of its stack."""
    while frame and frame.f_code is not _WAITS_FOR_JAVA:
        frame = frame.f_back
    return frame


WORK: Final = Work()
