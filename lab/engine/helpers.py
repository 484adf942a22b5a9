"""The functions that a cell may call besides Spark's: two of the handout, and two that look at what came of deliveries."""

import contextlib
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from lab.bucket import LOG_DATA_LIVE
from lab.engine.sev0_output import read_log_output
from lab.errors import LabError

if TYPE_CHECKING:
    from lab.engine.workspace import Workspace

WAIT_SECONDS: Final = 20


class Helpers:
    """Those of one workspace."""

    def __init__(self, workspace: "Workspace") -> None:
        # Where they print to: whoever runs a cell puts the cell's output here.
        self.say: Callable[[str], None] = print
        self._workspace = workspace
        self._delivers = True

    @property
    def names(self) -> Mapping[str, Any]:
        """The functions by the names under which a cell calls them."""
        return {
            "copy_s3_file_to_live_folder": self.copy_s3_file_to_live_folder,
            "empty_s3_folder": self.empty_s3_folder,
            "wait_until_read": self.wait_until_read,
            "show_sev0_log": self.show_sev0_log,
        }

    @contextlib.contextmanager
    def without_deliveries(self) -> Iterator[None]:
        """Meanwhile nothing is delivered, emptied or waited for: a cell that runs once more must not deliver once more."""
        self._delivers = False
        try:
            yield
        finally:
            self._delivers = True

    def copy_s3_file_to_live_folder(self, *log_files: str) -> None:
        """Deliver one log file, or several together."""
        if not self._delivers:
            return
        for file in self._workspace.deliver(*log_files):
            self.say(f"Copied {file.name} to {LOG_DATA_LIVE}")

    def empty_s3_folder(self) -> None:
        """Empty the live folder."""
        if not self._delivers:
            return
        self._workspace.empty_live()
        self.say(f"All files in the {LOG_DATA_LIVE} folder are removed")

    def wait_until_read(self) -> None:
        """Wait until every running query has read what was delivered; raises LabError when one has not in WAIT_SECONDS."""
        if self._delivers and not self._workspace.wait_until_read(WAIT_SECONDS):
            raise LabError(
                f"A query has not read everything in LogDataLive within {WAIT_SECONDS} seconds.",
                "Look at its query.exception() and query.status.",
            )

    def show_sev0_log(self) -> None:
        """Print the SEV0 log as it stands in the output folder: serverID and timestamp, a row a line."""
        for _, server, timestamp in read_log_output(self._workspace.bucket).rows:
            self.say(f"{server} {'null' if timestamp is None else timestamp}")
