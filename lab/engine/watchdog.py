"""A watchdog that ends the JVM when nothing else can stop what it does.

Spark cannot stop every task that it cancels, nor the constant folding of a plan in the driver. If such work goes on for
a minute after it should have ended, the lab ends the JVM and starts it again; all learners keep their places. The
learner who started the work has to wait (`Cooldown`).
"""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from pyspark import SparkContext

from lab.engine.batches import BATCH_TIMEOUTS
from lab.engine.cooldown import Cooldown, cooldown_of
from lab.engine.sleep import KEEPER
from lab.engine.suspects import SUSPECTS
from lab.engine.tasks import Tasks
from lab.engine.work import WORK

LOOK_SECONDS: Final = 1.0
GAP_SECONDS: Final = 10.0
# With -XX:+ExitOnOutOfMemoryError, Java ends with this code, on every system (debug.cpp of OpenJDK 21).
OUT_OF_MEMORY: Final = 3

_log = logging.getLogger(__name__)


@dataclass
class Patience:
    """Timeouts in seconds.

    `call` is for one call of Java, `batch` for one batch, `more` for work that was stopped or cancelled, and `answer`
    for any answer of the JVM.
    """

    call: float = 30
    batch: float = 120
    more: float = 60
    answer: float = 120


# The action of a cell has its own timeout where it is called, no longer than `call`.
PATIENCE: Final = Patience()


class _Clock:
    """A clock that counts at most GAP_SECONDS between two calls, so that no timeout runs while the machine sleeps."""

    def __init__(self) -> None:
        self._seconds, self._last = 0.0, time.monotonic()

    def __call__(self) -> float:
        now = time.monotonic()
        self._seconds += min(now - self._last, GAP_SECONDS)
        self._last = now
        return self._seconds


class Watchdog:
    """The watchdog of one JVM. One thread asks the JVM; another one calls `is_over`, which must never wait for it."""

    def __init__(self, context: SparkContext, temporary: Path, has_stopped: Callable[[], bool]) -> None:
        """Start asking the JVM.

        `temporary` is the folder that Spark needs to sort; `has_stopped` returns whether Spark has ended.
        """
        self._context = context
        self._temporary = temporary
        self._has_stopped = has_stopped
        # Why the JVM must be ended, as a sentence for everybody.
        self.verdict = ""
        self._gone = False
        self._clock = _Clock()
        self._asked = 0
        self._answered = (0, 0.0)
        # Whose calls, and whose tasks, were running when they were last looked at.
        self._calling: frozenset[Cooldown] = frozenset()
        self._computing: frozenset[Cooldown] = frozenset()
        self._ended = threading.Event()
        threading.Thread(target=self._ask, name="watchdog", daemon=True).start()

    def is_over(self) -> bool:
        """Return whether the JVM must be ended now. Call this every second."""
        now = self._clock()
        if self._asked != self._answered[0]:
            self._answered = (self._asked, now)
        WORK.end_overdue()
        waits = WORK.waits(now)
        self._calling = frozenset(wait.cooldown for wait in waits)
        wait = max(waits, key=lambda wait: wait.seconds, default=None)
        if wait and wait.seconds > (limit := PATIENCE.call + PATIENCE.more):
            self._blame(wait.cooldown, f"What you ran kept Spark busy for more than {limit:g} seconds.")
        elif not self._temporary.is_dir():
            self._condemn("Spark was started again, since somebody had deleted its folder for temporary files.")
        elif now - self._answered[1] > PATIENCE.answer:
            self._condemn("Spark was started again, since it no longer answered.")
        return self._gone or bool(self.verdict)

    def end(self, exit_code: int) -> None:
        """Stop the watchdog: the JVM has ended, with this exit code."""
        self._ended.set()
        BATCH_TIMEOUTS.clear()
        if exit_code == OUT_OF_MEMORY and not self.verdict:
            if one := SUSPECTS.died(self._calling | self._computing):
                one.begin("What you ran used up the memory of Spark.")
            self._condemn("Spark was started again, since its memory was used up.")

    def _ask(self) -> None:
        tasks: Tasks | None = None
        clock = _Clock()
        while not self._ended.wait(LOOK_SECONDS):
            # The JVM may end at any moment, and no error may end this thread.
            with contextlib.suppress(Exception):
                tasks = tasks or Tasks(self._context)
                self._look_into(tasks, clock())
            self._asked += 1

    def _look_into(self, tasks: Tasks, now: float) -> None:
        if self._has_stopped():
            self._gone = True
            return
        running = tasks.running()
        self._computing = frozenset(filter(None, (cooldown_of(task.owner) for task in running)))
        if task := tasks.overdue(running, now, PATIENCE.more):
            words = f"What you ran went on for {PATIENCE.more:g} seconds after it was cancelled."
            self._blame(cooldown_of(task.owner), words)
        elif cooldown := BATCH_TIMEOUTS.look(running, tasks.cores, KEEPER.asleep, now, PATIENCE.batch, PATIENCE.more):
            self._blame(cooldown, f"A query of yours went on for {PATIENCE.more:g} seconds after it was stopped.")

    def _blame(self, cooldown: Cooldown | None, words: str) -> None:
        if cooldown and not self.verdict:
            cooldown.begin(words)
        self._condemn("Spark was started again, since something that somebody ran could not be stopped.")

    def _condemn(self, why: str) -> None:
        if not self.verdict:
            _log.warning("The JVM is ended. %s", why)
            self.verdict = why
