"""Temporary buckets, for workspaces that exist only for a moment, such as that of a check."""

import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket import Bucket
from lab.bucket.folder import FolderBucket

if TYPE_CHECKING:
    from collections.abc import Callable


class TemporaryBuckets:
    """The factory of temporary buckets: in folders, where they cost no requests.

    If Spark works on machines that cannot see these folders, the engine sets `elsewhere`, a factory of buckets that
    they can see. There is one such object, because there is one Spark.
    """

    def __init__(self) -> None:
        self.elsewhere: Callable[[], Bucket] | None = None

    def make(self, folder: Path) -> Bucket:
        """Return a new bucket, which the caller must discard; `folder` is where a folder may be made for it."""
        if self.elsewhere:
            return self.elsewhere()
        folder.mkdir(parents=True, exist_ok=True)
        return FolderBucket(Path(tempfile.mkdtemp(dir=folder)))


TEMPORARY_BUCKETS: Final = TemporaryBuckets()
