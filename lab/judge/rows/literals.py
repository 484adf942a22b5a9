"""A parser for lists, dictionaries and rows as Python, JSON and Spark print them. It writes one line per row.

The parser is our own, because a stranger's text may be deep, long or incomplete. It reads at most MAX_DEPTH levels, and
gives up after MAX_FAILED brackets that are no literal.
"""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from lab.judge.rows.columns import has_servers, places
from lab.judge.rows.markup import WITHIN
from lab.judge.rows.row import Kind
from lab.judge.rows.words import SERVER_ID, VALUE, is_filler, is_server

MAX_DEPTH: Final = 6
MAX_FAILED: Final = 300
_START: Final = re.compile(r"(?:\b[A-Za-z_][\w.]{0,60})?[\[({]")
_TOKEN: Final = re.compile(
    r"\s*(?:(?P<string>'[^'\n\\]{0,500}'|\"[^\"\n\\]{0,500}\")|(?P<word>[\w.+-]{1,100})|(?P<mark>[\[\](){},:=;]))"
)
_CLOSING: Final = {"[": "]", "(": ")", "{": "}"}


@dataclass(frozen=True)
class _Part:
    """A value between brackets, with its name if it has one: a keyword argument's name, or a dictionary's key."""

    value: "str | _Group"
    name: str | None = None


@dataclass(frozen=True)
class _Group:
    """The content of a pair of brackets; `call` is the name before them, such as `Row`."""

    parts: tuple[_Part, ...]
    call: str = ""

    @property
    def names(self) -> list[str] | None:
        """The names of all parts; None unless each has one."""
        names = [part.name for part in self.parts if part.name is not None]
        return names if names and len(names) == len(self.parts) else None


class _NoLiteralError(Exception):
    """The text at this position is not a literal of rows."""


def unfolded(text: str, kind: Kind) -> str:
    """Return the text with each literal of rows replaced by its rows, separated by WITHIN to keep the line numbers."""
    unfolded: list[str] = []
    done = place = failed = 0
    while failed < MAX_FAILED and (start := _START.search(text, place)):
        place = start.end()
        try:
            group, end = _group(text, start.start(), 0)
            lines = WITHIN.join(_lines(group, kind))
        except _NoLiteralError:
            failed += 1
            continue
        breaks = "\n" * text.count("\n", start.start(), end)
        unfolded += [text[done : start.start()], WITHIN, lines, WITHIN, breaks]
        done = place = end
    return "".join([*unfolded, text[done:]])


# --- reading a literal


def _group(text: str, place: int, depth: int) -> tuple[_Group, int]:
    start = _START.match(text, place)
    if start is None or depth > MAX_DEPTH:
        raise _NoLiteralError
    closing, place = _CLOSING[start[0][-1]], start.end()
    parts: list[_Part] = []
    while True:
        mark, after = _mark(text, place)
        if mark == closing:
            return _Group(tuple(parts), start[0][:-1]), after
        part, place = _part(text, place, depth)
        parts.append(part)
        mark, after = _mark(text, place)
        if mark in {",", ";"}:
            place = after
        elif mark != closing:
            raise _NoLiteralError


def _part(text: str, place: int, depth: int) -> tuple[_Part, int]:
    value, place = _value(text, place, depth)
    mark, after = _mark(text, place)
    if mark not in {":", "="} or isinstance(value, _Group):
        return _Part(value), place
    named, place = _value(text, after, depth)
    return _Part(named, value), place


def _value(text: str, place: int, depth: int) -> tuple[str | _Group, int]:
    while text[place : place + 1].isspace():
        place += 1
    if _START.match(text, place):
        group, place = _group(text, place, depth + 1)
        # A call with one plain argument counts as that argument, such as np.float64(1.3).
        alone = group.parts[0].value if group.call and len(group.parts) == 1 and group.names is None else group
        return (alone if isinstance(alone, str) else group), place
    found = _TOKEN.match(text, place)
    if found is None or found["mark"]:
        raise _NoLiteralError
    return (found["string"][1:-1].strip() if found["string"] else found["word"]), found.end()


def _mark(text: str, place: int) -> tuple[str, int]:
    found = _TOKEN.match(text, place)
    return (found["mark"] or "", found.end()) if found else ("", place)


# --- the rows of it


def _lines(group: _Group, kind: Kind) -> Iterator[str]:
    """Yield the rows of a literal as text; raise _NoLiteralError if it is anything else."""
    values = [part.value for part in group.parts]
    if names := group.names:
        yield from _of_names(names, values, kind)
    elif any(part.name is not None for part in group.parts) or not values:
        raise _NoLiteralError
    elif all(isinstance(value, _Group) for value in values):
        for value in values:
            if isinstance(value, _Group):
                yield from _lines(value, kind)
    else:
        yield from _of_list([value for value in values if isinstance(value, str)], len(values), kind)


def _of_names(names: Sequence[str], values: Sequence[str | _Group], kind: Kind) -> Iterator[str]:
    if has_servers(names):
        found = places(names, kind)
        if found is None:
            raise _NoLiteralError
        servers, numbers = (_scalars(values[place]) for place in found)
        if len(servers) != len(numbers):
            raise _NoLiteralError
        yield from map(_row, servers, numbers)
        return
    for name, value in zip(names, values, strict=True):
        if isinstance(value, str):
            yield _row(name, value)
        elif kind == "log" and is_server(name):
            yield from (_row(name, number) for number in _scalars(value))
        else:
            yield from _lines(value, kind)


def _of_list(values: Sequence[str], length: int, kind: Kind) -> Iterator[str]:
    if len(values) != length:
        raise _NoLiteralError
    if all(" " in value or "," in value for value in values):
        yield from values
    elif length == 2:
        yield _row(*values)
    elif kind == "log" and length == 3 and values[1] == "0":
        yield _row(values[0], values[2])
    else:
        raise _NoLiteralError


def _scalars(value: str | _Group) -> list[str]:
    """Return the values of a column, given as one value, a list, or a dictionary by row number."""
    if isinstance(value, str):
        return [value]
    scalars = [part.value for part in value.parts if isinstance(part.value, str)]
    if len(scalars) != len(value.parts):
        raise _NoLiteralError
    return scalars


def _row(server: str, value: str) -> str:
    is_value = VALUE.fullmatch(value) or value in {"None", "null", "nan", "NaN"}
    if not SERVER_ID.fullmatch(server) or is_filler(server) or VALUE.fullmatch(server) or not is_value:
        raise _NoLiteralError
    return f"{server} {value}"
