"""Finds the four claimed results in a notebook, wherever in it and in whatever form somebody has put them.

They are found by the ids of their cells, else below the questions, else by their order. What is found is not compared with
anything here: a claim is chosen by where it stands, never by its numbers.
"""

import html
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from lab.handin.grader.questions import asked, begins_results
from lab.handin.grader.written import Written, written
from lab.handin.outline import RESULT
from lab.judge.rows import MAX_TEXT, Kind, Reading, read_rows
from lab.lesson.results import GROUPS, Group

# Of all cells together, the last first: reading takes about a second for a million letters at worst.
MAX_READ: Final = 400_000
# Each part is looked at once, whatever the text: nobody hands in a cell that takes hours to be searched.
# The handout itself asks for "a <pre> tag" in the cell of each result: of two that follow each other the second begins it.
_PRE: Final = re.compile(r"<pre\b[^<>]*>(?P<text>(?:(?!<pre\b).)*?)</pre\s*>", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^[ >]{0,6}(```++|~~~++)[^\n]*+\n(?P<text>.*?)^[ >]{0,6}\1", re.DOTALL | re.MULTILINE)
_BY_ID: Final = {group.id: group for group in GROUPS}


@dataclass(frozen=True)
class Claim:
    """A claimed result: its rows as they were read, or the text that cannot be; or it is a picture, which is not read."""

    text: str = ""
    picture: bool = False


@dataclass
class _Section:
    """What stands between a question and the next; `in_results` if it is where results belong."""

    group: str | None
    in_results: bool
    parts: list[Written] = field(default_factory=list)


def claims_of(cells: Sequence[Any]) -> dict[str, Claim]:
    """Return the claim of each result group by the group's id; an empty one if there is none."""
    everything = list(_within_budget([written(cell) for cell in cells]))
    begin = _results_begin(everything)
    sections = list(_sections(everything, len(everything) if begin is None else begin))
    found = {group.id: _of_sections(group, sections) for group in GROUPS}
    if not any(claim.text or claim.picture for claim in found.values()):
        found |= _by_order(everything[begin or 0 :], in_results=begin is not None)
    return found


def _within_budget(cells: Sequence[Written]) -> Iterator[Written]:
    left = MAX_READ
    kept = []
    for cell in reversed(cells):
        left -= sum(map(len, (*cell.texts, *cell.outputs)))
        kept.append(cell if left >= 0 else replace(cell, texts=(), outputs=()))
    return reversed(kept)


def _results_begin(cells: Sequence[Written]) -> int | None:
    """Return the number of the cell with which the results begin; None if nothing says so."""
    begins = [number for number, cell in enumerate(cells) if cell.is_text and any(map(begins_results, cell.texts))]
    return begins[-1] if begins else None


# --- by ids and questions


def _sections(cells: Sequence[Written], begin: int) -> Iterator[_Section]:
    kind: Kind | None = None
    section = _Section(None, in_results=False)
    for number, cell in enumerate(cells):
        group = cell.id.removeprefix(RESULT)
        if cell.id.startswith(RESULT) and group in _BY_ID:
            yield section
            section, kind = _Section(group, in_results=True, parts=[cell]), _BY_ID[group].kind
        elif not cell.is_text:
            section.parts.append(cell)
        else:
            pieces, kind = _pieces("".join(cell.texts), section.group, kind)
            (_, text), *others = pieces
            section.parts.append(replace(cell, texts=(text,), picture=cell.picture and not others))
            for asked_for, text in others:
                yield section
                section = _Section(asked_for, number >= begin, [replace(cell, texts=(text,))])
    yield section


def _pieces(text: str, group: str | None, kind: Kind | None) -> tuple[list[tuple[str | None, str]], Kind | None]:
    """Return a text taken apart where it asks for something else, with the groups, and the kind that it ends with.

    `group` and `kind` are those of what was before; the first piece goes on with it.
    """
    pieces, lines = [], list[str]()
    for line in text.splitlines():
        about = asked(line)
        wanted = about.group(kind) if about.which else None
        if (wanted and wanted != group) or (about.kind and kind and about.kind != kind):
            pieces.append((group, "\n".join(lines)))
            group, lines = wanted, []
        kind = about.kind or kind
        lines.append(line)
    pieces.append((group, "\n".join(lines)))
    # An answer may stand above its question as well, if there is no other in the cell.
    return ([(None, ""), (group, text)] if len(pieces) == 2 and group else pieces), kind


def _of_sections(group: Group, sections: Sequence[_Section]) -> Claim:
    """Return the claim of a group: the last of those where results belong, else the last of any."""
    own = [section for section in sections if section.group == group.id]
    for where in (True, False):
        claims = [_of_section(group, section) for section in own if section.in_results is where]
        # Rows before a picture, and a picture before what cannot be read.
        if found := [claim for claim in claims if claim.text] or [claim for claim in claims if claim.picture]:
            return found[-1]
    return Claim()


def _of_section(group: Group, section: _Section) -> Claim:
    kind, unread = group.kind, ""
    for part in section.parts:
        text, is_read = _of_cell(part, kind, in_results=section.in_results)
        if is_read:
            return Claim(text)
        unread = unread or text
    picture = any(part.picture and (part.is_text or section.in_results) for part in section.parts)
    return Claim("" if picture else unread, picture)


def _of_cell(cell: Written, kind: Kind, *, in_results: bool) -> tuple[str, bool]:
    """Return the claim of a cell, and whether it was read; code that computes is a claim only where results belong."""
    if cell.is_code and not in_results:
        return "", False
    unread = ""
    for text in (*cell.texts, *(cell.outputs if in_results else ())):
        claim, is_read = _read(text, kind)
        if is_read:
            return claim, True
        unread = unread or ("" if cell.is_code else claim)
    return unread, False


def _read(text: str, kind: Kind) -> tuple[str, bool]:
    """Return the rows of a text: of what it sets apart if there are any, else of all of it; or what of it is no row."""
    text = text[:MAX_TEXT]
    apart = ["\n".join(each["text"] for each in pattern.finditer(text)) for pattern in (_PRE, _FENCE)]
    readings = [(each, read_rows(each, kind)) for each in (*apart, text) if each.strip()]
    for each, reading in readings:
        if reading.rows:
            return (_plain(each) if reading.odd else reading.text), not reading.odd
    unread = next((each for each in apart if each.strip()), "")
    odd = readings[-1][1].odd if readings else ()
    return _plain(unread) or "\n".join(each.text for each in odd), False


def _plain(text: str) -> str:
    return html.unescape(text).strip()[:MAX_TEXT]


# --- by their order


def _by_order(cells: Sequence[Written], *, in_results: bool) -> dict[str, Claim]:
    """Return the last four cells with rows or a picture.

    Of fewer, which are volumes and which logs say the rows themselves.
    """
    computing = max((number for number, cell in enumerate(cells) if cell.is_code), default=-1)
    # Before that, a cell of code without a question is part of the lab, such as its log files.
    likely = [cell for number, cell in enumerate(cells) if cell.is_text or in_results or number > computing]
    parts = [cell for cell in likely if cell.picture or _reading(cell, in_results=in_results).rows]
    if len(parts) == 1 and not parts[0].picture:
        parts = [part for part in _blocks(parts[0]) if _reading(part, in_results=in_results).rows]
    if len(parts) >= len(GROUPS):
        pairs = list(zip(GROUPS, parts[-len(GROUPS) :], strict=True))
    else:
        logs = [_is_log(_reading(part, in_results=in_results)) for part in parts]
        pairs = []
        for kind, is_log in (("volume", False), ("log", True)):
            groups = [group for group in GROUPS if group.kind == kind]
            pairs += zip(groups, [part for part, each in zip(parts, logs, strict=True) if each is is_log], strict=False)
    return {
        group.id: _of_section(group, _Section(group.id, in_results=in_results, parts=[part])) for group, part in pairs
    }


def _reading(cell: Written, *, in_results: bool) -> Reading:
    texts = [_of_cell(cell, kind, in_results=in_results) for kind in ("volume", "log")]
    return next((read_rows(text, "volume") for text, is_read in texts if is_read), Reading())


def _is_log(reading: Reading) -> bool:
    """Return whether rows are those of a log: only there a server stands more than once."""
    servers = [row.server for row in reading.rows]
    return len(set(servers)) < len(servers)


def _blocks(cell: Written) -> list[Written]:
    """Return the parts of a cell that has all results: what is set apart, else its paragraphs."""
    text = "".join(cell.texts[:1])
    for pattern in (_PRE, _FENCE):
        if len(blocks := [each["text"] for each in pattern.finditer(text)]) > 1:
            return [replace(cell, texts=(block,)) for block in blocks]
    return [replace(cell, texts=(block,)) for block in re.split(r"\n\s*\n", text)]
