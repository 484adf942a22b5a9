"""The retrospective: what of it is still missing, and its PDF."""

import json
from collections.abc import Sequence
from dataclasses import asdict, astuple
from datetime import UTC, datetime
from pathlib import Path
from typing import Final

import typst

from lab.handin import typesetting
from lab.handin.fonts import FAMILIES, fonts_for
from lab.handin.fonts import unshowable as unshowable_as_it_is
from lab.lesson.retrospective import PARTS, Retrospective, refuse_too_long

__all__ = ["LAB", "TITLE", "Retrospective", "missing", "to_pdf", "unshowable"]

TITLE: Final = "Retrospective"
LAB: Final = "Spark Streaming for log processing"
# The handout's four parts, as the report is headed.
HEADINGS: Final = {
    "name": "Name",
    "time_spent": "Time spent",
    "challenges": "Challenging or confusing",
    "takeaways": "Takeaways",
}
# Of a name, at the foot of each page.
MAX_NAME: Final = 48
EMPTY: Final = "Nothing was written here."
TEMPLATE: Final = Path(__file__).with_suffix(".typ")


def missing(retrospective: Retrospective) -> tuple[str, ...]:
    """What a person calls those of the four parts that are empty."""
    return tuple(PARTS[part] for part, text in asdict(retrospective).items() if not typesetting.cleaned(text).strip())


def unshowable(*texts: str) -> tuple[str, ...]:
    """The characters that no font can show, each once. The PDF has their code points instead."""
    return unshowable_as_it_is("".join(map(typesetting.cleaned, texts)))


def to_pdf(
    retrospective: Retrospective,
    receipt_lines: Sequence[tuple[str, str]] = (),
    *,
    made: datetime | None = None,
) -> bytes:
    """The retrospective as a tagged PDF (PDF/UA-1) on A4, with the receipt as a small block at its end.

    `made` is the time that it bears, by default now; the same texts made at the same time give the same bytes. Raises
    LabError when a part is too long, or the fonts cannot be used.
    """
    refuse_too_long(retrospective)
    made = made or datetime.now(UTC)
    texts = {part: _prepared(text) for part, text in asdict(retrospective).items()}
    receipt = [(_prepared(name), _prepared(value)) for name, value in receipt_lines]
    name = " ".join(texts["name"].split())
    data = {
        "title": TITLE,
        "lab": LAB,
        "author": name,
        "by": name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…",
        "date": f"{made.day} {made:%B %Y}",
        "fonts": FAMILIES,
        "empty": EMPTY,
        "sections": [
            {
                "heading": HEADINGS[part],
                "short": "\n" not in text and len(text) <= MAX_NAME,
                "paragraphs": [asdict(paragraph) for paragraph in typesetting.paragraphs(text)],
            }
            for part, text in texts.items()
        ],
        "receipt": [tuple(map(typesetting.pieces, line)) for line in receipt],
    }
    everything = "".join([*texts.values(), *("".join(line) for line in receipt), *astuple(retrospective)])
    return typst.compile(
        TEMPLATE.read_bytes(),
        format="pdf",
        font_paths=fonts_for(everything),
        sys_inputs={"data": json.dumps(data)},
        pdf_standards=["ua-1"],
        timestamp=made,
    )


def _prepared(text: str) -> str:
    return typesetting.spelled_out(typesetting.cleaned(text))
