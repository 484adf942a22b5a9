"""The work of this process for learners: which thread works for whom, its deadline, and its current wait for Java."""

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

from lab.engine.cooldown import Cooldown
from lab.errors import LabError

# A cell that is out of time is refused at its next step. After this many more seconds, it is stuck inside one step.
GRACE_SECONDS: Final = 5.0
# This code is on the stack of every thread that waits for an answer from Java.
_WAITS_FOR_JAVA: Final = ClientServerConnection.send_command.__code__


class OverdueError(LabError):
    """The timeout error in a thread that has worked for too long in Python itself."""

    def __init__(self) -> None:
        super().__init__("This takes Python too long, so the lab has ended it.", "Have the cell do less.")


@dataclass
class _Work:
    cooldown: Cooldown
    call: FrameType | None = None
    since: float = 0.0


@dataclass(frozen=True)
class Wait:
    """How long a thread has been waiting for Java, in one and the same call."""

    cooldown: Cooldown
    seconds: float


class Work:
    """The work of all learners; safe to use from any thread."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._works: dict[int, _Work] = {}
        # The deadline (`time.monotonic`) of each thread that runs a cell.
        self._until: dict[int, float] = {}

    @contextmanager
    def done_for(self, cooldown: Cooldown) -> Iterator[None]:
        """Register this thread as working for a learner, while the block runs."""
        thread = threading.get_ident()
        with self._lock:
            before = self._works.get(thread)
            self._works[thread] = _Work(cooldown)
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
        """Raise OverdueError in this thread if the block takes GRACE_SECONDS longer, but not while it waits for Java."""
        thread = threading.get_ident()
        with self._lock:
            self._until[thread] = time.monotonic() + seconds + GRACE_SECONDS
        try:
            yield
        finally:
            with self._lock:
                del self._until[thread]
                # Take back an exception that is still pending: it must not be raised after the block.
                _raise_in(thread, None)

    def end_overdue(self) -> None:
        """Raise OverdueError in overdue threads. Call this repeatedly: code in the thread may catch the error."""
        with self._lock:
            late = [thread for thread, until in self._until.items() if time.monotonic() > until]
            stacks = sys._current_frames() if late else {}
            for thread in late:
                if not _is_in_py4j(stacks.get(thread)):
                    _raise_in(thread, OverdueError)

    def waits(self, now: float) -> tuple[Wait, ...]:
        """Return the current calls of Java.

        A call that was not seen before counts from `now`, a time of the caller's clock.
        """
        with self._lock:
            if not self._works:
                return ()
            stacks = sys._current_frames()
            for thread, work in self._works.items():
                call = _call_of_java(stacks.get(thread))
                if call is not work.call:
                    work.call, work.since = call, now
            return tuple(Wait(work.cooldown, now - work.since) for work in self._works.values() if work.call)


def _call_of_java(frame: FrameType | None) -> FrameType | None:
    """Return the stack frame of a thread's current call of Java, None if there is none; `frame` is the top frame."""
    while frame and frame.f_code is not _WAITS_FOR_JAVA:
        frame = frame.f_back
    return frame


def _is_in_py4j(frame: FrameType | None) -> bool:
    """Return whether a thread is inside py4j: a call of Java must not be interrupted halfway.

    A foreachBatch function is called by py4j, and is not inside it.
    """
    while frame:
        package = frame.f_globals.get("__name__", "").partition(".")[0]
        if package in {"py4j", "lab"}:
            return bool(package == "py4j")
        frame = frame.f_back
    return False


def _raise_in(thread: int, kind: type[Exception] | None) -> None:
    """Raise an exception in a thread as soon as it runs Python code again; None cancels a pending exception."""
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ctypes.c_ulong(thread), kind and ctypes.py_object(kind))


WORK: Final = Work()
