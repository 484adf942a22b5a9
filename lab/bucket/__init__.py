"""Where LogData/, LogDataLive/ and the output live, and how a log file is delivered.

A bucket holds objects under keys with `/` in them, as S3 does; `folder.py` keeps them in a local folder, `s3.py` in S3.
"""

import contextlib
import re
import threading
from collections.abc import Callable, Hashable, Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final, Protocol, TypeVar, cast
from weakref import WeakKeyDictionary

from lab.errors import LabError
from lab.records import MAX_BYTES, LogFile, read_log_file, require_records, too_large
from lab.system import refusal_of_file_name

T = TypeVar("T")

LOG_DATA: Final = "LogData/"
LOG_DATA_LIVE: Final = "LogDataLive/"
OUTPUT: Final = "Lab9Output/"
FOLDERS: Final = (LOG_DATA, LOG_DATA_LIVE, OUTPUT)
# Nobody can edit a file in LogData from a page.
CORRECT_IT: Final = (
    "Correct the file on your computer and put it into LogData again, under the same name: it takes the place of this one. "
    "Then deliver it."
)
# A log file, and a part of the output, has some hundred bytes.
KEPT_BYTES: Final = 20_000
KEPT_OBJECTS: Final = 256


@dataclass(frozen=True)
class Entry:
    """One object: its key, its size in bytes, when it was written (UTC), and a mark that changes with its content."""

    key: str
    size: int
    modified: datetime
    version: str

    @property
    def name(self) -> str:
        """The last part of the key."""
        return self.key.rpartition("/")[2]


@dataclass(frozen=True)
class Copy:
    """An object as it was listed, and the key of its copy."""

    source: Entry
    key: str


class Bucket(Hashable, Protocol):
    """One learner's part of a bucket; every key is relative to it.

    Each method raises LabError with a sentence for the learner when the place behind it refuses.
    """

    def uri(self, prefix: str) -> str:
        """Return the address that Spark reads and writes; ends in `/` as the prefix does."""

    def list(self, prefix: str) -> Sequence[Entry]:
        """Return every object whose key starts with the prefix, by key; a prefix ends in `/`."""

    def read(self, key: str) -> bytes:
        """Return an object's content."""

    def write(self, key: str, data: bytes) -> None:
        """Make or replace an object; a reader sees all of it or nothing."""

    def copy_together(self, copies: Sequence[Copy]) -> None:
        """Make copies visible at one time, as nearly as the place behind it can.

        A reader sees all of a copy or nothing. Raises ChangedObjectError for a source that is not as it was listed, and
        says which copies were made, should it be some and not all.
        """

    def remove(self, key: str) -> None:
        """Delete one object, if it is there."""

    def delete(self, prefix: str) -> int:
        """Delete every object below the prefix, keep the folder itself; gives the number of objects."""

    def missing_folders(self) -> tuple[str, ...]:
        """Return those of FOLDERS that are not there; Spark cannot open a stream on such a folder."""

    def make_folders(self) -> None:
        """Make all of FOLDERS that are not there."""

    def discard(self) -> None:
        """Delete what nobody will come back to: the learner has left."""


class MissingObjectError(LabError):
    """An object that was there a moment ago, or never."""


class ChangedObjectError(LabError):
    """An object that is no longer as it was read."""


def read_folder(bucket: Bucket, prefix: str) -> tuple[LogFile, ...]:
    """Return every file directly in a folder, read as a log file (a line that is no record becomes a Problem)."""
    return read_files(bucket, files_in(bucket, prefix))


def read_files(bucket: Bucket, entries: Iterable[Entry]) -> tuple[LogFile, ...]:
    """Return these files, as `read_folder` reads them; without those that are gone."""
    files = []
    for entry in entries:
        with contextlib.suppress(MissingObjectError):
            files.append(_once(_read, bucket, entry))
    return tuple(files)


def files_in(bucket: Bucket, prefix: str) -> tuple[Entry, ...]:
    """Return what lies directly in a folder; Spark's file source does not look below it either."""
    return tuple(entry for entry in bucket.list(prefix) if entry.key == prefix + entry.name)


def content(bucket: Bucket, entry: Entry) -> bytes:
    """Return what an object holds that was listed; it is read once for each version, unless it is large.

    Pages look into the folders all the time, and on S3 each reading is a request.
    """
    return _once(_content, bucket, entry) if entry.size <= KEPT_BYTES else _content(bucket, entry)


def _content(bucket: Bucket, entry: Entry) -> bytes:
    return bucket.read(entry.key)


def _read(bucket: Bucket, entry: Entry) -> LogFile:
    # What is too large for a log file is not even fetched.
    if entry.size > MAX_BYTES:
        return too_large(entry.name, entry.size)
    return read_log_file(entry.name, content(bucket, entry))


# What was read of the objects of a bucket, and which version of each; it goes with the bucket.
_kept: Final[WeakKeyDictionary[Bucket, dict[tuple[Any, str], tuple[Entry, Any]]]] = WeakKeyDictionary()
_keeping: Final = threading.Lock()


