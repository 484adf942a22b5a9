"""What the names of a learner hold after a cell: not more than the lab keeps, and nothing that is nested too deeply."""

from typing import Any, Final

from lab.cells.advice import Refused
from lab.cells.bounds import MAX_WEIGHT, weight

# Values of all names together, where 100 characters count as one: twice what the largest one may hold.
MAX_HELD: Final = 2 * MAX_WEIGHT


def let_go(names: dict[str, Any]) -> None:
    """Let go of names that hold too much, after a cell or a batch of its function; raise Refused that says which."""
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
        names.pop(name, None)  # a batch of a query may let go of it as well
    if reasons:
        name, reason = next(iter(reasons.items()))
        raise Refused(f"{reason} So the lab has let go of {', '.join(map(repr, reasons))}. Keep less of it.")
