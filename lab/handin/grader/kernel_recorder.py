"""The recorder in a real kernel: cells of the grader's, between those of the notebook, call it.

Each time, it writes what it has seen into a file that the grader reads, so nothing is lost when the kernel is ended.
"""

import contextlib
import json
import os
import threading
import time
from dataclasses import asdict
from functools import partial
from pathlib import Path
from typing import Any, Final

from lab.bucket.folder import FolderBucket
from lab.engine import facts
from lab.handin.grader.recorder import Recorder
from lab.handin.grader.rerun import asked_for
from lab.handin.outline import FOLDER, LOG_FILES
from lab.system import patiently

# Where the file is, and how many seconds the notebook has.
FILE: Final = "LAB_SNAPSHOTS"
SECONDS: Final = "LAB_SECONDS"


class KernelWorkspace:
    """What a notebook works in, once its setup cells have run; see `recorder.Watched`. `names` are its variables."""

    def __init__(self, names: dict[str, Any]) -> None:
        self.names = names
        self.bucket = FolderBucket(Path(FOLDER))
        self._spark = names["spark"]

    @property
    def active(self) -> tuple[Any, ...]:
        """The queries that are running."""
        return tuple(self._spark.streams.active)

    @property
    def started(self) -> frozenset[str]:
        """Nobody listens here: those that run now, or that a name stands for, are all that is known."""
        return frozenset()

    def wait_until_read(self, seconds: float) -> bool:
        """Wait for each of them."""
        deadline = time.monotonic() + seconds
        return all(facts.finish_reading(query, max(0.0, deadline - time.monotonic())) for query in self.active)


class KernelRecorder:
    """What the grader's cells use."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._path = Path(os.environ[FILE])
        # The setup cells have just run.
        wanted = asked_for(tuple(names[LOG_FILES]))
        self._recorder = Recorder(KernelWorkspace(names), time.monotonic() + float(os.environ[SECONDS]), wanted)
        sleep = time.sleep
        thread = threading.current_thread()

        def wait(seconds: Any) -> None:
            # The notebook waits for its queries with it; whatever else sleeps in this process does so.
            if threading.current_thread() is thread:
                self._recorder.sleep(seconds)
            else:
                sleep(seconds)

        time.sleep = wait

    def after_cell(self) -> None:
        """To be called after each cell of the notebook."""
        # A query that fails is told of by its state.
        with contextlib.suppress(Exception):
            self._recorder.after_cell()
        seen = {
            "snapshots": [{**asdict(each), "live": sorted(each.live)} for each in self._recorder.snapshots],
            "queries": self._recorder.states(),
            "other_sinks": sorted(self._recorder.other_sinks),
            "late": self._recorder.late,
        }
        beside = self._path.with_suffix(".new")
        beside.write_text(json.dumps(seen), encoding="utf-8")
        patiently(partial(beside.replace, self._path))
