"""What a bucket must hold before the lesson can begin."""

import time
from dataclasses import dataclass
from typing import Final

from lab.bucket import LOG_DATA, Bucket, files_in
from lab.dataset import FILES, SHIPPED, Dataset

ASK_AGAIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Missing:
    """What is not there: folders, by their prefixes, and log files in LogData, by their names."""

    folders: tuple[str, ...] = ()
    log_files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.folders or self.log_files)


class SetUp:
    """Whether a bucket is set up, asked of it every ASK_AGAIN_SECONDS at most once it is."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._ask_again_at = 0.0

    def missing(self) -> Missing:
        """What is not there; raises LabError when the bucket cannot be reached."""
        if time.monotonic() > self._ask_again_at:
            if lack := missing(self._bucket):
                return lack
            self._ask_again_at = time.monotonic() + ASK_AGAIN_SECONDS
        return Missing()


def missing(bucket: Bucket) -> Missing:
    """What `set_up` would have to make."""
    return Missing(bucket.missing_folders(), _missing_log_files(bucket))


def set_up(bucket: Bucket, dataset: Dataset = SHIPPED) -> None:
    """Make what is missing of the three folders, and of the four log files in LogData."""
    bucket.make_folders()
    for name in _missing_log_files(bucket):
        bucket.write(LOG_DATA + name, dataset.content(name))


def _missing_log_files(bucket: Bucket) -> tuple[str, ...]:
    there = {entry.name for entry in files_in(bucket, LOG_DATA)}
    return tuple(name for name in FILES if name not in there)
