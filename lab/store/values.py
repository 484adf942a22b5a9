"""What the store gives: documents, each with a version, what refuses a write, and earlier texts."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# A document that has never been kept.
NEVER: Final = 0


@dataclass(frozen=True)
class Document:
    """What stands under a kind and a key, and which version of it that is; NEVER, and None, if nothing stands there."""

    value: Any = None
    version: int = NEVER


@dataclass(frozen=True)
class Conflict:
    """Nothing was written: another version stands there than the one that the writer has seen."""

    newer: Document


@dataclass(frozen=True)
class Version:
    """A text that stood somewhere before, and when it was kept (UTC)."""

    text: str
    at: datetime


def new_version() -> int:
    """Return a version that no document has had: one that was deleted and made again is not taken for the one before."""
    return secrets.randbits(62) + 1
