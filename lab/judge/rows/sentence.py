"""A parser for a line that has more than one server and one value: several of each, words, or a computation."""

import re
from dataclasses import dataclass
from math import isclose
from typing import Final, Literal

from lab.judge.rows.row import Kind
from lab.judge.rows.words import NUMBER, TIME, VALUE, is_filler, is_server

# This many words make a line prose: unexpected words, or any words if no value follows a server.
MANY: Final = 4
_WORD: Final = re.compile(r"[^\W\d][\w.-]*|[0-9]{1,30}[^\W\d_][\w.-]*")
_BRACKETS: Final = str.maketrans("[]{}<>()", " " * 8)
# A decimal comma, which cannot separate two columns: no comma or letter comes before, and no third number follows.
_DECIMAL_COMMA: Final = re.compile(r"(?<![\w.,])([0-9]{1,30}),([0-9]{1,30})(?![.,]?[0-9])")
_REMARK: Final = re.compile(r"(?<=[0-9]) ?\(([^()]{0,200})\)")
_NUMBERED_SERVER: Final = re.compile(r"\bserver(?: #?|#)([0-9]{1,9})\b(?![./][0-9])", re.IGNORECASE)
_VALUE_FIRST: Final = re.compile(
    rf"({NUMBER}(?: ?/ ?{NUMBER})?) (?:[a-z0-9 ]{{0,40}} )?(?:for|on|of|by|at|in) (?:the )?(?:server )?"
    r"([A-Za-z][\w.-]{0,60})"
)
_BEFORE: Final = re.compile(r"(?:[\s,;:|=~≈–—…>]|-(?=\s)|\.(?![0-9]))*+")
_AFTER: Final = " ,;:|.!=~≈–—…-/\t"
_EQUALS: Final = re.compile(r"[=≈~]+")
_COMPUTATION: Final = re.compile(r"(?=[^+*/×-]*[+*/×-])(?=[^0-9]*[0-9])[0-9\s.+*/×-]+")  # noqa: RUF001 - a computation as it is written
_SEVERITY_0: Final = re.compile(r"0[\s,;|]+([0-9]{1,20})")
# Numbers that were rounded to two decimals in different ways count as equal.
_ROUNDED: Final = 0.0051


@dataclass(frozen=True)
class Sentence:
    """The result for a line: rows, only a server or a value (the other half is on another line), nothing, or odd."""

    says: Literal["rows", "server", "value", "nothing", "odd"]
    rows: tuple[tuple[str, str], ...] = ()
    why: str = "is not a server and a value"


NOTHING: Final = Sentence("nothing")
ODD: Final = Sentence("odd")


def read_sentence(line: str, kind: Kind) -> Sentence:
    """Return the rows of a line, or why it has none."""
    line = _NUMBERED_SERVER.sub(r"s\1", re.sub(r"\s+", " ", line))
    if kind == "volume":
        line = _REMARK.sub(_remark, _DECIMAL_COMMA.sub(r"\1.\2", line))
    line = line.translate(_BRACKETS)
    servers, strange, blank = _words(line, kind)
    if servers and (turned := _turned(line, servers, blank)) != line:
        line = turned
        servers, strange, blank = _words(line, kind)
    has_number = any(letter.isdigit() for letter in blank)
    if not servers:
        return _without_server(line, blank, has_number=has_number, strange=bool(strange))
    if not has_number:
        return Sentence("server", ((servers[0][1], ""),)) if len(servers) == 1 and not strange else NOTHING
    if line.rstrip().endswith(":") or len(strange) >= MANY:
        return NOTHING
    first = servers[0][0]
    if len(_WORD.findall(line)) >= MANY and not any(letter.isdigit() for letter in blank[first:]):
        return NOTHING
    # Before the first server there may be words, or the number of the row.
    if any(place > first for place in strange) or not re.fullmatch(r"[0-9]{0,4}", _inner(blank[:first])):
        return ODD
    return _rows(servers, blank, kind)


