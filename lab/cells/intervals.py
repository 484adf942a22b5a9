"""A parser for Spark's intervals, limited to units of fixed length."""

import re
from typing import Final

_UNITS: Final = {"millisecond": 0.001, "second": 1.0, "minute": 60.0, "hour": 3600.0, "day": 86400.0, "week": 604800.0}
_PART: Final = re.compile(r"\s*(\d{1,9}(?:\.\d{1,9})?)\s*([a-z]{3,11}?)s?(?=\s|\d|\Z)")


def seconds_in(text: str) -> float | None:
    """Return the seconds of an interval such as "1 minute" or "interval 90 seconds"; None if the text is not one."""
    rest = text[:100].lower().strip().removeprefix("interval").strip()
    seconds, place = 0.0, 0
    while place < len(rest):
        part = _PART.match(rest, place)
        if part is None or part[2] not in _UNITS:
            return None
        seconds += float(part[1]) * _UNITS[part[2]]
        place = part.end()
    return seconds if rest else None
