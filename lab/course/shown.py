"""What a teacher shows to a class, as a small value: one step with its code, its outcome, and the stage at a moment.

It goes through the store, where another lab reads it, so everything in it has a limit.
"""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from typing import Any, Final

from lab.cells.bounds import MAX_SOURCE
from lab.lesson.steps import STEPS
from lab.stage.result_rows import MAX_COLUMNS, MAX_LETTERS, MAX_ROWS, ResultRows

# Another version of the lab may show something that this one cannot draw.
FORM: Final = 1
MAX_PRINTED: Final = 4_000
MAX_VERDICT: Final = 1_000
MAX_NOTE: Final = 200
# Characters of the stage's picture as JSON; a picture with as many files as the stage draws needs a third of that.
MAX_PICTURE: Final = 12_000
MAX_COUNT: Final = 1_000_000_000
_OUTCOMES: Final = frozenset(
    {"", "passed", "passed, with one thing to know", "wrong", "error", "not performed", "not attempted", "refused"}
)


@dataclass(frozen=True)
class Shown:
    """A step as the teacher shows it.

    `code` is what the teacher has typed, or the lab's solution if `is_solution`. `printed` is what it printed, and
    `note` a remark on that. `verdict` is a message, and `outcome` that of a check, or "refused". `picture` is the stage
    as JSON, empty for a step without a stage; `result` has the rows of the step's query.
    """

    step_id: str
    code: str
    is_solution: bool = False
    printed: str = ""
    note: str = ""
    verdict: str = ""
    outcome: str = ""
    picture: str = ""
    result: ResultRows = field(default_factory=lambda: ResultRows(""))

    @property
    def drawn(self) -> Mapping[str, Any]:
        """The stage's picture as a mapping; empty if there is none."""
        known: Mapping[str, Any] = json.loads(self.picture) if self.picture else {}
        return known

    @property
    def gives_away(self) -> bool:
        """Whether the code is a solution: the lab's, or one that has passed. A learner who copies it has seen one."""
        return self.is_solution or self.outcome.startswith("passed")


def bounded(shown: Shown) -> Shown:
    """Return a copy with long texts cut, and a note that says so; a picture that is too large is left out."""
    return Shown(
        shown.step_id,
        _cut(shown.code, MAX_SOURCE),
        shown.is_solution,
        _cut(shown.printed, MAX_PRINTED),
        _cut(shown.note, MAX_NOTE),
        _cut(shown.verdict, MAX_VERDICT),
        shown.outcome,
        shown.picture if len(shown.picture) <= MAX_PICTURE else "",
        shown.result,
    )


def document_of(shown: Shown) -> Mapping[str, Any]:
    """Return it in the form that the store keeps."""
    return {"form": FORM} | asdict(bounded(shown))


def read_shown(document: object) -> Shown | None:
    """Read a document from the store; return None if it is not valid, or from another version of the lab."""
    known = document if isinstance(document, Mapping) else {}
    limits = {
        "step_id": MAX_NOTE,
        "code": MAX_SOURCE,
        "printed": MAX_PRINTED,
        "note": MAX_NOTE,
        "verdict": MAX_VERDICT,
        "outcome": MAX_NOTE,
        "picture": MAX_PICTURE,
    }
    texts: dict[str, Any] = {name: known.get(name) for name in limits}
    is_solution, result = known.get("is_solution"), _read_rows(known.get("result"))
    if known.get("form") != FORM or not all(_is_text(texts[name], limit) for name, limit in limits.items()):
        return None
    if texts["step_id"] not in STEPS or texts["outcome"] not in _OUTCOMES:
        return None
    if not isinstance(is_solution, bool) or result is None or not _is_picture(texts["picture"]):
        return None
    return Shown(**texts, is_solution=is_solution, result=result)


def _cut(text: str, limit: int) -> str:
    if len(text) <= limit:
        return text
    word = f"\n… {len(text):,} characters in all"
    return text[: limit - len(word)] + word


def _is_text(value: object, limit: int) -> bool:
    return isinstance(value, str) and len(value) <= limit


def _is_picture(text: Any) -> bool:
    try:
        return not text or isinstance(json.loads(text), dict)
    except (ValueError, RecursionError):
        return False


def _read_rows(value: object) -> ResultRows | None:
    match value:
        case {"title": str(title), "columns": [*columns], "rows": [*rows], "more": int(more)}:
            pass
        case _:
            return None
    if len(title) > MAX_NOTE or len(columns) > MAX_COLUMNS or len(rows) > MAX_ROWS or not 0 <= more <= MAX_COUNT:
        return None
    lines = [columns, *rows]
    if not all(isinstance(line, list | tuple) and len(line) <= MAX_COLUMNS for line in lines):
        return None
    if not all(_is_text(text, MAX_LETTERS) for line in lines for text in line):
        return None
    return ResultRows(title, tuple(columns), tuple(map(tuple, rows)), more)
