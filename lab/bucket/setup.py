"""The initial content of a bucket, which the lesson needs."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.bucket import LOG_DATA, Bucket, Entry, content, files_in
from lab.dataset import SHIPPED, Dataset

ASK_AGAIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Missing:
    """What a bucket lacks: folders, by prefix, and log files in LogData, by name.

    `other_data` says that all four log files exist but none has the content of the dataset: somebody used this bucket
    with other log files. If only some differ, the learner has replaced them.
    """

    folders: tuple[str, ...] = ()
    log_files: tuple[str, ...] = ()
    other_data: bool = False

    def __bool__(self) -> bool:
        return bool(self.folders or self.log_files or self.other_data)


class SetUp:
    """The cached answer whether a bucket is set up; if it is, the bucket is asked again after ASK_AGAIN_SECONDS."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._ask_again_at = 0.0
        self._seed = ""

    def missing(self, dataset: Dataset) -> Missing:
        """Return which folders and files of a dataset are missing; raise LabError when the bucket cannot be reached."""
        if dataset.seed != self._seed or time.monotonic() > self._ask_again_at:
            if lack := missing(self._bucket, dataset):
                return lack
            self._seed, self._ask_again_at = dataset.seed, time.monotonic() + ASK_AGAIN_SECONDS
        return Missing()


def missing(bucket: Bucket, dataset: Dataset = SHIPPED) -> Missing:
    """Return what `set_up` would have to create, and whether the bucket has other log files."""
    there = _log_files(bucket)
    absent = _absent(there, dataset)
    # This costs little: deliveries read the same contents later, from the cache, and the first file nearly always
    # decides.
    other = not absent and all(content(bucket, there[name]) != dataset.content(name) for name in dataset.files)
    return Missing(bucket.missing_folders(), absent, other)


def set_up(bucket: Bucket, dataset: Dataset = SHIPPED) -> None:
    """Create the missing ones of the three folders, and of the four log files in LogData."""
    bucket.make_folders()
    for name in _absent(_log_files(bucket), dataset):
        bucket.write(LOG_DATA + name, dataset.content(name))


def _log_files(bucket: Bucket) -> dict[str, Entry]:
    return {entry.name: entry for entry in files_in(bucket, LOG_DATA)}


def _absent(there: Mapping[str, Entry], dataset: Dataset) -> tuple[str, ...]:
    return tuple(name for name in dataset.files if name not in there)
