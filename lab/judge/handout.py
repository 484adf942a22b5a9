"""What every cell finds defined, as in the handout: a session, three folders, two functions; and two functions more.

These two look at what came of deliveries.
"""

import contextlib
import re
from collections.abc import Callable, Iterator, Mapping
from typing import TYPE_CHECKING, Any, Final

from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, Bucket
from lab.dataset import SHIPPED, Dataset
from lab.engine.rest import Rest
from lab.engine.workspace import Workspace
from lab.errors import LabError
from lab.sev0_output import read_log_output

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

WAIT_SECONDS: Final = 20
_FOLDER_NAMES: Final = frozenset(folder.rstrip("/") for folder in FOLDERS)


class HandoutWorkspace(Workspace):
    """A workspace in which cells are run. See `Workspace`."""

    def __init__(self, bucket: Bucket, dataset: Dataset = SHIPPED, rest: Rest | None = None) -> None:
        super().__init__(bucket, dataset, rest)
        self.helpers = Helpers(self)

    def _given(self, session: "SparkSession") -> dict[str, Any]:
        return super()._given(session) | {
            "s3_log_data_uri": self.bucket.uri(LOG_DATA),
            "s3_log_data_live_uri": self.bucket.uri(LOG_DATA_LIVE),
            "s3_lab9_output_uri": self.bucket.uri(OUTPUT),
            **self.helpers.names,
        }


class Helpers:
    """The functions of one workspace."""

    def __init__(self, workspace: Workspace) -> None:
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

    def copy_s3_file_to_live_folder(self, *log_files: str, log_file: str = "", bucket_name: str = "") -> None:  # noqa: ARG002
        """Deliver one log file, or several together. A bucket may be named, as in the handout: it is the learner's own."""
        if not self._delivers:
            return
        names = [log_file] if log_file else []
        # The handout's function takes a file and a bucket.
        names += [name for number, name in enumerate(log_files) if not number or not _is_bucket(name)]
        for file in self._workspace.deliver(*(str(name).removeprefix(LOG_DATA) for name in names)):
            self.say(f"Copied {file.name} to {LOG_DATA_LIVE}")

    def empty_s3_folder(self, bucket_name: str = "", folder_path: str = "") -> None:
        """Empty the live folder or, if that is named, the output folder. A bucket may be named, too, as in the handout."""
        if not self._delivers:
            return
        # One that is given alone may be either.
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


def _is_bucket(name: object) -> bool:
    """Return whether a text can only be the name of a bucket: a log file has an ending, and a folder ends with a slash."""
    return isinstance(name, str) and not re.search(r"[./]", name) and name not in _FOLDER_NAMES
