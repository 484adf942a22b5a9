"""A line of a log file: its record, or why it is not a record."""

import re
import unicodedata
from itertools import permutations
from typing import Final

from lab.records.form import COLUMNS, Fault, Record
from lab.records.values import (
    is_server_id,
    is_severity,
    is_timestamp,
    why_no_server_id,
    why_no_severity,
    why_no_timestamp,
)

_FORM: Final = ",".join(COLUMNS)
BLANK: Final = "is blank; delete this line"
HEADER: Final = "is a header; log files of this lab have none: delete this line"
_SEPARATORS: Final = (
    (";", "semicolons"),
    ("\t", "tabs"),
    ("|", "pipes"),
    (" ", "blanks"),
    (":", "colons"),
    ("\uff0c", "full-width commas"),
)
_ANY_SEPARATOR: Final = re.compile(r"[,;\t|\uff0c]")
# Straight quotation marks, and those of word processors in several languages.
_QUOTES: Final = "\"'`\xb4\u201c\u201d\u201e\u2018\u2019\u201a\xab\xbb"
_NAMES: Final = frozenset(
    {"serverid", "server", "id", "severity", "sev", "level", "timestamp", "time", "timeunit", "date"}
)
# Characters that an editor does not show, or shows like an ordinary blank.
_INVISIBLE: Final = re.compile(
    r"[\x00-\x08\x0a-\x1f\x7f-\xa0\xad\u1680\u180e\u2000-\u200f\u2028-\u202f\u205f-\u206f\u3000\ufeff\ufff9-\ufffb]"
)
_CALLED: Final = {
    "\x00": "a NUL byte",
    "\x1a": "an end-of-file mark (Ctrl-Z)",
    "\xa0": "a non-breaking blank",
    "\xad": "a soft hyphen",
    "\ufeff": "a byte order mark (BOM)",
}
# How many characters of a line are searched for a fault: a line has three short values.
_LOOKED_AT: Final = 1000


def record_of(line: str) -> Record | None:
    """Return the record of a line, which comes without its line end; None if it is not a record."""
    fields = line.split(",", len(COLUMNS))
    if len(fields) == len(COLUMNS):
        server, severity, timestamp = fields
        if is_server_id(server) and is_severity(severity) and is_timestamp(timestamp):
            return Record(server, int(severity), int(timestamp))
    return None


def fault_of(line: str) -> Fault:
    """Return why a line is not a record: the wrong value and the reason."""
    if not line.strip():
        return Fault("", BLANK)
    looked_at = line[:_LOOKED_AT]
    if odd := _INVISIBLE.search(looked_at):
        if odd[0] == "\r":
            return Fault(line, "has a carriage return (CR) inside; save the file with Unix line ends (LF) everywhere")
        return Fault(line, f"holds {_name(odd[0])}, which editors do not show as such; delete it")
    if looked_at.startswith(("#", "//")):
        return Fault(line, "is a comment; log files of this lab have none: delete this line")
    if looked_at.startswith("{"):
        return Fault(line, f"is JSON; write the three values alone: {_FORM}")
    if _is_header(looked_at):
        return Fault(line, HEADER)
    if value := _quoted(looked_at):
        return Fault(value, "is in quotation marks; log files of this lab have none: save the file without them")
    fields = line.split(",")
    separated = _ANY_SEPARATOR.split(looked_at.rstrip(" "))
    if len(separated) > len(COLUMNS) and not any(separated[len(COLUMNS) :]):
        return Fault(line, "has a separator behind the third value; delete it")
    if len(fields) != len(COLUMNS):
        return Fault(line, _of_another_number(looked_at, len(fields)))
    stripped = [field.strip() for field in fields]
    return _fault_of_values(line, fields, stripped)


def _fault_of_values(line: str, fields: list[str], stripped: list[str]) -> Fault:
    # A serverID may be a number, so the order is only wrong if the first value is a number and another one is not.
    named = stripped[0].isdecimal() and not all(field.isdecimal() for field in stripped)
    if named and not _is_record(*stripped) and any(_is_record(*other) for other in permutations(stripped)):
        return Fault(line, f"has its three values in another order, expected {_FORM}")
    kinds = (
        (is_server_id, why_no_server_id),
        (is_severity, why_no_severity),
        (is_timestamp, why_no_timestamp),
    )
    for value, (is_right, why_not) in zip(stripped, kinds, strict=True):
        if not is_right(value):
            return Fault(value, why_not(value))
    value = next(field for field, bare in zip(fields, stripped, strict=True) if field != bare)
    return Fault(value, "has a blank before or after the value; delete it")


def _is_record(server: str, severity: str, timestamp: str) -> bool:
    return is_server_id(server) and is_severity(severity) and is_timestamp(timestamp)


def _of_another_number(line: str, count: int) -> str:
    """Return why a line does not have three values between commas."""
    for separator, called in _SEPARATORS:
        parts = line.split() if separator == " " else line.split(separator)
        if len(parts) == len(COLUMNS) and all(part.strip() for part in parts):
            return f"has {called} between its values, expected commas: {_FORM}; save the file with commas"
    parts = _ANY_SEPARATOR.split(line)
    if len(parts) == len(COLUMNS) and all(part.strip() for part in parts):
        return f"has different separators between its values, expected commas: {_FORM}; write commas"
    return f"has {count} value{'' if count == 1 else 's'}, expected {len(COLUMNS)}: {_FORM}"


def _is_header(line: str) -> bool:
    """Return whether a line has names of columns, in any spelling and with any separator."""
    names = [re.sub(r"[^a-z]", "", part.casefold()) for part in re.split(r"[,;|:\t\uff0c]", line)]
    if len(names) == 1:
        names = line.casefold().split()
    return sum(name in _NAMES for name in names) >= 2


def _quoted(line: str) -> str:
    """Return the first value in quotation marks, or the whole line if it is in such marks; empty if there is none."""
    inner = line[1:-1]
    if line[0] in _QUOTES and line[-1] in _QUOTES and len(line) > 1 and not any(mark in inner for mark in _QUOTES):
        return line
    parts = (part.strip() for part in _ANY_SEPARATOR.split(line))
    return next((part for part in parts if part and (part[0] in _QUOTES or part[-1] in _QUOTES)), "")


def _name(letter: str) -> str:
    code = f"U+{ord(letter):04X}"
    if called := _CALLED.get(letter):
        return f"{called}, {code}"
    named = unicodedata.name(letter, "").lower()
    return f"'{named}', {code}" if named else f"a control character, {code}"
