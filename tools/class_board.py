"""Measure what each look of the class board costs while a class works: rows read, and CPU.

    python tools/class_board.py [LEARNERS] [LOOKS]

It fills a SQLite store of its own, in a folder that it deletes. Between two looks, it writes as many texts and attempts
as so many learners write in that time. Neither writing is counted, nor what Streamlit takes to draw the page.
"""

import json
import random
import statistics
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]

from classes import RIGHT, WRONG, attempt, fill  # noqa: E402

import lab.store  # noqa: E402
from lab.course.watch import Watch  # noqa: E402
from lab.lesson.steps import EXERCISES  # noqa: E402
from lab.store import Store  # noqa: E402
from lab.ui.teacher.class_board import LOOK_SECONDS  # noqa: E402
from lab.ui.teacher.grid import learners_data  # noqa: E402

# How often a learner pauses in typing, and has an answer checked.
TEXT_SECONDS = 6
ATTEMPT_SECONDS = 40


def main() -> None:
    """Print one line for the first look and one for the later looks."""
    learners, looks = (int(given) for given in (*sys.argv[1:], "30", "200")[:2])
    with tempfile.TemporaryDirectory() as folder:
        # The clock advances only as fast as the looks are made; the database uses the same clock.
        clock = _Clock()
        lab.store.now = lambda _: datetime.fromtimestamp(clock(), UTC)
        store = Store(f"sqlite:///{folder}/lab.sqlite")
        class_ = fill(store, clock, learners)
        watch = Watch(lambda: store.survey, lambda: "", clock)
        first = _look(watch)
        found = []
        for _ in range(looks):
            _work(class_, clock)
            found.append(_look(watch))
        store.close()
    _say("first look", [first])
    _say("later looks", found)


class _Clock:
    """The system's clock, which can be set forward."""

    ahead = 0.0

    def __call__(self) -> float:
        return time.time() + self.ahead

    def wait(self, seconds: float) -> None:
        """Set the clock forward by so many seconds."""
        self.ahead += seconds


def _work(class_: list, clock: _Clock) -> None:
    clock.wait(LOOK_SECONDS)
    for progress in class_:
        step = random.choice(EXERCISES)
        if random.random() < LOOK_SECONDS / TEXT_SECONDS:
            progress.write(step, f"x = {random.random()}")
        if random.random() < LOOK_SECONDS / ATTEMPT_SECONDS:
            attempt(progress, step, random.choice([WRONG, WRONG, RIGHT]), f"x = {random.random()}")


def _look(watch: Watch) -> tuple[int, float]:
    began = time.process_time()
    look = watch.look()
    json.dumps(learners_data(look.board))
    return look.rows, 1000 * (time.process_time() - began)


def _say(what: str, found: list[tuple[int, float]]) -> None:
    rows, spent = (statistics.mean(column) for column in zip(*found, strict=True))
    share = spent / 10 / LOOK_SECONDS
    print(f"{what}: {rows:.0f} rows, {spent:.1f} ms of CPU, {share:.2f} % of a core at a look every {LOOK_SECONDS} s")


if __name__ == "__main__":
    main()
