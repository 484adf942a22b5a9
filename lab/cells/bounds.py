"""How much a cell may do: steps, seconds, and the size of what it makes."""

import time
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any, Final

from pyspark.sql.types import DataType

from lab.cells.advice import Refused
from lab.cells.values import CellOutput, Limits

MAX_SOURCE: Final = 10_000
MAX_STEPS: Final = 50_000
MAX_DEPTH: Final = 70  # well below what Python's own limit of 1,000 frames has room for
MAX_LENGTH: Final = 10_000
MAX_WEIGHT: Final = 200_000
MAX_INT: Final = 10**30
MAX_ROWS: Final = 10_000
# Values that a step looks at together, at a price of one more step.
_PER_STEP: Final = 50


@dataclass
class Run:
    """One run of a cell, or one call of its foreachBatch function: what it may use up, and where it prints."""

    output: CellOutput
    limits: Limits
    steps: int = 0
    depth: int = 0
    waited: float = 0
    began: float = field(default_factory=time.monotonic)

    def anew(self) -> "Run":
        """The same, with nothing used up yet."""
        return Run(self.output, self.limits)

    def step(self, count: int = 1) -> None:
        """Take note that something is done."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise Refused(f"This cell takes more than {MAX_STEPS:,} steps.")
        if time.monotonic() - self.began > self.limits.cell_seconds:
            raise Refused(f"This cell has been running for more than {self.limits.cell_seconds:g} seconds.")

    def made(self, value: Any) -> Any:
        """The value, unless it is larger than what a cell may make; making a large one takes more steps."""
        self.step(len(checked(value)) // _PER_STEP if isinstance(value, str | list | tuple | dict | set) else 0)
        return checked(value)

    def wait(self, seconds: Any) -> None:
        """Sleep, as long as the limits allow."""
        limits = self.limits
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"a number of seconds is required, not {type(seconds).__name__}")
        if limits.sleep:
            limits.sleep(seconds)
            return
        if not 0 <= seconds <= limits.wait_seconds or self.waited + seconds > limits.all_waits_seconds:
            raise Refused(
                f"A cell sleeps at most {limits.wait_seconds:g} seconds at a time, {limits.all_waits_seconds:g} in all. "
                "To wait until a query has read its files, call its processAllAvailable() instead."
            )
        self.waited += seconds
        time.sleep(seconds)

    def weigh(self, *values: Any) -> None:
        """Take note of how much the values hold: comparing, printing or passing on a value goes through all of it."""
        count = 0
        waiting = list(values)
        while waiting:
            value = waiting.pop()
            count += 1
            if isinstance(value, str):
                count += len(value) // 100
            elif isinstance(value, Mapping):
                waiting.extend(value.keys())
                waiting.extend(value.values())
            elif isinstance(value, range):
                count += len(value)
            elif isinstance(value, list | tuple | set | frozenset):
                waiting.extend(value)
            elif isinstance(value, DataType):
                # A struct of structs doubles with every turn of a loop, as lists do.
                waiting.extend(vars(value).get("fields", ()))
                waiting.extend(vars(value).get(name) for name in ("elementType", "keyType", "valueType", "dataType"))
            if count + len(waiting) > MAX_WEIGHT:
                raise Refused(f"This holds more than {MAX_WEIGHT:,} values.")
        self.step(count // _PER_STEP)


def checked(value: Any) -> Any:
    """The value, unless it is larger than what a cell may make."""
    if isinstance(value, str | list | tuple | dict | set | frozenset | range):
        check_length(len(value))
    elif isinstance(value, int) and abs(value) > MAX_INT:
        raise Refused("This number has more than 30 digits.")
    return value


def check_length(length: int) -> None:
    """Refuse to make what would be longer than allowed."""
    if length > MAX_LENGTH:
        raise Refused(f"This would be longer than {MAX_LENGTH:,}.")


def check_rows(count: Any) -> None:
    """Refuse to bring more rows than allowed from Spark."""
    if isinstance(count, int) and count > MAX_ROWS:
        raise too_many_rows()


def too_many_rows() -> Refused:
    """What is said of a result that is too large to be brought from Spark."""
    return Refused(f"This has more than {MAX_ROWS:,} rows. Use show() to look at some, or limit() to take fewer.")


def total(lengths: Iterable[int]) -> int:
    """The sum of the lengths, refused when it is too long."""
    length = sum(lengths)
    check_length(length)
    return length
