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
    there = {entry.name for entry in files_in(bucket, LOG_DATA)}
    return Missing(bucket.missing_folders(), tuple(name for name in dataset.FILES if name not in there))


def set_up(bucket: Bucket) -> None:
    """Make what is missing of the three folders, and of the four log files in LogData."""
    bucket.make_folders()
    for name in missing(bucket).log_files:
        bucket.write(LOG_DATA + name, dataset.content(name))
