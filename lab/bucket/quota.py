"""How much a learner's folders may hold, so that one cannot fill the disk, or the memory, of all."""

from dataclasses import dataclass
from typing import Final

from lab.bucket import FOLDERS, Bucket
from lab.errors import LabError

# The log files of the lab, with output and checkpoints, are some hundred files and less than a megabyte.
MAX_FILES: Final = 10_000
MAX_BYTES: Final = 50_000_000


class FullBucketError(LabError):
    """The folders hold as much as they may."""


@dataclass(frozen=True)
class Used:
    """What a bucket holds."""

    files: int
    size: int


def used(bucket: Bucket) -> Used:
    """Count what is in a bucket, in output and checkpoints, too; raise LabError when it cannot be asked."""
    sizes = [entry.size for prefix in FOLDERS for entry in bucket.list(prefix)]
    return Used(len(sizes), sum(sizes))


def require_room(bucket: Bucket, files: int = 0, size: int = 0) -> None:
    """Raise FullBucketError if a bucket would hold more than it may with so much besides."""
    there = used(bucket)
    if there.files + files > MAX_FILES or there.size + size > MAX_BYTES:
        more = f", and {files} of {size:,} bytes would come" if files else ""
        raise FullBucketError(
            f"Your folders hold {there.files:,} files of {there.size:,} bytes{more}: more than the {MAX_FILES:,} files and "
            f"{MAX_BYTES:,} bytes that they may.",
            "Stop the query that writes so much, and start over (in the sidebar): code and texts stay.",
        )
