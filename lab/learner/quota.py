"""The quota of a learner's folders: stops their queries when they are full. Nothing else checks between two batches."""

import contextlib
import logging
import threading
import time
from collections.abc import Callable
from typing import Final

from lab.bucket.quota import FullBucketError, require_room
from lab.engine.workspace import Workspace
from lab.errors import LabError

# Batches may be more frequent, but each check lists the folders.
LOOK_SECONDS: Final = 1.0

_log = logging.getLogger(__name__)


class Quota:
    """Checks a workspace's bucket after each batch of a query; calls `tell` with a sentence when it stopped queries."""

    def __init__(self, workspace: Workspace, tell: Callable[[str], object]) -> None:
        self._workspace = workspace
        self._tell = tell
        self._looks = threading.Lock()
        workspace.observations.changes.subscribe(self._look_soon)

    def _look_soon(self) -> None:
        # Spark's listener calls this and must not wait: without the listener, no query can be stopped.
        if self._looks.acquire(blocking=False):
            threading.Thread(target=self._look, name="quota", daemon=True).start()

    def _look(self) -> None:
        time.sleep(LOOK_SECONDS)
        self._looks.release()
        # Other code reports an unreachable bucket.
        with contextlib.suppress(LabError):
            try:
                require_room(self._workspace.bucket)
            except FullBucketError as full:
                self._stop(full)

    def _stop(self, full: FullBucketError) -> None:
        if not self._workspace.observations.runs or all(run.ended for run in self._workspace.observations.runs):
            return
        try:
            self._workspace.stop_queries()
        except Exception:
            _log.exception("the queries of a learner whose folders are full could not be stopped")
            return
        self._tell(f"Your queries were stopped. {full}")
