"""The tests for the values of a line, and why a value is not a serverID, severity or timestamp."""

import re
import unicodedata
from typing import Final

from lab.records.form import MAX_TIMESTAMP, SEVERITIES

_SERVER_ID: Final = re.compile(r"[A-Za-z0-9][A-Za-z0-9_.-]*")
_NOT_IN_SERVER_ID: Final = re.compile(r"[^A-Za-z0-9_.-]")
_UNSIGNED: Final = re.compile(r"[0-9]+")
_CLOCK: Final = re.compile(r"[0-9]{1,2}:[0-9]{2}(:[0-9.,]+)?( ?[ap]\.?m\.?)?", re.IGNORECASE)
_DATE: Final = re.compile(r"[0-9]{1,4}([-/.])[0-9]{1,2}\1[0-9]{1,4}.*")
_DECIMALS: Final = re.compile(r"[+-]?[0-9]*[.,][0-9]*(e[+-]?[0-9]+)?|[+-]?[0-9]+e[+-]?[0-9]+", re.IGNORECASE)
_SIGNED: Final = re.compile(r"[-+\u2010-\u2015\u2212][0-9]+")  # dashes and the minus of word processors, too
_SEV: Final = re.compile(r"s(ev(erity)?)?[ _-]?[0-9]", re.IGNORECASE)
# How many characters of a value are examined; a value may be a megabyte of digits.
_LOOKED_AT: Final = 100


def is_server_id(value: str) -> bool:
    """Return whether the value is a valid serverID."""
    return _SERVER_ID.fullmatch(value) is not None


def is_severity(value: str) -> bool:
    """Return whether the value is one of SEVERITIES."""
    return value in _SEVERITY_TEXTS


def is_timestamp(value: str) -> bool:
    """Return whether the value is the number of a time unit."""
    # The length is tested before int(), so that a megabyte of digits costs nothing.
    return _UNSIGNED.fullmatch(value) is not None and len(value) <= 10 and 1 <= int(value) <= MAX_TIMESTAMP


def why_no_server_id(value: str) -> str:
    """Return why a value is not a serverID, and what to do."""
    said = "is not a serverID"
    if not value:
        return "has no serverID in front of the first comma; write it there"
    odd = _NOT_IN_SERVER_ID.search(value)
    if odd is None:
        return f"{said}: it begins with {value[0]!r}; let it begin with a letter (a–z, A–Z) or a digit"
    letter = odd[0]
    if letter.isspace():
        return f"{said}: it has a blank inside; write '_' or '-' there"
    if unicodedata.combining(letter):
        return f"{said}: a letter of it has an accent; its letters are a–z and A–Z without accents"
    if letter.isalpha():
        plain = unicodedata.normalize("NFD", letter)[0]
        instead = f"; write {plain!r} instead" if plain.isascii() else "; write it with those"
        return f"{said}: its letters are a–z and A–Z without accents, and {letter!r} is none of them{instead}"
    if letter.isdigit():
        return f"{said}: {letter!r} is not one of the digits 0–9; write it with those"
    return f"{said}: {letter!r} cannot be in it, only letters (a–z, A–Z), digits, '_', '.' and '-'; write one of these"


def why_no_severity(value: str) -> str:
    """Return why a value is not a severity, and what to do."""
    said = f"is not a severity, expected {_listed(_SEVERITY_TEXTS)}"
    if not value:
        return "has no severity between its commas; write it there"
    if _SEV.fullmatch(value[:_LOOKED_AT]):
        return f"{said}: write the number alone, as in 2 for SEV2"
    return f"{said}{_no_number(value)}"


def why_no_timestamp(value: str) -> str:
    """Return why a value is not a timestamp, and what to do."""
    said = f"is not a timestamp, expected a whole number from 1 to {MAX_TIMESTAMP}"
    units = "time units are counted: 1, 2, 3 and so on"
    looked_at = value[:_LOOKED_AT]
    if not value:
        return "has no timestamp behind the last comma; write it there"
    if _CLOCK.fullmatch(looked_at):
        return f"{said}: it is a clock time, and {units}"
    if _DATE.fullmatch(looked_at):
        return f"{said}: it is a date, and {units}"
    if _UNSIGNED.fullmatch(value):
        if value.strip("0"):
            return f"{said}: it is larger than that (milliseconds, say), and {units}"
        return f"{said}: the first time unit is 1, there is no 0"
    return f"{said}{_no_number(value)}"


def _no_number(value: str) -> str:
    """Return why a value is not a whole number; empty if it is one."""
    looked_at = value[:_LOOKED_AT]
    if _UNSIGNED.fullmatch(value):
        return ""
    if _SIGNED.fullmatch(looked_at):
        return ": it has a sign; write a number without one"
    if _DECIMALS.fullmatch(looked_at):
        return ": it has decimals or an exponent; write it as a whole number"
    if any(letter.isdigit() and not letter.isascii() for letter in looked_at):
        return ": its digits are not 0–9 (full-width ones, say); write it with those"
    if any(letter.isspace() for letter in looked_at):
        return ": it has a blank inside; leave it out"
    if any(letter.isalpha() for letter in looked_at):
        return ": it has letters; write the number alone"
    return ": it is not made of the digits 0–9 alone; write the number alone"


def _listed(values: tuple[str, ...]) -> str:
    return f"{', '.join(values[:-1])} or {values[-1]}"


_SEVERITY_TEXTS: Final = tuple(map(str, SEVERITIES))
