"""The texts in a cell of a notebook from which a claim may be read; nothing is executed."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

from lab.judge.rows import MAX_TEXT, has_picture

# An unclosed string ends with its line, so that the search does not start again at each of its quotes.
_WORDS_OF_CODE: Final = re.compile(
    r"#(?P<comment>[^\n]*+)"
    r"|'''(?P<long>.*?)'''|\"\"\"(?P<long2>.*?)\"\"\""
    r"|'(?P<short>(?:[^'\\\n]|\\[^\n])*+)'?|\"(?P<short2>(?:[^\"\\\n]|\\[^\n])*+)\"?",
    re.DOTALL,
)
_ESCAPES: Final = {r"\n": "\n", r"\t": "\t"}
# The names that a code cell may use if it only shows words.
_SHOWING: Final = frozenset({"print", "display", "Markdown", "HTML", "f", "r"})


@dataclass(frozen=True)
class Written:
    """The texts of one cell, the likeliest first, and whether it shows a picture. `is_code` says that it computes."""

    id: str
    texts: tuple[str, ...]
    outputs: tuple[str, ...] = ()
    picture: bool = False
    is_code: bool = False
    is_text: bool = False


def written(cell: Any) -> Written:
    """Return the texts and the outputs of a cell."""
    cell_id, source = str(cell.get("id", "")), cell.source[:MAX_TEXT]
    if cell.cell_type != "code":
        return Written(cell_id, (source,), picture=has_picture(source) or bool(cell.get("attachments")), is_text=True)
    found = list(_outputs(cell))
    return Written(
        cell_id,
        ("\n".join(_words(source)), source),
        tuple(text[:MAX_TEXT] for _, text in found if text),
        picture=any(kind.startswith("image/") for kind, _ in found),
        is_code=not _only_words(source),
    )


def _words(source: str) -> Iterator[str]:
    """Yield the comments and strings of code."""
    for found in _WORDS_OF_CODE.finditer(source):
        text = next((each for each in found.groups() if each is not None), "")
        yield re.sub(r"\\[nt]", lambda escape: _ESCAPES[escape[0]], text)


def _only_words(source: str) -> bool:
    """Return whether code only shows words, numbers, and lists of them."""
    parts = re.findall(r"\w+|[^\w\s]", _WORDS_OF_CODE.sub(" ", source))
    return all(
        part in _SHOWING or part.isdecimal() or part in "()[]{},:=+-./;" or after == "="
        for part, after in zip(parts, [*parts[1:], ""], strict=False)
    )


def _outputs(cell: Any) -> Iterator[tuple[str, str]]:
    """Yield the MIME type of each output of a cell, with its content if that is plain text."""
    for output in cell.get("outputs", ()):
        if output.get("output_type") == "stream":
            yield "text/plain", str(output.get("text", ""))
        for kind, content in (output.get("data") or {}).items():
            yield str(kind), str(content) if kind == "text/plain" else ""
