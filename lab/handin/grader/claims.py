"""The search for the four claimed results in a notebook, in any place and any form.

They are found by the ids of their cells, else below the questions, else by their order. Claims are not compared with
the right results here: a claim is chosen by its place, never by its numbers.
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

# Characters of all cells together, counted from the last cell: to read a million takes about a second at worst.
MAX_READ: Final = 400_000
# Both patterns look at each part of a text only once, so no cell can keep the search busy for hours.
# The handout asks for "a <pre> tag" in the cell of each result: of two openings in a row, the second begins the result.
_PRE: Final = re.compile(r"<pre\b[^<>]*>(?P<text>(?:(?!<pre\b).)*?)</pre\s*>", re.DOTALL | re.IGNORECASE)
_FENCE: Final = re.compile(r"^[ >]{0,6}(```++|~~~++)[^\n]*+\n(?P<text>.*?)^[ >]{0,6}\1", re.DOTALL | re.MULTILINE)
_BY_ID: Final = {group.id: group for group in GROUPS}


@dataclass(frozen=True)
class Claim:
    """A claimed result: its rows as they were read, or a text that cannot be read; or a picture, which is not read."""

    text: str = ""
    picture: bool = False


@dataclass
class _Section:
    """The parts between one question and the next; `in_results` says that they are where results belong."""

    group: str | None
    in_results: bool
    parts: list[Written] = field(default_factory=list)


def claims_of(cells: Sequence[Any]) -> dict[str, Claim]:
    """Return the claim of each result group, by the group's id; it is empty if there is none."""
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
    """Return the index of the cell with the last heading "Results"; None if there is none."""
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
    """Split a text where it asks for another result; return the pieces with their groups, and the kind at the end.

    `group` and `kind` are those before the text; the first piece continues that group.
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
    # If the cell has only one question, its answer may also be above it.
    return ([(None, ""), (group, text)] if len(pieces) == 2 and group else pieces), kind


def _of_sections(group: Group, sections: Sequence[_Section]) -> Claim:
    """Return the claim of a group: the last one where results belong, else the last one elsewhere."""
    own = [section for section in sections if section.group == group.id]
    for where in (True, False):
        claims = [_of_section(group, section) for section in own if section.in_results is where]
        # Prefer text to a picture. A section with a picture has no unreadable text, only rows (see `_of_section`).
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
    """Return the claim of a cell, and whether it could be read; code that computes counts only where results belong."""
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
    """Return the rows of a text, and True; if they cannot be read, return the unreadable part, and False.

    Blocks in <pre> or in code fences come first, then the whole text.
    """
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
    """Return the claims of the last four cells with rows or a picture, in the order of the result groups.

    If there are fewer, the rows themselves decide which are volumes and which are logs.
    """
    computing = max((number for number, cell in enumerate(cells) if cell.is_code), default=-1)
    # A code cell before the last computing one, without a question, is a part of the lab, such as its log files.
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
    """Return whether the rows are those of a log: only a log has several rows of one server."""
    servers = [row.server for row in reading.rows]
    return len(set(servers)) < len(servers)


def _blocks(cell: Written) -> list[Written]:
    """Split a cell that has all results: into its <pre> or fenced blocks, else into paragraphs."""
    text = "".join(cell.texts[:1])
    for pattern in (_PRE, _FENCE):
        if len(blocks := [each["text"] for each in pattern.finditer(text)]) > 1:
            return [replace(cell, texts=(block,)) for block in blocks]
    return [replace(cell, texts=(block,)) for block in re.split(r"\n\s*\n", text)]
