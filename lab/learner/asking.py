"""A learner's request for help, made with a button, for the teacher to see."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

ASKED: Final = "asked"
MAX_PAGE: Final = 40
# Python cannot make a date of a much later time.
_LAST: Final = 200_000_000_000


@dataclass(frozen=True)
class Asked:
    """A request for help: when it was made, in seconds since 1970, and on which page."""

    at: float
    page: str


def read_asked(document: object) -> Asked | None:
    """Return the request for help in a document of the store; None if there is none, or it was taken back."""
    known = document if isinstance(document, Mapping) else {}
    at, page = known.get("at"), known.get("page")
    if not isinstance(at, int | float) or isinstance(at, bool) or not 0 <= at < _LAST or not isinstance(page, str):
        return None
    return Asked(float(at), page[:MAX_PAGE])
