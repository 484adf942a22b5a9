"""What this process does for learners: which threads work for whom, and since when each waits for Java, or for Python."""

import ctypes
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from types import FrameType
from typing import Final

from py4j.clientserver import ClientServerConnection

from lab.engine.rest import Rest
from lab.errors import LabError

# In every call of Java that waits for its answer, this is on the stack.
_WAITS_FOR_JAVA: Final = ClientServerConnection.send_command.__code__


class OverdueError(LabError):
    """Raised in a thread that has worked for too long in Python alone."""

    def __init__(self) -> None:
        super().__init__("This takes Python too long, so the lab has ended it.", "Have the cell do less.")


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
        # Until when (`time.monotonic`) threads that run a cell may do so.
        self._until: dict[int, float] = {}

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

    @contextmanager
    def at_most(self, seconds: float) -> Iterator[None]:
        """Raise OverdueError in this thread when it is not done then, and not waiting for Java either."""
        thread = threading.get_ident()
        with self._lock:
            self._until[thread] = time.monotonic() + seconds
        try:
            yield
        finally:
            with self._lock:
                del self._until[thread]
                # What was raised is not to come later, wherever the thread may be then.
                _raise_in(thread, None)

    def end_overdue(self) -> None:
        """Do so to those whose time is over; to be called again and again, for code may catch what is raised in it."""
        with self._lock:
            late = [thread for thread, until in self._until.items() if time.monotonic() > until]
            stacks = sys._current_frames() if late else {}
            for thread in late:
                if not _is_in_py4j(stacks.get(thread)):
                    _raise_in(thread, OverdueError)

    def waits(self, now: float) -> tuple[Wait, ...]:
        """Return the calls of Java that are under way.

        One that was not seen before is new. `now` is by the caller's clock.
        """
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
    """Return the call of Java in which a thread is, by the top of its stack."""
    while frame and frame.f_code is not _WAITS_FOR_JAVA:
        frame = frame.f_back
    return frame


def _is_in_py4j(frame: FrameType | None) -> bool:
    """Return whether a thread is about to ask Java, or to take its answer: none of it may be left half done."""
    while frame:
        if frame.f_globals.get("__name__", "").startswith("py4j."):
            return True
        frame = frame.f_back
    return False


def _raise_in(thread: int, kind: type[Exception] | None) -> None:
    """Have a thread raise an exception as soon as it comes back to Python's own code; None takes that back."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), kind and ctypes.py_object(kind))


WORK: Final = Work()
