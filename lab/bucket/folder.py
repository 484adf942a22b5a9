"""A bucket in a local folder."""

import contextlib
import errno
import os
import re
import shutil
import tempfile
from collections.abc import Callable, Iterator, Sequence
from datetime import UTC, datetime
from functools import partial
from pathlib import Path, PurePath
from typing import Final

from lab.bucket import FOLDERS, ChangedObjectError, Copy, Entry, MissingObjectError
from lab.errors import LabError
from lab.system import IS_WINDOWS, delete_folder, long_path, refusal_of_file_name, retry_while_in_use


def spark_address(path: PurePath) -> str:
    """Return the address of a local path for Spark.

    `Path.as_uri` would write %20 for a blank, and Hadoop does not decode that.
    """
    return f"file:///{path.as_posix().strip('/')}"


def local_path(address: str) -> str:
    """Return the local path for an address from Spark, such as `file:/tmp/a` or `file:///C:/a`."""
    path = "/" + address.removeprefix("file:").lstrip("/")
    return path[1:] if re.match("/[A-Za-z]:", path) else path


# The backslash also belongs to patterns; on Windows, it is the separator between folders.
_PATTERN: Final = frozenset("[]{}*?" if IS_WINDOWS else "[]{}*?\\")


def is_pattern(path: PurePath) -> bool:
    """Return whether Spark would read the address of this path as a glob pattern, and find other files or none.

    For a batch, Spark can be told not to do that; a stream always does it (Spark's FileStreamSource).
    """
    return not _PATTERN.isdisjoint(str(path))


class FolderBucket:
    """A bucket whose objects are files below `root`; see `lab.bucket.Bucket`."""

    def __init__(self, root: Path) -> None:
        self.root = root.resolve()
        if is_pattern(self.root):
            signs = " ".join(sorted(_PATTERN.intersection(str(self.root))))
            raise LabError(
                f"Spark takes the path {self.root} for a pattern, because of {signs}, and would find no log file in it.",
                "Use a folder without these signs in its path: rename it, or set LAB_RUN_FOLDER or LAB_BUCKET to another.",
            )
        # The same folder, in the form in which this process uses it (`long_path`).
        self._place = Path(long_path(self.root))
        # Outside the three folders, on the same disk: a rename from here into one of them is atomic.
        self._staging = self._place / ".staging"
        self.make_folders()

    def uri(self, prefix: str) -> str:
        return f"{spark_address(self.root.joinpath(*_parts(prefix)))}/"

    def list(self, prefix: str) -> Sequence[Entry]:
        base = self._path(prefix)
        entries = []
        # A file that Spark is writing or replacing may be gone before `stat`.
        for folder, _, names in os.walk(base):
            for name in names:
                path = Path(folder, name)
                # On Windows, a file that is being deleted is still listed, but cannot be accessed.
                with contextlib.suppress(FileNotFoundError, PermissionError):
                    stat = path.stat()
                    key = path.relative_to(self._place).as_posix()
                    # In whole milliseconds, as Spark records it.
                    modified = datetime.fromtimestamp(stat.st_mtime_ns // 1_000_000 / 1000, UTC)
                    entries.append(Entry(key, stat.st_size, modified, _version(stat)))
        return sorted(entries, key=lambda entry: entry.key)

    def read(self, key: str) -> bytes:
        path = self._path(key)
        with _explained(path):
            return retry_while_in_use(path.read_bytes)

    def write(self, key: str, data: bytes) -> None:
        target = self._path(key)

        def put(path: Path) -> None:
            path.write_bytes(data)

        self._stage([(target, put)])

    def copy_together(self, copies: Sequence[Copy]) -> None:
        self._stage([(self._path(copy.key), partial(self._copy, copy.source)) for copy in copies])

    def _copy(self, source: Entry, path: Path) -> None:
        original = self._path(source.key)
        shutil.copyfile(original, path)
        if _version(original.stat()) != source.version:
            raise ChangedObjectError(f"{source.name} was changed while it was being copied.", "Try again.")

    def _stage(self, files: Sequence[tuple[Path, Callable[[Path], None]]]) -> None:
        """Write each file into a staging folder, then rename all of them to their places."""
        self.make_folders()  # a cleaner of temporary files may have deleted them
        with (
            _explained(self.root),
            tempfile.TemporaryDirectory(dir=self._staging, ignore_cleanup_errors=True) as staging,
        ):
            staged = []
            for number, (target, make) in enumerate(files):
                path = Path(staging, str(number))
                make(path)
                target.parent.mkdir(parents=True, exist_ok=True)
                staged.append((path, target))
            # Only renames from here on: everything that is slow, or that can fail for lack of space, is done.
            for path, target in staged:
                retry_while_in_use(partial(path.replace, target))

    def remove(self, key: str) -> None:
        path = self._path(key)
        with _explained(path):
            retry_while_in_use(partial(path.unlink, missing_ok=True))

    def delete(self, prefix: str) -> int:
        base = self._path(prefix)
        self.make_folders()
        deleted = len(self.list(prefix))
        with _explained(base):
            for path in base.iterdir():
                if not path.is_dir() or path.is_symlink():
                    retry_while_in_use(path.unlink)
                elif not delete_folder(path):
                    raise PermissionError(errno.EACCES, "another program has it open", str(path))
        return deleted

    def missing_folders(self) -> tuple[str, ...]:
        return tuple(prefix for prefix in FOLDERS if not (self._place / prefix).is_dir())

    def make_folders(self) -> None:
        with _explained(self.root):
            for folder in (*FOLDERS, self._staging.name):
                (self._place / folder).mkdir(parents=True, exist_ok=True)

    def discard(self) -> None:
        delete_folder(self.root)

    def _path(self, key: str) -> Path:
        """Return the file of a key. Raise LabError for a key that leads out of the bucket.

        Only the text of the key is checked: on Windows, a file that is being replaced cannot be accessed.
        """
        return self._place.joinpath(*_parts(key))


def _parts(key: str, *, windows: bool = IS_WINDOWS) -> list[str]:
    parts = key.removesuffix("/").split("/")
    if any(part in {"", ".", ".."} or "\0" in part or (windows and refusal_of_file_name(part)) for part in parts):
        raise LabError(f"{key!r} is not inside your bucket.", "Name a file, without '..' or a leading '/'.")
    return parts


def _version(stat: os.stat_result) -> str:
    return f"{stat.st_mtime_ns}-{stat.st_size}-{stat.st_ino}"


@contextlib.contextmanager
def _explained(path: Path) -> Iterator[None]:
    """Turn an OSError into a LabError with a sentence."""
    try:
        yield
    except OSError as error:
        raise explain_os_error(error, path) from error


def explain_os_error(error: OSError, path: Path) -> LabError:
    """Return an OSError at a path as a LabError that says what to do."""
    if error.errno in {errno.ENOSPC, errno.EDQUOT}:
        return LabError(f"The disk of {path} is full.", "Free some space, then try again.")
    if error.errno in {errno.EACCES, errno.EPERM, errno.EROFS}:
        return LabError(
            f"The lab may not write to {path}.",
            "Give yourself the right to, or set LAB_RUN_FOLDER and TMPDIR to a folder you own.",
        )
    if error.errno == errno.ENOENT:
        return MissingObjectError(f"{error.filename or path} is not there.", "Start over to get your files back.")
    return LabError(f"The operating system refused {path}: {error.strerror}.", "Try again, or start over.")
