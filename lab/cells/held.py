"""The limit of what a learner's names hold after a cell: not too much in all, and nothing nested too deeply."""

from typing import Any, Final

from lab.cells.advice import Refused
from lab.cells.bounds import MAX_WEIGHT, weight

# Values of all names together: twice what a single one may hold. 100 characters count as one value.
MAX_HELD: Final = 2 * MAX_WEIGHT


def let_go(names: dict[str, Any]) -> None:
    """Delete the names that hold too much, after a cell or a foreachBatch call; raise Refused with their names."""
    held: dict[str, int] = {}
    reasons: dict[str, str] = {}
    for name, value in list(names.items()):
        try:
            held[name] = weight(value)
        except Refused as error:
            reasons[name] = str(error)
    total = sum(held.values())
    while total > MAX_HELD:
        largest = max(held, key=lambda name: held[name])
        total -= held.pop(largest)
        reasons[largest] = f"All that your names hold is more than the lab keeps: {MAX_HELD:,} values."
    for name in reasons:
        names.pop(name, None)  # a batch in another thread may have deleted it already
    if reasons:
        name, reason = next(iter(reasons.items()))
        raise Refused(f"{reason} So the lab has let go of {', '.join(map(repr, reasons))}. Keep less of it.")
