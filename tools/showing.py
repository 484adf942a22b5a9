"""Measure what it costs that pages look whether the teacher shows something, while nobody shows anything.

    python tools/showing.py [LOOKS]

It uses a SQLite store of its own, in a folder that it deletes. It does not measure what Streamlit takes to run a page.
"""

import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT)]

from lab.course.showing import FRESH_SECONDS, Showing  # noqa: E402
from lab.store import Store  # noqa: E402


def main() -> None:
    """Print the CPU of a look that asks the store, and of one that need not."""
    looks = int((*sys.argv[1:], "2000")[0])
    with tempfile.TemporaryDirectory() as folder:
        store = Store(f"sqlite:///{folder}/lab.sqlite")
        clock = [time.time()]
        showing = Showing(lambda: store, lambda: "a class", lambda: clock[0])
        for asks, seconds in (("asks the store", FRESH_SECONDS), ("comes just after another", 0.0)):
            began = time.process_time()
            for _ in range(looks):
                clock[0] += seconds
                showing.look()
            spent = (time.process_time() - began) / looks
            print(f"a look that {asks}: {spent * 1e6:.0f} µs of CPU")
        store.close()


if __name__ == "__main__":
    main()
