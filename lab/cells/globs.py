"""Patterns in addresses: Spark reads every file that fits one, and none may leave the learner's folders."""

import re
from typing import Final

# A pattern stands in the last parts of an address alone.
MAX_PARTS_WITH_PATTERN: Final = 2
_SIGNS: Final = re.compile(r"[*?\[{]")
# What Hadoop knows, without what it would take apart: a slash in braces, a sign that is escaped, two points.
_PART: Final = re.compile(r"(?:[\w.=-]|\*|\?|\[[\w-]{1,20}\]|\{[\w.=-]{1,40}(?:,[\w.=-]{1,40}){0,9}\})+", re.ASCII)
MAX_PATTERN: Final = 100


def folder_of(address: str) -> str:
    """Return the address without a pattern: the folder in which everything stands that could fit it."""
    parts = address.split("/")
    fixed = next((place for place, part in enumerate(parts) if _SIGNS.search(part)), len(parts))
    return "/".join(parts[:fixed])


def is_pattern(address: str) -> bool:
    """Return whether Spark would look for files that fit the address."""
    return _SIGNS.search(address) is not None


def is_safe_pattern(address: str) -> bool:
    """Return whether the pattern in an address is short and can only fit what stands below its fixed part."""
    folder = folder_of(address)
    parts = address[len(folder) :].removeprefix("/").removesuffix("/").split("/")
    return len(parts) <= MAX_PARTS_WITH_PATTERN and all(
        len(part) <= MAX_PATTERN and ".." not in part and _PART.fullmatch(part) for part in parts
    )
