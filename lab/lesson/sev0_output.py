"""The SEV0 log as it stands in the output folder."""

import csv
import re
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from lab.bucket import OUTPUT, Bucket, Entry, MissingObjectError
from lab.lesson.steps import SEV0_FOLDER

# What the foreachBatch function of the lesson writes: a folder a batch, in it Spark's part files and a marker.
_FILE: Final = re.compile(re.escape(OUTPUT + SEV0_FOLDER) + r"batch=(\d+)/(part-[^/]+\.csv|_SUCCESS)")


@dataclass(frozen=True)
class OutputFile:
    """A finished file of the output folder; `batch` is the number of the batch that wrote it."""

    batch: int
    entry: Entry
    content: str


@dataclass(frozen=True)
class LogOutput:
    """The files of the output folder, batch by batch, and the rows in them, in the order of the log.

    A row is batch, serverID, timestamp; the timestamp is None where Spark could not read one in the log file.
    """

    files: tuple[OutputFile, ...]
    rows: tuple[tuple[int, str, int | None], ...]

    @property
    def newest(self) -> int:
        """The number of the newest batch, also when it brought no row; -1 before the first."""
        return max((file.batch for file in self.files), default=-1)


def read_log_output(bucket: Bucket) -> LogOutput:
    """Read the SEV0 log. What a batch that is being written has in its temporary folder does not count yet."""
    files = []
    for entry in bucket.list(OUTPUT):
        if match := _FILE.fullmatch(entry.key):
            try:
                content = bucket.read(entry.key).decode("utf-8", "replace")
            except MissingObjectError:
                continue  # a batch that is run again replaces its folder
            files.append(OutputFile(int(match.group(1)), entry, content))
    files.sort(key=lambda file: (file.batch, file.entry.key))
    rows: list[tuple[int, str, int | None]] = []
    for batch, parts in groupby(files, key=lambda file: file.batch):
        for row in csv.reader(line for part in parts for line in part.content.splitlines()):
            server, timestamp = (*row, "", "")[:2]
            rows.append((batch, server, int(timestamp) if timestamp.isdecimal() else None))
    return LogOutput(tuple(files), tuple(rows))
