"""Zip files that are handed in: the list of their members, and single members, unpacked in memory within limits.

Nothing is ever written to disk, so malicious paths of members do no harm.
"""

import zipfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path
from typing import Final

from lab.errors import LabError
from lab.handin.grader.kinds import is_notebook

MAX_ZIP: Final = 200_000_000
MAX_MEMBERS: Final = 2_000
MAX_UNPACKED: Final = 200_000_000
# Real notebooks shrink to a tenth, and those with large pictures hardly shrink. A far higher ratio is a zip bomb.
MAX_RATIO: Final = 200
_MAX_PATH: Final = 500
_SMALL: Final = 1_000_000
_ENTRY: Final = b"PK\x01\x02"
_CHUNK: Final = 1 << 20
_ENCRYPTED: Final = 0x1
_KNOWN: Final = frozenset({zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED})
_ITSELF: Final = "Ask for the notebook itself, the file that ends in .ipynb."


@dataclass(frozen=True)
class Member:
    """A file in a zip: its index, from 0, its path in the zip, and when it was changed (seconds)."""

    number: int
    name: str
    modified: float

    @property
    def file(self) -> str:
        """Its name without folders."""
        return self.name.rpartition("/")[2]

    @property
    def folder(self) -> str:
        """The folder that contains it."""
        return self.name.rpartition("/")[0]

    @property
    def folders(self) -> Iterator[str]:
        """The folder that contains it, and all folders above, up to the top of the zip, which is empty."""
        folder = self.folder
        while folder:
            yield folder
            folder = folder.rpartition("/")[0]
        yield ""


def members(path: Path) -> tuple[Member, ...]:
    """Return the files in a zip, without its folders; raise LabError if it cannot be opened, or is too large."""
    _check(path)
    with _opened(path) as archive:
        infos = archive.infolist()
        unpacked = sum(info.file_size for info in infos if is_notebook(info.filename))
    if unpacked > MAX_UNPACKED:
        raise LabError(
            f"The notebooks in {path.name} unpack to {unpacked / 1e6:,.0f} MB, more than {MAX_UNPACKED // 1_000_000} MB.",
            "Unpack it yourself, and name the folder.",
        )
    if any(len(info.filename) > _MAX_PATH for info in infos):
        raise LabError(f"{path.name} has a file with a path of more than {_MAX_PATH} characters.", _ITSELF)
    return tuple(
        Member(number, info.filename.replace("\\", "/"), _time(info))
        for number, info in enumerate(infos)
        if not info.is_dir()
    )


def unpacked(path: Path, number: int, max_bytes: int) -> bytes:
    """Return the bytes of one member; raise LabError if it is too large, damaged, or locked with a password.

    Call `members` first, which checks the size of the zip.
    """
    with _opened(path) as archive:
        info = archive.infolist()[number]
        name = info.filename.rpartition("/")[2]
        where = f"{name} in {path.name}"
        if info.flag_bits & _ENCRYPTED:
            raise LabError(f"{where} is locked with a password.", _ITSELF)
        if info.compress_type not in _KNOWN:
            raise LabError(f"{where} is packed in a way that is not known here.", _ITSELF)
        if info.file_size > max_bytes:
            raise LabError(
                f"{where} has {info.file_size / 1e6:,.0f} MB, more than the {max_bytes // 1_000_000} MB of a notebook.",
                "Ask for it without large outputs.",
            )
        if info.file_size > _SMALL and info.file_size > MAX_RATIO * max(1, info.compress_size):
            raise LabError(f"{where} unpacks to more than {MAX_RATIO} times its size, as no notebook does.", _ITSELF)
        try:
            with archive.open(info) as file:
                return file.read(max_bytes)
        except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, RuntimeError, OSError) as error:
            raise LabError(f"{where} is damaged.", _ITSELF) from error


def _opened(path: Path) -> zipfile.ZipFile:
    try:
        return zipfile.ZipFile(path)
    # In a damaged zip any part may be missing, so `zipfile` may raise any of these.
    except (zipfile.BadZipFile, ValueError, NotImplementedError, EOFError) as error:
        raise LabError(f"{path.name} is no zip that can be opened; it may be damaged.", _ITSELF) from error
    except OSError as error:
        raise LabError(f"{path.name} cannot be read: {error.strerror}.", "Check the file and its rights.") from error


def _check(path: Path) -> None:
    """Raise LabError for a zip with too many members, before Python creates an object ten times as large as each entry.

    Count the signatures with which each entry must begin, because the number that the zip itself states may be false.
    """
    try:
        size = path.stat().st_size
        if size > MAX_ZIP:
            raise LabError(
                f"{path.name} has {size / 1e6:,.0f} MB; zips up to {MAX_ZIP // 1_000_000} MB are opened.",
                "Unpack it yourself, and name the folder.",
            )
        count, rest = 0, b""
        with path.open("rb") as file:
            while chunk := file.read(_CHUNK):
                count += (rest + chunk).count(_ENTRY)
                rest = (rest + chunk)[-len(_ENTRY) + 1 :]
    except OSError as error:
        raise LabError(f"{path.name} cannot be read: {error.strerror}.", "Check the file and its rights.") from error
    if count > MAX_MEMBERS:
        raise LabError(
            f"{path.name} has {count:,} files; zips with up to {MAX_MEMBERS:,} are opened.",
            "Unpack it yourself, and name the folder of the notebooks.",
        )


def _time(info: zipfile.ZipInfo) -> float:
    try:
        return datetime(*info.date_time).timestamp()  # noqa: DTZ001 - a zip knows no time zone
    except (ValueError, OverflowError, OSError):
        return 0.0
