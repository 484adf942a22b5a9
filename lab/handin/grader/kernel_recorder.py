"""The recorder in a real kernel: cells that the grader inserts between those of the notebook call it.

It writes what it has seen into a file after each cell, so nothing is lost when the kernel is killed.
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
from lab.system import retry_while_in_use

# The environment variables with the path of the file and the timeout of the notebook.
FILE: Final = "LAB_SNAPSHOTS"
SECONDS: Final = "LAB_SECONDS"


class KernelWorkspace:
    """The workspace of a notebook after its setup cells have run; see `recorder.Watched`. `names` are its variables."""

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
        """Always empty, because there is no listener here: only queries that run or have a name are known."""
        return frozenset()

    def wait_until_read(self, seconds: float) -> bool:
        """Wait until the running queries have read what is in the live folder; return False after the timeout."""
        deadline = time.monotonic() + seconds
        return all(facts.finish_reading(query, max(0.0, deadline - time.monotonic())) for query in self.active)


class KernelRecorder:
    """The recorder that the grader's cells create and call."""

    def __init__(self, names: dict[str, Any]) -> None:
        self._path = Path(os.environ[FILE])
        # The setup cells have just run.
        wanted = asked_for(tuple(names[LOG_FILES]))
        self._recorder = Recorder(KernelWorkspace(names), time.monotonic() + float(os.environ[SECONDS]), wanted)
        sleep = time.sleep
        thread = threading.current_thread()

        def wait(seconds: Any) -> None:
            # In the notebook's own thread, a sleep waits for its queries. Other threads really sleep.
            if threading.current_thread() is thread:
                self._recorder.sleep(seconds)
            else:
                sleep(seconds)

        time.sleep = wait

    def after_cell(self) -> None:
        """Take a snapshot if needed, and write the file; called after each cell of the notebook."""
        # Ignore the exception of a failed query: its state says why it failed.
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
        retry_while_in_use(partial(beside.replace, self._path))
