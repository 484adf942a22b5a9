"""Where the buckets are of workspaces that are gone a moment later, such as a check's."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket import Bucket
from lab.bucket.folder import FolderBucket

if TYPE_CHECKING:
    from collections.abc import Callable


class FleetingBuckets:
    """Makes them in folders, where they cost no request, unless Spark works on machines that do not see these.

    Then the engine sets `elsewhere`, which makes one that they see. There is one, since there is one Spark.
    """

    def __init__(self) -> None:
        self.elsewhere: Callable[[], Bucket] | None = None

    def make(self, folder: Path) -> Bucket:
        """Return a bucket of its own, to be discarded by whoever asks; `folder` is where a folder may be made."""
        if self.elsewhere:
            return self.elsewhere()
        folder.mkdir(parents=True, exist_ok=True)
        return FolderBucket(Path(tempfile.mkdtemp(dir=folder)))


FLEETING: Final = FleetingBuckets()
