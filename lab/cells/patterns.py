"""Vets patterns of LIKE and regular expressions: one that tries all ways to match can keep a core busy for days."""

import re
from typing import Any, Final

from lab.cells.advice import refused

MAX_PATTERN: Final = 100
MAX_REPEATS: Final = 2


def check_pattern(pattern: Any, *, regular: bool) -> None:
    """Refuse a pattern that may take long."""
    if not isinstance(pattern, str):
        raise TypeError(f"a pattern is a text, not {type(pattern).__name__}")
    repeats = re.findall(r"[*+{]", pattern) if regular else pattern.split("%")[1:]
    allowed = MAX_REPEATS if regular else MAX_REPEATS + 1
    if len(pattern) > MAX_PATTERN or len(repeats) > allowed or (regular and re.search(r"\)[*+{?]|\\\d", pattern)):
        raise refused(
            f"the pattern {pattern[:MAX_PATTERN]!r}", "Use a simpler one, or startswith, endswith and contains."
        )
