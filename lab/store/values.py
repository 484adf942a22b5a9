"""Values that the store returns: documents with their versions, conflicts, and earlier texts."""

import secrets
from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

# The version of a document that has never been kept.
NEVER: Final = 0


@dataclass(frozen=True)
class Document:
    """The value under a kind and a key, with its version; None and NEVER if there is no value."""

    value: Any = None
    version: int = NEVER


@dataclass(frozen=True)
class Conflict:
    """A refused write: the database has another version than the one that the writer has seen."""

    newer: Document


@dataclass(frozen=True)
class Version:
    """An earlier text of a document, and when it was kept (UTC)."""

    text: str
    at: datetime


def new_version() -> int:
    """Return a random new version, so that a document that was deleted and made again does not repeat an old one."""
    return secrets.randbits(62) + 1
