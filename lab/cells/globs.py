"""Glob patterns in addresses: Spark reads every file that matches, and no pattern may leave the learner's folders."""

import re
from typing import Final

# Only the last parts of an address may have a pattern.
MAX_PARTS_WITH_PATTERN: Final = 2
_SIGNS: Final = re.compile(r"[*?\[{]")
# Hadoop's globs, but no slash in braces and no escaped character: Hadoop would take those apart. ".." is refused below.
_PART: Final = re.compile(r"(?:[\w.=-]|\*|\?|\[[\w-]{1,20}\]|\{[\w.=-]{1,40}(?:,[\w.=-]{1,40}){0,9}\})+", re.ASCII)
MAX_PATTERN: Final = 100


def folder_of(address: str) -> str:
    """Return the part of an address before its pattern: the folder that holds every possible match."""
    parts = address.split("/")
    fixed = next((place for place, part in enumerate(parts) if _SIGNS.search(part)), len(parts))
    return "/".join(parts[:fixed])


def is_pattern(address: str) -> bool:
    """Return whether the address has a pattern, so that Spark would look for matching files."""
    return _SIGNS.search(address) is not None


def is_safe_pattern(address: str) -> bool:
    """Return whether the pattern in an address is short, and can only match files below its fixed part."""
    folder = folder_of(address)
    parts = address[len(folder) :].removeprefix("/").removesuffix("/").split("/")
    return len(parts) <= MAX_PARTS_WITH_PATTERN and all(
        len(part) <= MAX_PATTERN and ".." not in part and _PART.fullmatch(part) for part in parts
    )
