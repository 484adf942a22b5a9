"""What a bucket must hold before the lesson can begin."""

import time
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from lab.bucket import LOG_DATA, Bucket, Entry, content, files_in
from lab.dataset import SHIPPED, Dataset

ASK_AGAIN_SECONDS: Final = 10.0


@dataclass(frozen=True)
class Missing:
    """What is not there: folders, by their prefixes, and log files in LogData, by their names.

    `other_data` says that all four are there and not one is that of the dataset: somebody was here with other log files.
    A single one that is another has been put there by the learner.
    """

    folders: tuple[str, ...] = ()
    log_files: tuple[str, ...] = ()
    other_data: bool = False

    def __bool__(self) -> bool:
        return bool(self.folders or self.log_files or self.other_data)


class SetUp:
    """Whether a bucket is set up, asked of it every ASK_AGAIN_SECONDS at most once it is."""

    def __init__(self, bucket: Bucket) -> None:
        self._bucket = bucket
        self._ask_again_at = 0.0
        self._seed = ""

    def missing(self, dataset: Dataset) -> Missing:
        """Return what is not there of a dataset and of the folders; raises LabError when the bucket cannot be reached."""
        if dataset.seed != self._seed or time.monotonic() > self._ask_again_at:
            if lack := missing(self._bucket, dataset):
                return lack
            self._seed, self._ask_again_at = dataset.seed, time.monotonic() + ASK_AGAIN_SECONDS
        return Missing()


def missing(bucket: Bucket, dataset: Dataset = SHIPPED) -> Missing:
    """Return what `set_up` would have to make, and whether it would find other log files."""
    there = _log_files(bucket)
    absent = _absent(there, dataset)
    # Deliveries read the same contents later, which are kept until then; and nearly always the first one decides.
    other = not absent and all(content(bucket, there[name]) != dataset.content(name) for name in dataset.files)
    return Missing(bucket.missing_folders(), absent, other)


def set_up(bucket: Bucket, dataset: Dataset = SHIPPED) -> None:
    """Make what is missing of the three folders, and of the four log files in LogData."""
    bucket.make_folders()
    for name in _absent(_log_files(bucket), dataset):
        bucket.write(LOG_DATA + name, dataset.content(name))


def _log_files(bucket: Bucket) -> dict[str, Entry]:
    return {entry.name: entry for entry in files_in(bucket, LOG_DATA)}


def _absent(there: Mapping[str, Entry], dataset: Dataset) -> tuple[str, ...]:
    return tuple(name for name in dataset.files if name not in there)
