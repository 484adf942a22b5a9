"""The SEV0 log as it stands in the output folder."""

import re
from dataclasses import dataclass

from lab.bucket import OUTPUT, Bucket, Entry
from lab.lesson.steps import SEV0_FOLDER

# What the foreachBatch function of the lesson writes: a folder a batch, in it Spark's part files.
_PART = re.compile(re.escape(OUTPUT + SEV0_FOLDER) + r"batch=(\d+)/part-[^/]+\.csv")


@dataclass(frozen=True)
class LogOutput:
    """The files of the output folder, and the rows in them: batch, serverID, timestamp, in the order of the log."""

    files: tuple[Entry, ...]
    rows: tuple[tuple[int, str, int], ...]

    @property
    def newest(self) -> int | None:
        """The number of the newest batch that has rows."""
        return self.rows[-1][0] if self.rows else None


def read_log_output(bucket: Bucket) -> LogOutput:
    """Read the SEV0 log, batch by batch; only finished part files count."""
    files = tuple(entry for entry in bucket.list(OUTPUT) if entry.key.startswith(OUTPUT + SEV0_FOLDER))
    parts = sorted((int(match.group(1)), entry.key) for entry in files if (match := _PART.fullmatch(entry.key)))
    rows = []
    for batch, key in parts:
        for line in bucket.read(key).decode("utf-8").splitlines():
            server, _, timestamp = line.partition(",")
            rows.append((batch, server, int(timestamp)))
    return LogOutput(files, tuple(rows))
