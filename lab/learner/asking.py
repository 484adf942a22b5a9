"""That a learner needs help, said by a button of theirs, for the teacher to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ASKED: Final = "asked"
MAX_PAGE: Final = 40
# A moment after this has no date that Python can write.
_LAST: Final = 200_000_000_000


@dataclass(frozen=True)
class Asked:
    """A learner needs help: since when, in seconds since 1970, and on which page."""

    at: float
    page: str


def read_asked(document: object) -> Asked | None:
    """Read a document of the store; None for who needs no help, or no more."""
    known = document if isinstance(document, Mapping) else {}
    at, page = known.get("at"), known.get("page")
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at < _LAST or not isinstance(page, str):
        return None
    return Asked(float(at), page[:MAX_PAGE])
