"""The line reader: finds rows in plain pairs, in tables with a head, and in sentences."""

import re
from dataclasses import dataclass, field
from typing import Final

from lab.judge.rows.columns import has_servers, is_known, places
from lab.judge.rows.literals import unfolded
from lab.judge.rows.markup import WITHIN, undecorated, without_tags
from lab.judge.rows.row import MAX_SHOWN, Kind, OddLine, Reading, Row
from lab.judge.rows.sentence import NOTHING, Sentence, read_sentence
from lab.judge.rows.words import SERVER_ID, TIME, VALUE, is_filler, is_server

_BORDER: Final = re.compile(r"[\s+|:=_*~-]*")
_SEPARATORS: Final = re.compile(r"[\s,;|:=]+")
# The line above each row that `show(vertical=True)` prints.
_RECORD: Final = re.compile(r"\s*-+\s?RECORD [0-9]{1,9}\s?-*\s*")
_IMAGE: Final = "<img"


def read_rows(text: str, kind: Kind) -> Reading:
    """Return the rows and odd lines of any text; only the first MAX_TEXT characters are read."""
    reader = _Reader(kind)
    for number, line in enumerate(unfolded(without_tags(text), kind).split("\n"), start=1):
        for part in line.split(WITHIN):
            reader.take(number, part)
    reader.end()
    return Reading(tuple(reader.rows), tuple(reader.odd))


@dataclass(frozen=True)
class _Head:
    """The head of a table: its separator, the number of cells, and the positions of the server and the value."""

    separator: str
    width: int
    places: tuple[int, int]


@dataclass
class _Reader:
    """The state of the reader: what it has read so far."""

    kind: Kind
    rows: list[Row] = field(default_factory=list)
    odd: list[OddLine] = field(default_factory=list)
    head: _Head | None = None
    # A line with only a server, whose value may be on the next line: its number, the server, its text.
    waiting: tuple[int, str, str] | None = None
    record: list[tuple[str, str]] | None = None

    def take(self, number: int, line: str) -> None:
        """Read one line."""
        if _RECORD.fullmatch(line):
            self._end_record(number)
            self.record = []
            return
        if self.record is not None and "|" in line:
            name, _, value = line.partition("|")
            self.record.append((name.strip(), value.strip(" |")))
            return
        self._end_record(number)
        line = undecorated(line).replace(_IMAGE, " ").strip()
        if not _BORDER.fullmatch(line) and not self._is_head(line):
            self._read(number, self._selected(line))

    def end(self) -> None:
        """Finish an open record, and report a server whose value never came."""
        self._end_record(0)
        self._give_up_waiting()

    def _end_record(self, number: int) -> None:
        record, self.record = self.record, None
        if record and (found := places([name for name, _ in record], self.kind)):
            self._read(number, " ".join(record[place][1] for place in found))

    def _is_head(self, line: str) -> bool:
        separator = next((each for each in "|\t;," if each in line), "")
        cells = _cells(line, separator)
        if len(cells) < 2 or not has_servers(cells) or any(VALUE.fullmatch(cell) or is_server(cell) for cell in cells):
            return False
        if not separator and not all(map(is_known, cells)):
            return False
        found = places(cells, self.kind)
        self.head = _Head(separator, len(cells), found) if found else None
        return True

    def _selected(self, line: str) -> str:
        """Return the server and the value of a row below a table's head; any other line unchanged."""
        if self.head is None:
            return line
        cells = _cells(line, self.head.separator)
        # The head has no name for the column of row numbers.
        if len(cells) == self.head.width + 1 and cells[0].isdecimal():
            del cells[0]
        if len(cells) != self.head.width:
            return line
        server, value = (cells[place] for place in self.head.places)
        return f"{server} {value}" if SERVER_ID.fullmatch(server) else line

    def _read(self, number: int, line: str) -> None:
        pair = _pair(line, self.kind)
        found = Sentence("rows", (pair,)) if pair else read_sentence(line, self.kind)
        if found is NOTHING:
            return
        if found.says == "value" and self.waiting:
            line_number, server, _ = self.waiting
            self.rows.append(Row(line_number, server, found.rows[0][1]))
            self.waiting = None
            return
        if found.says == "value" and any(map(str.isalpha, line)):
            return
        self._give_up_waiting()
        if found.says == "server":
            self.waiting = (number, found.rows[0][0], line)
        elif found.says == "rows":
            self.rows += [Row(number, server, value) for server, value in found.rows]
        else:
            self.odd.append(OddLine(number, line[:MAX_SHOWN], found.why))

    def _give_up_waiting(self) -> None:
        if self.waiting:
            number, _, line = self.waiting
            self.odd.append(OddLine(number, line[:MAX_SHOWN]))
            self.waiting = None


def _cells(line: str, separator: str) -> list[str]:
    if not separator:
        return line.split()
    if separator == "|":
        line = line.removeprefix("|").removesuffix("|")
    return [cell.strip() for cell in line.split(separator)]


def _pair(line: str, kind: Kind) -> tuple[str, str] | None:
    """Return the server and the value of a line with nothing else but separators, as the lab shows a row; else None."""
    parts = [part for part in _SEPARATORS.split(line) if part]
    if len(parts) != 2:
        return None
    server, value = parts[0], parts[1].rstrip(".!") or parts[1]
    if is_filler(server) or not SERVER_ID.fullmatch(server):
        return None
    if kind == "log" and TIME.fullmatch(value):
        return server, value[1:]
    if VALUE.fullmatch(value) or TIME.fullmatch(value):
        return server, value
    return (server, value) if is_server(server) and value.isalpha() and not is_filler(value) else None
