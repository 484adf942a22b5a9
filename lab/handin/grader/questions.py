"""The result group that a line asks for or is the heading of, recognised by its words."""

import re
from dataclasses import dataclass
from typing import Final, Literal

from lab.dataset import FIRST, SECOND
from lab.judge.rows import Kind, has_picture
from lab.lesson.results import GROUPS

# No question is longer than this; longer lines are skipped.
MAX_QUESTION: Final = 400
_PART: Final = re.compile(r"\bpart\s?(?:(?P<volume>1|one|i)|(?P<log>2|two|ii))\b")
_VOLUME: Final = re.compile(r"volume|\bsev2\b")
_LOG: Final = re.compile(r"\bsev0\b|\blog report\b|\bthe log\b")
_NOT_OF_A_PAIR: Final = r"(?!\s(?:server|row|line|column|time|cell|question|result)s?\b)"
_FIRST: Final = re.compile(rf"\b(?:first|1st){_NOT_OF_A_PAIR}\b")
_SECOND: Final = re.compile(rf"\b(?:second|2nd|last|both pairs|all four){_NOT_OF_A_PAIR}\b")
_FIRST_FILES, _SECOND_FILES = (tuple(name.removesuffix(".csv") for name in pair.files) for pair in (FIRST, SECOND))
_HEADING: Final = re.compile(r"\s*(?:#|\*\*|[0-9a-d][.)])")
# A line without a heading mark counts as a heading if it has at most so many words.
_SHORT: Final = 8
_RESULTS: Final = re.compile(r"^\s{0,3}#{1,6}\s[^\n]{0,100}\bresults?\b", re.IGNORECASE | re.MULTILINE)
_GROUPS: Final = frozenset(group.id for group in GROUPS)

Which = Literal["first", "second"]


@dataclass(frozen=True)
class Asked:
    """What a line is about; None for what it does not say."""

    kind: Kind | None = None
    which: Which | None = None

    def group(self, kind: Kind | None) -> str | None:
        """Return the id of the result group; if the line does not say the kind, use that of the lines before it."""
        found = f"{self.kind or kind}-{self.which}"
        return found if found in _GROUPS else None


def asked(line: str) -> Asked:
    """Return what a line asks for."""
    if len(line) > MAX_QUESTION or has_picture(line):
        return Asked()
    words = " ".join(re.sub(r"[^\w\s]", " ", line.lower()).split())
    about = Asked(_kind(words), _which(words))
    # A sentence that contains only one of the words is not about a result.
    return about if (about.kind and about.which) or _is_heading(line) else Asked()


def _is_heading(line: str) -> bool:
    return bool(_HEADING.match(line)) or line.rstrip().endswith(":") or len(line.split()) <= _SHORT


def begins_results(text: str) -> bool:
    """Return whether a text has the heading "Results", below which the handout wants the results."""
    return bool(_RESULTS.search(text))


def _kind(words: str) -> Kind | None:
    if part := _PART.search(words):
        return "volume" if part["volume"] else "log"
    volume, log = bool(_VOLUME.search(words)), bool(_LOG.search(words))
    return None if volume == log else "volume" if volume else "log"


def _which(words: str) -> Which | None:
    # A line that names all four files is about the second result.
    if any(name in words for name in _SECOND_FILES):
        return "second"
    if any(name in words for name in _FIRST_FILES):
        return "first"
    first, second = bool(_FIRST.search(words)), bool(_SECOND.search(words))
    return None if first == second else "first" if first else "second"
