"""The buckets that hold LogData/, LogDataLive/ and the output, and the delivery of log files.

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
# On their computer, because no page can edit a file in LogData.
CORRECT_IT: Final = (
    "Correct the file on your computer and put it into LogData again, under the same name: it takes the place of this one. "
    "Then deliver it."
)
# The limits of the cache. A log file, or a part file of the output, has a few hundred bytes.
KEPT_BYTES: Final = 20_000
KEPT_OBJECTS: Final = 256


@dataclass(frozen=True)
class Entry:
    """An object: key, size in bytes, when it was written (UTC), and a version that changes with the content."""

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
    """A source object as it was listed, and the key of its copy."""

    source: Entry
    key: str


class Bucket(Hashable, Protocol):
    """One learner's part of a bucket; every key is relative to it.

    Each method raises LabError with a sentence for the learner when the storage refuses.
    """

    def uri(self, prefix: str) -> str:
        """Return the address that Spark reads and writes; it ends in `/`, as the prefix does."""

    def list(self, prefix: str) -> Sequence[Entry]:
        """Return every object whose key starts with the prefix, sorted by key; a prefix ends in `/`."""

    def read(self, key: str) -> bytes:
        """Return an object's content."""

    def write(self, key: str, data: bytes) -> None:
        """Create or replace an object; a reader sees all of it or nothing."""

    def copy_together(self, copies: Sequence[Copy]) -> None:
        """Make all copies visible at the same time, as far as the storage can do that.

        A reader sees all of a copy or nothing. Raise ChangedObjectError if a source is no longer as it was listed. If
        some copies were made but not all, the error says which.
        """

    def remove(self, key: str) -> None:
        """Delete one object, if it exists."""

    def delete(self, prefix: str) -> int:
        """Delete every object below the prefix, but keep the folder itself; return the number of deleted objects."""

    def missing_folders(self) -> tuple[str, ...]:
        """Return those of FOLDERS that do not exist; Spark cannot open a stream on a missing folder."""

    def make_folders(self) -> None:
        """Create all of FOLDERS that do not exist."""

    def discard(self) -> None:
        """Delete what nobody needs any more after the learner has left."""


class MissingObjectError(LabError):
    """An object does not exist: it was deleted a moment ago, or never existed."""


class ChangedObjectError(LabError):
    """An object has changed since it was listed or read."""


def read_folder(bucket: Bucket, prefix: str) -> tuple[LogFile, ...]:
    """Return every file directly in a folder, parsed as a log file (a line that is not a record becomes a Problem)."""
    return read_files(bucket, files_in(bucket, prefix))


def read_files(bucket: Bucket, entries: Iterable[Entry]) -> tuple[LogFile, ...]:
    """Return these files, parsed as by `read_folder`; skip files that no longer exist."""
    files = []
    for entry in entries:
        with contextlib.suppress(MissingObjectError):
            files.append(_once(_read, bucket, entry))
    return tuple(files)


def files_in(bucket: Bucket, prefix: str) -> tuple[Entry, ...]:
    """Return the files directly in a folder; Spark's file source does not look into its subfolders either."""
    return tuple(entry for entry in bucket.list(prefix) if entry.key == prefix + entry.name)


def content(bucket: Bucket, entry: Entry) -> bytes:
    """Return the content of an object that was listed; cache it for its version, unless it is large.

    Pages look into the folders all the time, and in S3 each read is a request.
    """
    return _once(_content, bucket, entry) if entry.size <= KEPT_BYTES else _content(bucket, entry)


def _content(bucket: Bucket, entry: Entry) -> bytes:
    return bucket.read(entry.key)


def _read(bucket: Bucket, entry: Entry) -> LogFile:
    # A file that is too large for a log file is not even fetched.
    if entry.size > MAX_BYTES:
        return too_large(entry.name, entry.size)
    return read_log_file(entry.name, content(bucket, entry))


# The cache of each bucket: what was read from an object, and the version that was read. It is freed with the bucket.
_kept: Final[WeakKeyDictionary[Bucket, dict[tuple[Any, str], tuple[Entry, Any]]]] = WeakKeyDictionary()
_keeping: Final = threading.Lock()


def _once(read: Callable[[Bucket, Entry], T], bucket: Bucket, entry: Entry) -> T:
    """Return what `read` returns for an object, from the cache if the version is the same.

    The cache keeps KEPT_OBJECTS results per bucket.
    """
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


# Python 3.11 deletes folders recursively: with 1,200 levels, it would reach its recursion limit and delete nothing.
MAX_PARTS: Final = 20
MAX_KEY: Final = 300


def is_short(key: str) -> bool:
    """Return whether a key is within the limits for files in a bucket: MAX_PARTS and MAX_KEY."""
    return len(key) <= MAX_KEY and len(key.split("/")) <= MAX_PARTS


def key_of(bucket: Bucket, address: str) -> str | None:
    """Return the key of an address from Spark, without a slash at its end; None if it is not in the lab's folders."""
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
    """Return an address in a lab folder of any bucket as the same one in this bucket; any other address unchanged."""
    found = _FOREIGN.fullmatch(address)
    return f"{bucket.uri(found['folder'] + '/')}{found['rest'] or ''}" if found else address


def normal_address(address: str) -> str:
    """Return the address in a normal form, equal for all ways to write it.

    `file:/x` is `file:///x`, s3a is Hadoop's name of s3, and Hadoop reads `a//b` and `a/./b` as `a/b`
    (`org.apache.hadoop.fs.Path`).
    """
    scheme, _, rest = address.partition(":")
    parts = [part for part in rest.split("/") if part not in {"", "."}]
    return f"{'s3' if scheme == 's3a' else scheme}:{'/'.join(parts)}"


def is_read_by_spark(name: str) -> bool:
    """Return whether Spark's file source reads a file with this name.

    It ignores names that start with `_` or `.` (`HadoopFSUtils.shouldFilterOutPathName`).
    """
    return not name.startswith(("_", "."))


def refusal_of_name(name: str) -> str:
    """Return a sentence that says why a file with this name is not delivered; empty if it may be."""
    if not is_read_by_spark(name):
        return f"Spark ignores {name!r}, because its name starts with '_' or '.'."
    if not name.lower().endswith(".csv"):
        return f"{name!r} is not called .csv, so Spark would take it for a compressed file or the like."
    return ""


def require_usable_name(name: str, there: Iterable[str]) -> None:
    """Raise LabError if a new file cannot have this name on every system; `there` are the names in its folder.

    A bucket may be a folder on any system, and a learner may continue with it on another system.
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
    visible. Raise LabError when a name is unknown, already in the live folder or asked for twice, and its subclass
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
