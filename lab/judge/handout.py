"""The names that every cell finds defined, as in the handout: a session, three folders and two functions.

There are two more functions: one waits until deliveries are read, one prints the SEV0 log.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, Bucket
from lab.dataset import SHIPPED, Dataset
from lab.engine.cooldown import Cooldown
from lab.engine.workspace import Workspace
from lab.errors import LabError
from lab.sev0_output import read_log_output

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WAIT_SECONDS: Final = 20
_FOLDER_NAMES: Final = frozenset(folder.rstrip("/") for folder in FOLDERS)


class HandoutWorkspace(Workspace):
    """A workspace for running cells: a `Workspace` with the handout's names."""

    def __init__(self, bucket: Bucket, dataset: Dataset = SHIPPED, cooldown: Cooldown | None = None) -> None:
        super().__init__(bucket, dataset, cooldown)
        self.helpers = Helpers(self)

    def _given(self, session: "SparkSession") -> dict[str, Any]:
        return super()._given(session) | {
            "s3_log_data_uri": self.bucket.uri(LOG_DATA),
            "s3_log_data_live_uri": self.bucket.uri(LOG_DATA_LIVE),
            "s3_lab9_output_uri": self.bucket.uri(OUTPUT),
            **self.helpers.names,
        }


class Helpers:
    """The functions that a workspace defines for its cells."""

    def __init__(self, workspace: Workspace) -> None:
        # Where the functions print. `perform` sets it to the output of the cell that it runs.
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
        """Ignore deliveries, emptying and waits in the `with` block: a cell that runs again must not deliver again."""
        self._delivers = False
        try:
            yield
        finally:
            self._delivers = True

    def copy_s3_file_to_live_folder(self, *log_files: str, log_file: str = "", bucket_name: str = "") -> None:  # noqa: ARG002
        """Deliver one log file, or several together. A bucket's name is ignored: it is always the learner's own."""
        if not self._delivers:
            return
        names = [log_file] if log_file else []
        # The handout's function takes a file and a bucket.
        names += [name for number, name in enumerate(log_files) if not number or not _is_bucket(name)]
        for file in self._workspace.deliver(*(str(name).removeprefix(LOG_DATA) for name in names)):
            self.say(f"Copied {file.name} to {LOG_DATA_LIVE}")

    def empty_s3_folder(self, bucket_name: str = "", folder_path: str = "") -> None:
        """Empty the live folder or, if named, the output folder; raise LabError for others. Ignore a bucket's name."""
        if not self._delivers:
            return
        # A single argument may be a bucket or a folder.
        named = folder_path or ("" if _is_bucket(bucket_name) else bucket_name) or LOG_DATA_LIVE
        folder = f"{str(named).rstrip('/').rpartition('/')[2]}/"
        if folder == LOG_DATA_LIVE:
            self._workspace.empty_live()
        elif folder == OUTPUT:
            self._workspace.bucket.delete(OUTPUT)
        else:
            raise LabError(
                f"{named!r} is not emptied here: only {LOG_DATA_LIVE} and {OUTPUT} are.", "Name one of these, or none."
            )
        self.say(f"All files in the {folder} folder are removed")

    def wait_until_read(self, _seconds: float = 0) -> None:
        """Wait until every running query has read what was delivered; raise LabError after WAIT_SECONDS."""
        if self._delivers and not self._workspace.wait_until_read(WAIT_SECONDS):
            raise LabError(
                f"A query has not read everything in LogDataLive within {WAIT_SECONDS} seconds.",
                "Look at its query.exception() and query.status.",
            )

    def show_sev0_log(self) -> None:
        """Print the SEV0 log from the output folder: serverID and timestamp, one row per line."""
        for _, server, timestamp in read_log_output(self._workspace.bucket).rows:
            self.say(f"{server} {'null' if timestamp is None else timestamp}")


def _is_bucket(name: object) -> bool:
    """Return whether a text is a bucket's name: it has no dot (log file) and no slash (folder), and names no folder."""
    return isinstance(name, str) and not re.search(r"[./]", name) and name not in _FOLDER_NAMES
