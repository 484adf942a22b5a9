"""Zips with names that every system can unpack, whatever the notebooks are called."""

import io
import re
import zipfile
from datetime import datetime
from typing import Final

# In bytes of UTF-8: file systems allow at most 255.
MAX_NAME: Final = 200
_END: Final = 40
# Characters that Windows forbids in names, invisible ones, and lone surrogates, which cannot be encoded.
_UNUSABLE: Final = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]'
)
# Reserved device names of Windows, with any ending.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Packing:
    """A builder of a zip, whose bytes are the same for the same contents and the same time."""

    def __init__(self, at: datetime) -> None:
        self._when = at.timetuple()[:6] if at.year >= 1980 else (1980, 1, 1, 0, 0, 0)
        self._file = io.BytesIO()
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self._names: set[str] = set()

    def add(self, folder: str, name: str, data: bytes) -> str:
        """Add a file, to a folder or at the top; return its unique name in the zip."""
        parts = [usable_name(part) for part in (folder, name) if part]
        place, number = "/".join(parts), 1
        # Names on Windows and macOS are case-insensitive.
        while place.casefold() in self._names:
            number += 1
            numbered = [f"{parts[0]} ({number})", *parts[1:]] if folder else [_numbered(parts[0], number)]
            place = "/".join(numbered)
        self._names.add(place.casefold())
        info = zipfile.ZipInfo(place, self._when)
        info.compress_type = zipfile.ZIP_DEFLATED
        info.external_attr = 0o644 << 16
        self._zip.writestr(info, data)
        return place

    def data(self) -> bytes:
        """Close the zip and return its bytes."""
        self._zip.close()
        return self._file.getvalue()


def usable_name(text: str) -> str:
    """Return a file or folder name that is valid on every system, as close to the text as possible, with its ending."""
    name = _UNUSABLE.sub("_", text).strip(" .")
    if len(name) > MAX_NAME:
        name = name[: MAX_NAME - _END] + name[-_END:]
    while len(name.encode()) > MAX_NAME:
        name = name[: -_END - 1] + name[-_END:]
    return f"_{name}" if not name or _DEVICES.match(name) else name


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
