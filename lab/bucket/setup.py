"""What a bucket must hold before the lesson can begin."""

from dataclasses import dataclass

from lab import dataset
from lab.bucket import LOG_DATA, Bucket, files_in


@dataclass(frozen=True)
class Missing:
    """What is not there: folders, by their prefixes, and log files in LogData, by their names."""

    folders: tuple[str, ...] = ()
    log_files: tuple[str, ...] = ()

    def __bool__(self) -> bool:
        return bool(self.folders or self.log_files)


def missing(bucket: Bucket) -> Missing:
    """What `set_up` would have to make."""
    return Missing(bucket.missing_folders(), _missing_log_files(bucket))


def set_up(bucket: Bucket) -> None:
    """Make what is missing of the three folders, and of the four log files in LogData."""
    bucket.make_folders()
    for name in _missing_log_files(bucket):
        bucket.write(LOG_DATA + name, dataset.content(name))


def _missing_log_files(bucket: Bucket) -> tuple[str, ...]:
    there = {entry.name for entry in files_in(bucket, LOG_DATA)}
    return tuple(name for name in dataset.FILES if name not in there)