def _once(read: Callable[[Bucket, Entry], T], bucket: Bucket, entry: Entry) -> T:
    """Return what is read of an object, which is done once for each version; of the objects that were read last."""
    with _keeping:
        kept = _kept.setdefault(bucket, {})
        version, found = kept.get((read, entry.key), (None, None))
    if version != entry:
        found = read(bucket, entry)
        with _keeping:
            kept[read, entry.key] = (entry, found)
            if len(kept) > KEPT_OBJECTS:
                del kept[next(iter(kept))]
    return cast("T", found)


# Python 3.11 deletes a folder with a call inside a call for each level, and of 1,200 nothing could be deleted any more.
MAX_PARTS: Final = 20
MAX_KEY: Final = 300


def is_short(key: str) -> bool:
    """Return whether a key has as few parts, and characters, as files in a bucket may have."""
    return len(key) <= MAX_KEY and len(key.split("/")) <= MAX_PARTS


def key_of(bucket: Bucket, address: str) -> str | None:
    """Return the key of an address of Spark's, without a slash at its end; None if it is in none of the lab's folders."""
    place = normal_address(address)
    for prefix in FOLDERS:
        folder = normal_address(bucket.uri(prefix))
        if f"{place}/".startswith(f"{folder}/"):
            return prefix.rstrip("/") + place.removeprefix(folder)
    return None


# An address below one of the three folders of any bucket, as the handout writes it.
_FOREIGN: Final = re.compile(
    rf"s3[an]?://[^/\s]{{1,100}}/(?:[\w.-]{{1,100}}/)?(?P<folder>{'|'.join(folder.rstrip('/') for folder in FOLDERS)})"
    r"(?:/(?P<rest>.*))?"
)


def own_address(bucket: Bucket, address: str) -> str:
    """Give the address in this bucket for one below a folder of the lab in another bucket; any other address as it is."""
    found = _FOREIGN.fullmatch(address)
    return f"{bucket.uri(found['folder'] + '/')}{found['rest'] or ''}" if found else address


def normal_address(address: str) -> str:
    """Return the address in one of the ways to write it.

    `file:/x` is `file:///x`, and s3a is the name of s3 in Hadoop, which takes `a//b` and `a/./b` for `a/b`
    (`org.apache.hadoop.fs.Path`).
    """
    scheme, _, rest = address.partition(":")
    parts = [part for part in rest.split("/") if part not in {"", "."}]
    return f"{'s3' if scheme == 's3a' else scheme}:{'/'.join(parts)}"


def is_read_by_spark(name: str) -> bool:
    """Spark's file source ignores names that start with `_` or `.` (`HadoopFSUtils.shouldFilterOutPathName`)."""
    return not name.startswith(("_", "."))


def refusal_of_name(name: str) -> str:
    """Return why no file of this name is delivered, as a sentence; empty when it may be."""
    if not is_read_by_spark(name):
        return f"Spark ignores {name!r}, because its name starts with '_' or '.'."
    if not name.lower().endswith(".csv"):
        return f"{name!r} is not called .csv, so Spark would take it for a compressed file or the like."
    return ""


def require_usable_name(name: str, there: Iterable[str]) -> None:
    """Raise LabError for a name that a new file in a folder cannot have on every system; `there` are the names in it.

    A bucket may be in a folder of any system, and a learner may go on with it on another one.
    """
    if reason := refusal_of_file_name(name):
        raise LabError(reason, "Rename the file, then choose it again.")
    for other in there:
        if other != name and other.casefold() == name.casefold():
            raise LabError(
                f"{other!r} is there already, and on Windows and macOS {name!r} is the same name.",
                "Rename the file, then choose it again.",
            )


def deliver(bucket: Bucket, names: Sequence[str], accept: Callable[[LogFile], None]) -> tuple[LogFile, ...]:
    """Place log files from LogData in the live folder, together.

    All of them are checked before the first is placed; `accept` is called with each file just before it becomes
    visible. Raises LabError when a name is unknown, already in the live folder or asked for twice, and its subclass
    BadLogFileError when a file is not of the form `serverID,severity,timestamp`.
    """
    known = {entry.name: entry for entry in files_in(bucket, LOG_DATA)}
    there = {entry.name for entry in files_in(bucket, LOG_DATA_LIVE)}
    for name in names:
        if name not in known:
            raise LabError(f"There is no {name!r} in LogData.", f"It holds: {', '.join(known) or 'nothing'}.")
        if reason := refusal_of_name(name):
            raise LabError(reason, "Give the file another name.")
        if name in there:
            raise LabError(
                f"{name} is already in LogDataLive; a name is delivered once, and a query never reads it again.",
                "Deliver another file, or empty the live folder and start a new query.",
            )
        if names.count(name) > 1:
            raise LabError(f"{name} is named twice in one delivery.", "Name each log file once.")
    files = tuple(require_records(_read(bucket, known[name]), f"Nothing was delivered. {CORRECT_IT}") for name in names)
    for file in files:
        accept(file)
    bucket.copy_together([Copy(known[name], LOG_DATA_LIVE + name) for name in names])
    return files
