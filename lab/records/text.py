"""The decoding of a log file's bytes: anything that is not UTF-8 text is named, with what to do about it."""

import codecs
import re
from typing import Final, NamedTuple

from lab.records.form import Fault

_EMPTY: Final = "is empty; choose the file with the records"
_SAVE: Final = "save it as csv with commas, in UTF-8"
_SHEET: Final = f"open it in a spreadsheet program and {_SAVE}"
_UNPACK: Final = "unpack it, and take the csv file that is in it"
# The first bytes of files in other formats.
_MAGIC: Final = (
    (b"\x1f\x8b", f"is compressed (gzip); {_UNPACK}"),
    (b"BZh", f"is compressed (bzip2); {_UNPACK}"),
    (b"\xfd7zXZ\x00", f"is compressed (xz); {_UNPACK}"),
    (b"\x28\xb5\x2f\xfd", f"is compressed (zstd); {_UNPACK}"),
    (b"7z\xbc\xaf\x27\x1c", f"is an archive (7z); {_UNPACK}"),
    (b"Rar!", f"is an archive (rar); {_UNPACK}"),
    (b"PK\x05\x06", "is an empty zip archive; take the csv file itself"),
    (b"\xd0\xcf\x11\xe0", f"is an old Office file, such as an Excel workbook (xls); {_SHEET}"),
    (b"%PDF-", "is a PDF; take the csv file from which it was made"),
    (b"PAR1", "is a Parquet file; write the records as csv"),
    (b"\x89PNG", "is a picture (PNG); take the csv file itself"),
    (b"\xff\xd8\xff", "is a picture (JPEG); take the csv file itself"),
    (b"SQLite format 3", "is an SQLite database; write the records as csv"),
    (b"{\\rtf", "is a rich text document (RTF); save it as plain text, in UTF-8"),
)
# The four-byte marks first: the mark of UTF-32 LE begins with that of UTF-16 LE.
_MARKS: Final = (
    (codecs.BOM_UTF32_LE, "UTF-32"),
    (codecs.BOM_UTF32_BE, "UTF-32"),
    (codecs.BOM_UTF16_LE, "UTF-16"),
    (codecs.BOM_UTF16_BE, "UTF-16"),
)
# The pattern of zero bytes in these encodings, for text with the characters of a log file.
_WIDE: Final = (
    (re.compile(rb"(?:[^\x00]\x00\x00\x00)+"), "UTF-32"),
    (re.compile(rb"(?:\x00\x00\x00[^\x00])+"), "UTF-32"),
    (re.compile(rb"(?:[^\x00]\x00)+"), "UTF-16"),
    (re.compile(rb"(?:\x00[^\x00])+"), "UTF-16"),
)
_WEB_PAGE: Final = re.compile(rb"\s*<(?:!doctype|html|head|body)\b", re.IGNORECASE)
_CONTROL: Final = bytes(set(range(32)) - {0, 9, 10, 13, 26})
# A file with a larger share of control characters is not text in any encoding.
_BINARY_SHARE: Final = 0.1


class Text(NamedTuple):
    """The text of a file, empty if it cannot be decoded; `faults` are the faults of its bytes, each with its line."""

    text: str
    faults: tuple[tuple[int, Fault], ...] = ()


def text_of(data: bytes) -> Text:
    """Decode the bytes of a log file. Never raise."""
    if not data.strip():
        return _unread(_EMPTY)
    if reason := _other_format(data):
        return _unread(reason)
    faults: tuple[tuple[int, Fault], ...] = ()
    if data.startswith(codecs.BOM_UTF8):
        faults = ((1, Fault("0xefbbbf", "is a byte order mark (BOM); save the file in UTF-8 without BOM")),)
        data = data.removeprefix(codecs.BOM_UTF8)
    try:
        text = data.decode("utf-8")
    except UnicodeDecodeError as error:
        number = data.count(b"\n", 0, error.start) + 1
        byte = data[error.start : error.start + 1]
        letter = byte.decode("cp1252", "replace")
        told = f" (in Windows-1252 it is {letter!r})" if letter.isprintable() and letter != "\ufffd" else ""
        fault = Fault(f"0x{byte.hex()}", f"is not UTF-8{told}; save the file in UTF-8")
        return Text("", (*faults, (number, fault)))
    return Text(text, faults) if text.strip() or faults else _unread(_EMPTY)


def _other_format(data: bytes) -> str:
    """Return what the bytes are instead of UTF-8 text; empty if they may be UTF-8 text."""
    for begin, reason in _MAGIC:
        if data.startswith(begin):
            return reason
    if data.startswith(b"PK\x03\x04"):
        if b"xl/" in data:
            return f"is an Excel workbook (xlsx); {_SHEET}"
        if b"opendocument.spreadsheet" in data:
            return f"is a LibreOffice sheet (ods); {_SHEET}"
        return f"is a zip archive; {_UNPACK}"
    if _WEB_PAGE.match(data):
        return "is a web page (HTML); download the csv file itself"
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return f"is in {encoding}; save it in UTF-8"
    for wide, encoding in _WIDE:
        if wide.fullmatch(data):
            return f"is in {encoding} (without a byte order mark); save it in UTF-8"
    if len(data) - len(data.translate(None, _CONTROL)) > len(data) * _BINARY_SHARE:
        return "is no text: it holds binary data; choose the csv file"
    return ""


def _unread(reason: str) -> Text:
    return Text("", ((0, Fault("", reason)),))
