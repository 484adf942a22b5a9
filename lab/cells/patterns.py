"""Vets patterns and formats: one that tries all ways to match can keep a core busy for days, where no cancelling reaches it.

A pattern that is accepted takes a time that grows with the text alone, however long the text is: files may hold any.
"""

import re
from typing import Any, Final

from lab.cells.advice import refused

MAX_PATTERN: Final = 100
# Of `?`, each may double the ways to match.
MAX_OPTIONAL: Final = 2
# So does each |, when every one stands in a group of its own.
MAX_ALTERNATIVES: Final = 6
# Optional parts of a format stand in brackets, in brackets: 4,900 of them overflow the stack, and end Java.
MAX_FORMAT: Final = 50
MAX_BRACKETS: Final = 4

_REPEATS: Final = re.compile(r"[*+{]")
# What may be repeated at the end of a pattern, where the first way to match is taken: s\d+, [0-9]*, .+
_ENDS_REPEATED: Final = re.compile(r"[*+]\Z|\{\d{1,3}(,\d{0,3})?\}\Z", re.ASCII)


def check_pattern(pattern: Any, *, regular: bool) -> None:
    """Refuse a pattern that may take long."""
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
    """Return whether a regular expression has at most one part that it repeats, and cannot do so from each place anew."""
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
    """Refuse a format of dates that is more than one."""
    if not isinstance(form, str):
        raise refused("a format that is no plain text", "Write it out, as in 'yyyy-MM-dd'.")
    if len(form) > MAX_FORMAT or form.count("[") > MAX_BRACKETS:
        raise refused(f"the format {form[:MAX_FORMAT]!r}", "Use a shorter one, such as 'yyyy-MM-dd'.")
