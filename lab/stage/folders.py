"""The state of each log file: to be delivered, waiting, read, refused, or never to be read again."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from datetime import datetime

from lab.bucket import is_read_by_spark, refusal_of_name
from lab.records import LogFile
from lab.stage.moment import Chip


@dataclass(frozen=True)
class Lying:
    """A file of the live folder, and when it was written (UTC)."""

    file: LogFile
    modified: datetime


@dataclass(frozen=True)
class Folders:
    """The files in the two folders now."""

    data: tuple[LogFile, ...]
    live: tuple[Lying, ...]


def chips(
    data: Collection[LogFile], live: Collection[LogFile], read_at: Mapping[str, int], again: Collection[str]
) -> tuple[Chip, ...]:
    """Return every file of the two folders, sorted by name; a delivered file is shown only in the live folder.

    `read_at` is the batch that has read each name, `again` are the names that were written again since.
    """
    there = {file.name: _live(file, read_at, again) for file in live}
    known = {file.name: _data(file, read_at) for file in data if file.name not in there}
    return tuple(chip for _, chip in sorted((there | known).items()))


def _live(file: LogFile, read_at: Mapping[str, int], again: Collection[str]) -> Chip:
    batch, why = read_at.get(file.name), refusal_of_name(file.name)
    if not is_read_by_spark(file.name):
        return Chip(file, "LogDataLive", "ignored", why=why)
    if file.name in again:
        why = "The query has read this name before, and never reads a name twice."
        return Chip(file, "LogDataLive", "not read again", batch, why)
    if batch is None:
        return Chip(file, "LogDataLive", "waiting", why=why)
    return Chip(file, "LogDataLive", "read", batch, why)


def _data(file: LogFile, read_at: Mapping[str, int]) -> Chip:
    if why := refusal_of_name(file.name) or (str(file.problems[0]) if file.problems else ""):
        return Chip(file, "LogData", "refused", why=why)
    batch = read_at.get(file.name)
    why = "" if batch is None else f"Batch {batch} has read this name; the query will not read it again."
    return Chip(file, "LogData", "to be delivered", batch, why)
