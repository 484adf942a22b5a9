"""Zips of what was made of notebooks, with names that every system can unpack, whatever the notebooks are called."""

import io
import re
import zipfile
from datetime import datetime
from typing import Final

# Bytes of UTF-8: no system takes names of more than 255.
MAX_NAME: Final = 200
_END: Final = 40
# What Windows allows in no name, what nobody sees, and halves of letters, which cannot be written at all.
_UNUSABLE: Final = re.compile(
    r'[\x00-\x1f\x7f-\x9f<>:"/\\|?*\u061c\u200b-\u200f\u2028-\u202e\u2060-\u2069\ufeff\ud800-\udfff\ufffe\uffff]'
)
# Names of devices on Windows, with any ending.
_DEVICES: Final = re.compile(r"(con|prn|aux|nul|com\d|lpt\d)(\.|$)", re.IGNORECASE)


class Packing:
    """A zip in the making, the same for the same contents and the same moment."""

    def __init__(self, at: datetime) -> None:
        self._when = at.timetuple()[:6] if at.year >= 1980 else (1980, 1, 1, 0, 0, 0)
        self._file = io.BytesIO()
        self._zip = zipfile.ZipFile(self._file, "w", zipfile.ZIP_DEFLATED)
        self._names: set[str] = set()

    def add(self, folder: str, name: str, data: bytes) -> str:
        """Put a file into a folder, or beside all folders; return under which name. No two get the same."""
        parts = [usable_name(part) for part in (folder, name) if part]
        place, number = "/".join(parts), 1
        # Windows and macOS know no capitals in names.
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
        """Return the whole zip; nothing can be added after it."""
        self._zip.close()
        return self._file.getvalue()


def usable_name(text: str) -> str:
    """Return a name of one file or folder that every system takes, as near to the text as can be, with its ending."""
    name = _UNUSABLE.sub("_", text).strip(" .")
    if len(name) > MAX_NAME:
        name = name[: MAX_NAME - _END] + name[-_END:]
    while len(name.encode()) > MAX_NAME:
        name = name[: -_END - 1] + name[-_END:]
    return f"_{name}" if not name or _DEVICES.match(name) else name


def _numbered(name: str, number: int) -> str:
    stem, dot, ending = name.rpartition(".")
    return f"{stem} ({number}).{ending}" if dot else f"{name} ({number})"
