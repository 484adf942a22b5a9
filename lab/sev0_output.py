"""The SEV0 log in the output folder, in any form in which a learner's query may have written it."""

import csv
import json
import re
from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby
from typing import Final

from lab.bucket import OUTPUT, Bucket, Entry, MissingObjectError, content

# The log of Spark's csv sink: which files each batch has written (FileStreamSinkLog).
_SINK_LOG: Final = re.compile(r"(?P<folder>.*/)_spark_metadata/(?P<batch>\d+)(?P<compact>\.compact)?")
_NUMBER: Final = re.compile(r"(\d+)$")
_LOG_NAME: Final = "sev0"  # the 0 at its end is not a batch number
HEADER: Final = ("serverID", "timestamp")
# As many digits as Spark's largest long has.
MAX_DIGITS: Final = 19
# A learner's code may write one very long field. This is the largest limit that Python accepts on every system.
csv.field_size_limit(2**31 - 1)


@dataclass(frozen=True)
class OutputFile:
    """A finished file of the output folder; `batch` is the number of the batch that wrote it."""

    batch: int
    entry: Entry
    content: str


@dataclass(frozen=True)
class LogOutput:
    """The files of the output folder, batch by batch, and their rows in the order of the log.

    A row is (batch, serverID, timestamp); the timestamp is None where the output has no number there.
    """

    files: tuple[OutputFile, ...]
    rows: tuple[tuple[int, str, int | None], ...]

    @property
    def newest(self) -> int:
        """The number of the newest batch, even if it wrote no row; -1 before the first batch."""
        return max((file.batch for file in self.files), default=-1)


def read_log_output(bucket: Bucket, without: Collection[str] = ()) -> LogOutput:
    """Read the SEV0 log from every csv file of a finished batch below the output folder; with commas or blanks.

    Leave out everything at or below the keys in `without`.

    The batch of a file is the one in the csv sink's own log; else the number at the end of the folder's name; else each
    file counts as a batch, oldest first.
    """
    return log_output_of(
        bucket,
        [entry for entry in bucket.list(OUTPUT) if not any(f"{entry.key}/".startswith(f"{key}/") for key in without)],
    )


def log_output_of(bucket: Bucket, entries: Sequence[Entry]) -> LogOutput:
    """Read the SEV0 log, as `read_log_output` does, from entries that are already listed."""
    sinks = _sinks(bucket, entries)
    files: list[OutputFile] = []
    for number, entry in enumerate(sorted(filter(_is_output, entries), key=lambda entry: (entry.modified, entry.key))):
        batch = _batch(entry, sinks, number)
        if batch is None:
            continue
        try:
            text = content(bucket, entry).decode("utf-8", "replace")
        except MissingObjectError:
            continue  # a batch that runs again replaces its folder
        files.append(OutputFile(batch, entry, text))
    files.sort(key=lambda file: (file.batch, file.entry.modified, file.entry.key))
    rows: list[tuple[int, str, int | None]] = []
    for batch, parts in groupby(files, key=lambda file: file.batch):
        for row in rows_in(line for part in parts for line in part.content.splitlines()):
            server, timestamp = (*row, "", "")[:2]
            rows.append(
                (batch, server, int(timestamp) if timestamp.isdecimal() and len(timestamp) <= MAX_DIGITS else None)
            )
    return LogOutput(tuple(files), tuple(rows))


def rows_in(lines: Iterable[str]) -> Iterator[tuple[str, ...]]:
    """Yield the rows of a log with all their fields, without headers."""
    for fields in csv.reader(lines):
        # Spark's csv may use another separator; the lab's own notation of a row uses a blank.
        row = tuple(fields[0].rsplit(maxsplit=1) if len(fields) == 1 else fields)
        if row != HEADER:
            yield row


def _is_output(entry: Entry) -> bool:
    """Return whether this is a csv file or a _SUCCESS marker; Spark keeps unfinished files in a hidden folder."""
    *folders, name = entry.key.removeprefix(OUTPUT).split("/")
    return not any(folder.startswith(("_", ".")) for folder in folders) and (
        name == "_SUCCESS" or (name.endswith(".csv") and not name.startswith(("_", ".")))
    )


def _batch(entry: Entry, sinks: Mapping[str, Mapping[str, int]], number: int) -> int | None:
    """Return the batch of a file; None if it is in a csv sink's folder and the sink's log does not list it."""
    for folder, batches in sinks.items():
        if entry.key == folder + entry.name:
            return batches.get(entry.name)
    folders = entry.key.removeprefix(OUTPUT).split("/")[:-1]
    found = _NUMBER.search(folders[-1]) if folders and folders[-1] != _LOG_NAME else None
    return int(found.group()) if found else number


def _sinks(bucket: Bucket, entries: Sequence[Entry]) -> dict[str, dict[str, int]]:
    """Return the folders of csv sinks, each with the batch of every file in the sink's log."""
    sinks: dict[str, dict[str, int]] = {}
    for entry in entries:
        if match := _SINK_LOG.fullmatch(entry.key):
            batches = sinks.setdefault(match["folder"], {})
            try:
                lines = content(bucket, entry).decode("utf-8").splitlines()[1:]
            except MissingObjectError:
                continue
            for line in lines:
                name = json.loads(line)["path"].rpartition("/")[2]
                # A compacted log repeats the files of earlier batches.
                if not match["compact"] or name not in batches:
                    batches[name] = min(int(match["batch"]), batches.get(name, int(match["batch"])))
    return sinks
