"""The retrospective: its missing parts, and its PDF."""

import json
from collections.abc import Sequence
from dataclasses import asdict, replace
from datetime import UTC, datetime
from pathlib import Path
from typing import Final, cast

import typst

from lab.handin.retrospective import typesetting
from lab.handin.retrospective.fonts import FAMILIES, fonts_for
from lab.handin.retrospective.fonts import unshowable as unshowable_as_it_is
from lab.learner.progress import Progress
from lab.learner.retrospective import PARTS, Retrospective, refuse_too_long
from lab.learner.time_spent import in_words

__all__ = ["LAB", "TITLE", "Retrospective", "filled", "missing", "to_pdf", "to_pictures", "unshowable"]

TITLE: Final = "Retrospective"
LAB: Final = "Spark Streaming for log processing"
# The headings of the handout's four parts.
HEADINGS: Final = {
    "name": "Name",
    "time_spent": "Time spent",
    "challenges": "Challenging or confusing",
    "takeaways": "Takeaways",
}
# Characters of the name at the foot of each page.
MAX_NAME: Final = 32
PICTURE_DPI: Final = 100
EMPTY: Final = "Nothing was written here."
TEMPLATE: Final = Path(__file__).with_suffix(".typ")


def missing(retrospective: Retrospective) -> tuple[str, ...]:
    """Return the names of the parts that are empty."""
    return tuple(PARTS[part] for part, text in asdict(retrospective).items() if typesetting.is_blank(text))


def unshowable(*texts: str) -> tuple[str, ...]:
    """Return the characters that no font can show, each once. The PDF shows their code points instead."""
    return unshowable_as_it_is("".join(map(typesetting.cleaned, texts)))


def filled(progress: Progress, name: str = "") -> Retrospective:
    """Return what a learner has written so far; an empty name or time is replaced by `name` or the measured time."""
    written = progress.retrospective
    return replace(
        written,
        name=written.name.strip() or name,
        time_spent=written.time_spent.strip() or in_words(progress.time.seconds),
    )


def to_pdf(
    retrospective: Retrospective, receipt_lines: Sequence[tuple[str, str]] = (), *, made: datetime | None = None
) -> bytes:
    """Return the retrospective as a tagged PDF (PDF/UA-1) on A4, with the receipt as a small block at its end.

    `made` is its date, with time zone, by default now; the same texts and the same `made` give the same bytes. Raises
    LabError when a part is too long, or the fonts cannot be used.
    """
    made = (made or datetime.now(UTC)).replace(microsecond=0)
    compiler = _compiler(retrospective, receipt_lines, made)
    try:
        pdf = compiler.compile(format="pdf", pdf_standards=["ua-1"], timestamp=made)
    except typst.TypstError:
        # PDF/UA requires a character for every glyph; a font of this machine may lack glyphs that it claims to have.
        pdf = compiler.compile(format="pdf", timestamp=made)
    return cast("bytes", pdf)


def to_pictures(retrospective: Retrospective, *, made: datetime | None = None) -> tuple[bytes, ...]:
    """Return the pages without the receipt as PNG files; raise LabError as `to_pdf` does."""
    pages = _compiler(retrospective, (), made or datetime.now(UTC)).compile(format="png", ppi=PICTURE_DPI)
    # For a single page, typst returns bytes instead of a list.
    return tuple(pages) if isinstance(pages, list) else (cast("bytes", pages),)


def _compiler(retrospective: Retrospective, receipt_lines: Sequence[tuple[str, str]], made: datetime) -> typst.Compiler:
    refuse_too_long(retrospective)
    texts = {part: _prepared(text) for part, text in asdict(retrospective).items()}
    receipt = [(_prepared(label), _prepared(value)) for label, value in receipt_lines]
    name = " ".join(texts["name"].split())
    data = {
        "title": TITLE,
        "lab": LAB,
        "author": name,
        "by": _short(name),
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
    everything = "".join([*texts.values(), *("".join(line) for line in receipt)])
    return typst.Compiler(TEMPLATE, font_paths=fonts_for(everything), sys_inputs={"data": json.dumps(data)})


def _short(name: str) -> str:
    return name if len(name) <= MAX_NAME else f"{name[:MAX_NAME]}…"


def _prepared(text: str) -> str:
    return typesetting.spelled_out(typesetting.cleaned(text))
