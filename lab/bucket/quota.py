"""The quota of a learner's folders, so that one learner cannot fill the disk or the memory for everybody."""

from dataclasses import dataclass
from typing import Final

from lab.bucket import FOLDERS, Bucket
from lab.errors import LabError

# The log files of the lab, with output and checkpoints, are a few hundred files and less than a megabyte.
MAX_FILES: Final = 10_000
MAX_BYTES: Final = 50_000_000


class FullBucketError(LabError):
    """The folders have reached their quota."""


@dataclass(frozen=True)
class Used:
    """The number of files in a bucket, and their size in bytes."""

    files: int
    size: int


def used(bucket: Bucket) -> Used:
    """Count the files of a bucket, including output and checkpoints; raise LabError when it cannot be reached."""
    sizes = [entry.size for prefix in FOLDERS for entry in bucket.list(prefix)]
    return Used(len(sizes), sum(sizes))


def require_room(bucket: Bucket, files: int = 0, size: int = 0) -> None:
    """Raise FullBucketError if a bucket would exceed its quota with so many more files and bytes."""
    there = used(bucket)
    if there.files + files > MAX_FILES or there.size + size > MAX_BYTES:
        more = f", and {files} of {size:,} bytes would come" if files else ""
        raise FullBucketError(
            f"Your folders hold {there.files:,} files of {there.size:,} bytes{more}: more than the {MAX_FILES:,} files and "
            f"{MAX_BYTES:,} bytes that they may.",
            "Stop the query that writes so much, and start over (in the sidebar): code and texts stay.",
        )