def _words(line: str, kind: Kind) -> tuple[list[tuple[int, str]], list[int], str]:
    """Return the servers of a line with their places, the places of unexpected words, and the line without words."""
    servers: list[tuple[int, str]] = []
    strange = []
    others = any(is_server(word) and not TIME.fullmatch(word) for word in _WORD.findall(line))
    blank = list(line)
    for found in _WORD.finditer(line):
        word = found[0].rstrip(".-_")
        start, end = found.start(), found.start() + len(word)
        if VALUE.fullmatch(word):
            continue
        if TIME.fullmatch(word) and (kind == "volume" or servers or others):
            # For a log keep the time without its letter; for a volume drop it.
            blank[start:end] = (" " * (end - start)) if kind == "volume" else f" {word[1:]}"
            continue
        if is_server(word):
            servers.append((start, word))
        elif not is_filler(word):
            strange.append(start)
        blank[start:end] = ("," if word.lower() == "and" else " ").ljust(end - start)
    return servers, strange, "".join(blank)


def _turned(line: str, servers: list[tuple[int, str]], blank: str) -> str:
    """Return the line with each server before its value; this changes only lines such as `1.3 on s1`."""
    first, last = servers[0][0], servers[-1][0]
    if not any(letter.isdigit() for letter in blank[:first]) or any(letter.isdigit() for letter in blank[last:]):
        return line
    return _VALUE_FIRST.sub(r"\2 = \1 ,", line)


def _without_server(line: str, blank: str, *, has_number: bool, strange: bool) -> Sentence:
    if not has_number:
        return NOTHING
    inner = _inner(blank)
    if VALUE.fullmatch(inner) and not strange:
        return Sentence("value", (("", inner.replace(" ", "")),))
    return NOTHING if any(letter.isalpha() for letter in line) else ODD


def _rows(servers: list[tuple[int, str]], blank: str, kind: Kind) -> Sentence:
    ends = [place for place, _ in servers[1:]] + [len(blank)]
    rows = []
    for (start, server), end in zip(servers, ends, strict=True):
        part = _inner(blank[start:end])
        values = _times(part) if kind == "log" else _volume(part)
        if not values:
            differ = kind == "volume" and _EQUALS.search(part)
            return Sentence("odd", why="names two values that differ, or none") if differ else ODD
        rows += [(server, value) for value in values]
    return Sentence("rows", tuple(rows))


def _volume(part: str) -> list[str]:
    """Return the one value of a part, maybe after its computation; an empty list if there is none, or two differ."""
    sides = [_inner(side) for side in _EQUALS.split(part)]
    values = [side for side in sides if VALUE.fullmatch(side)]
    others = [side for side in sides if side and side not in values]
    if not values or not all(_COMPUTATION.fullmatch(side) for side in others):
        return []
    if len(values) > 1:
        numbers = [number_of(value) for value in values]
        if None in numbers or not all(
            isclose(number or 0, numbers[-1] or 0, rel_tol=0, abs_tol=_ROUNDED) for number in numbers
        ):
            return []
    # Prefer the number to a fraction: the fraction only shows how the number is computed.
    return ["".join(next((value for value in reversed(values) if "/" not in value), values[-1]).split())]


def _times(part: str) -> list[str]:
    """Return the timestamps of a part; for a whole record, with severity 0, the last of its numbers."""
    if record := _SEVERITY_0.fullmatch(part):
        return [record[1]]
    values = [each for item in re.split(r"[,;]", part) if (each := _inner(item))]
    return values if all(re.fullmatch(NUMBER, value) for value in values) else []


def number_of(value: str) -> float | None:
    """Return the number of a value, which may be a fraction such as `4/3`; None if it is not a number."""
    numerator, slash, denominator = value.partition("/")
    try:
        return float(numerator) / float(denominator) if slash else float(value)
    except (ValueError, ZeroDivisionError, OverflowError):
        return None


def _inner(part: str) -> str:
    """Return a part without the separators around it."""
    return part[_BEFORE.match(part).end() :].rstrip(_AFTER)  # type: ignore[union-attr]


def _remark(found: re.Match[str]) -> str:
    """Return the replacement for a remark in parentheses after a number.

    A remark with a server is another row, one without letters is another form of the number, and words are dropped.
    """
    remark = found[1]
    if any(is_server(word.rstrip(".-_")) for word in _WORD.findall(remark)):
        return f" {remark} "
    return "" if any(letter.isalpha() for letter in remark) else f" = {remark}"
