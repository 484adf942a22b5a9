"""Checks of patterns and formats: backtracking can keep a core busy for days, and Spark cannot cancel it.

An accepted pattern takes time in proportion to the length of the text. Files may hold texts of any length.
"""

import re
from typing import Any, Final

from lab.cells.advice import refused

MAX_PATTERN: Final = 100
# Each `?` may double the number of ways to match.
MAX_OPTIONAL: Final = 2
# So may each `|`, when each is in a group of its own.
MAX_ALTERNATIVES: Final = 6
# Brackets mark optional parts of a format, and can be nested: 4,900 of them overflow the stack and end Java.
MAX_FORMAT: Final = 50
MAX_BRACKETS: Final = 4

_REPEATS: Final = re.compile(r"[*+{]")
# A repetition at the end of a pattern, where the first way to match is taken: s\d+, [0-9]*, .+
_ENDS_REPEATED: Final = re.compile(r"[*+]\Z|\{\d{1,3}(,\d{0,3})?\}\Z", re.ASCII)


def check_pattern(pattern: Any, *, regular: bool) -> None:
    """Refuse a regular expression, or (when not `regular`) a LIKE pattern, that may take long to match."""
    if not isinstance(pattern, str):
        raise TypeError(f"a pattern is a text, not {type(pattern).__name__}")
    if len(pattern) > MAX_PATTERN or not (_is_quick(pattern) if regular else pattern.removesuffix("%").count("%") <= 1):
        advice = (
            "Repeat (with *, + or {}) at most one sign, in a pattern that begins with ^ or ends there, as in '^s[0-9]+$'; "
            "or use startswith, endswith and contains."
            if regular
            else "Use at most one % beside one at the end, or startswith, endswith and contains."
        )
        raise refused(f"the pattern {pattern[:MAX_PATTERN]!r}", advice)


def _is_quick(pattern: str) -> bool:
    """Return whether a regular expression repeats at most one part, and not anew from each position in the text."""
    repeats = _REPEATS.findall(pattern)
    if len(repeats) > 1 or pattern.count("?") > MAX_OPTIONAL or pattern.count("|") > MAX_ALTERNATIVES:
        return False
    if re.search(
        r"\)[*+{?]|\(\?|\\[\dkQ]|[*+?}][*+?{]", pattern
    ):  # groups that repeat, look around, or are referred to
        return False
    anchored = pattern.startswith("^") and "|" not in pattern
    return not repeats or anchored or _ENDS_REPEATED.search(pattern) is not None


def check_format(form: Any) -> None:
    """Refuse a date format that is not a plain text, is too long, or has too many optional parts."""
    if not isinstance(form, str):
        raise refused("a format that is no plain text", "Write it out, as in 'yyyy-MM-dd'.")
    if len(form) > MAX_FORMAT or form.count("[") > MAX_BRACKETS:
        raise refused(f"the format {form[:MAX_FORMAT]!r}", "Use a shorter one, such as 'yyyy-MM-dd'.")
