"""Measure the CPU that a vote costs: for each look whether one is on, for each ballot, and for each count.

    python tools/votes.py [VOTERS]

The store is a SQLite file of its own, in a folder for temporary files.
"""

import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from lab.course.vote import Question  # noqa: E402
from lab.course.votes import Votes  # noqa: E402
from lab.store import Store  # noqa: E402

TIMES = 300


def measure(store: Store, voters: int) -> None:
    """Print a line for each operation."""
    votes = Votes(lambda: store, lambda: "a class")
    # The first look imports what the store needs.
    votes.look()
    _time("look, no vote is on", TIMES, lambda _: votes.look())
    _time("ask a page's bar, no vote is on", TIMES, lambda _: votes.now())
    vote = votes.open(Question("question", "Why?", ("one", "another", "none")))
    _time("look, a vote is on", TIMES, lambda _: votes.look())
    _time("cast a ballot", voters, lambda number: votes.cast(f"{number:032x}", "question", 1, number % 3))
    _time("read one's own ballot", TIMES, lambda number: votes.ballot(f"{number % voters:032x}", vote.question))
    _time(f"count {voters} ballots that are known", TIMES, lambda _: votes.tally(vote))


def _time(what: str, times: int, action: Callable[[int], object]) -> None:
    began = time.process_time()
    for number in range(times):
        action(number)
    print(f"{what}: {(time.process_time() - began) / times * 1000:.2f} ms CPU")


if __name__ == "__main__":
    with tempfile.TemporaryDirectory() as folder:
        opened = Store(f"sqlite:///{folder}/lab.sqlite")
        measure(opened, int(sys.argv[1]) if len(sys.argv) > 1 else 30)
        opened.close()
