"""Background work that nobody waits for: a few threads, and a bounded queue that drops work when it is full."""

import logging
import queue
import threading
from collections.abc import Callable
from typing import Final

MAX_WORKERS: Final = 2
MAX_WAITING: Final = 200

_log = logging.getLogger(__name__)


class Later:
    """A few worker threads and their queue; safe to use from any thread."""

    def __init__(self, workers: int = MAX_WORKERS, waiting: int = MAX_WAITING) -> None:
        self._queue: queue.Queue[Callable[[], object]] = queue.Queue(waiting)
        self._workers = workers
        self._lock = threading.Lock()
        self._started = False

    def do(self, action: Callable[[], object]) -> bool:
        """Put an action into the queue; return False if the queue is full and the action is dropped."""
        with self._lock:
            if not self._started:
                self._started = True
                for number in range(self._workers):
                    threading.Thread(target=self._work, name=f"later-{number}", daemon=True).start()
        try:
            self._queue.put_nowait(action)
        except queue.Full:
            return False
        return True

    def _work(self) -> None:
        while True:
            action = self._queue.get()
            try:
                action()
            except Exception:
                _log.exception("what was to be done later could not be done")
            # Drop the reference now: while this thread waits for more work, it would keep a workspace, for example,
            # alive.
            del action


LATER: Final = Later()
