"""Limits of a cell: its steps, its seconds, and the size of the values it makes."""

import time
from collections import Counter
from collections.abc import Callable, Collection, ItemsView, Iterable, KeysView, Mapping, ValuesView
from dataclasses import dataclass, field
from datetime import date, timedelta, tzinfo
from datetime import time as time_of_day
from decimal import Decimal
from types import BuiltinFunctionType, FunctionType, MethodType, NoneType
from typing import Any, Final, cast
from uuid import UUID

import pandas as pd
from pyspark.sql import Column, DataFrame, GroupedData
from pyspark.sql.types import DataType

from lab.cells.advice import Refused
from lab.cells.shown import Named
from lab.cells.values import CellOutput, Limits

MAX_SOURCE: Final = 10_000
MAX_STEPS: Final = 50_000
MAX_DEPTH: Final = 70  # stays well within Python's own limit of 1,000 frames
MAX_LENGTH: Final = 10_000
MAX_WEIGHT: Final = 200_000
# A value nested about 10,000 deep, such as a tuple that is hashed, crashes the whole process in Python's C code.
MAX_VALUE_DEPTH: Final = 100
# Values with the same hash: multiples of 2**61 - 1 all have the hash 0. This many do not cost much yet.
MAX_COLLISIONS: Final = 200
MAX_INT: Final = 10**30
MAX_ROWS: Final = 10_000
# How many values one cell may bring from Spark: a few times what it may keep. 100 characters count as one value.
MAX_BROUGHT: Final = 1_000_000
# Java keeps something for each frame and column: it counts as this many values.
_FRAME: Final = 1_000
_COLUMN: Final = 20
# Going through this many values costs one more step.
_PER_STEP: Final = 50
_TEXTS: Final = (str, bytes, bytearray)
# Types that hold no other values in Python. Spark's objects keep theirs in Java.
_NUMBERS: Final = (int, float, NoneType)
_LEAVES: Final = (
    *(complex, Decimal, date, timedelta, time_of_day, tzinfo, UUID, slice, type, Exception),
    *(FunctionType, MethodType, BuiltinFunctionType),
)
_LISTS: Final = (list, tuple, set, frozenset, KeysView, ValuesView, ItemsView)
TABLES: Final = (pd.DataFrame, pd.Series)
_PLANS: Final = (DataFrame, GroupedData, Column)
_OWN_PACKAGES: Final = frozenset({"lab", "pyspark"})


@dataclass
class Run:
    """One run of a cell, or one call of its foreachBatch function: its limits, what it has used, where it prints."""

    output: CellOutput
    limits: Limits
    steps: int = 0
    depth: int = 0
    # Seconds that the run has waited, and seconds that the cell has asked to sleep.
    waited: float = 0
    asked: float = 0
    brought: int = 0
    # Deletes the learner's names that hold too much; see `held`.
    let_go: Callable[[], None] = lambda: None
    in_batch: bool = False
    # The folders that the stream of this batch reads.
    reads: frozenset[str] = frozenset()
    began: float = field(default_factory=time.monotonic)

    def of_batch(self, reads: frozenset[str]) -> "Run":
        """Return a new run for one call of a foreachBatch function, with nothing used up yet."""
        return Run(self.output, self.limits, let_go=self.let_go, in_batch=True, reads=reads)

    def step(self, count: int = 1) -> None:
        """Count steps; raise Refused when the cell takes too many steps or too many seconds."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise Refused(f"This cell takes more than {MAX_STEPS:,} steps.")
        if time.monotonic() - self.began > self.limits.cell_seconds:
            raise Refused(f"This cell has been running for more than {self.limits.cell_seconds:g} seconds.")

    def made(self, value: Any) -> Any:
        """Return the value and count its steps, more for a large one; raise Refused when it is too large."""
        value = checked(value)
        self.step(len(value) // _PER_STEP if isinstance(value, (*_TEXTS, list, tuple, dict, set)) else 0)
        if isinstance(value, set | frozenset):
            check_hashes(value)
        return value

    def bring(self, value: Any) -> Any:
        """Return a value that came from Spark; raise Refused when the cell has brought too much in all."""
        self.brought += weight(value)
        if self.brought > MAX_BROUGHT:
            raise Refused(
                f"This cell brings more than {MAX_BROUGHT:,} values from Spark. Let Spark do more of the work."
            )
        return value

    def wait(self, seconds: Any) -> None:
        """Sleep. A sleep longer than the limits allow waits until the queries have read what is there instead."""
        limits = self.limits
        if isinstance(seconds, bool) or not isinstance(seconds, int | float):
            raise TypeError(f"a number of seconds is required, not {type(seconds).__name__}")
        if not seconds >= 0:
            raise ValueError("sleep length must be non-negative")
        self.asked += seconds
        if self.asked > limits.asked_seconds:
            raise Refused(
                f"This cell waits for more than {limits.asked_seconds / 60:g} minutes. "
                "To wait until a query has read its files, call its processAllAvailable() instead."
            )
        if limits.sleep:
            limits.sleep(seconds)
            return
        real = max(0.0, min(seconds, limits.wait_seconds, limits.all_waits_seconds - self.waited))
        began = time.monotonic()
        if seconds > real and not self.in_batch:
            self.output.note("The lab does not wait so long: it has waited until the queries had read what is there.")
            limits.until_read(real)
        else:
            time.sleep(real)
        self.waited += time.monotonic() - began

    def weigh(self, *values: Any) -> None:
        """Count steps for all that the values hold: comparing, printing or passing on a value reads all of it."""
        self.step(weight(*values) // _PER_STEP)

    def snapshot(self, value: Any) -> Any:
        """Return a copy for a comparison, which no other thread can change; raise Refused when it holds too much.

        Python compares in one go, while no other thread runs. A value that occurs in two places is compared twice.
        """
        if not isinstance(value, _COMPARED):
            return value
        copy = _Copy()
        value = copy.of(value)
        self.step(copy.count // _PER_STEP)
        return value

    def hashed(self, values: Collection[Any]) -> None:
        """Count steps for values that become members of a set or keys of a dict, and check their hashes."""
        self.weigh(values)
        check_hashes(values)


_COMPARED: Final = (list, tuple, dict, ValuesView, ItemsView)


class _Copy:
    """A deep copy of lists, tuples, dicts and dict views; `count` is how many values it went through."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return the copy; a value that cannot change is returned as it is."""
        self.count += 1
        if self.count > MAX_WEIGHT:
            raise Refused(f"This holds more than {MAX_WEIGHT:,} values.")
        if not isinstance(value, _COMPARED):
            return value
        if depth >= MAX_VALUE_DEPTH:
            raise Refused(f"This is nested more than {MAX_VALUE_DEPTH} deep.")
        if type(value) in {dict, Counter}:
            pairs = list(cast("dict[Any, Any]", value).items())
            return type(value)({key: self.of(each, depth + 1) for key, each in pairs})
        if isinstance(value, ItemsView):
            return {key: self.of(each, depth + 1) for key, each in list(value)}.items()
        if isinstance(value, dict):
            return value  # Spark's progress of a query, which nobody changes
        before = list(value)
        parts = [self.of(each, depth + 1) for each in before]
        if isinstance(value, tuple):
            return value if all(one is other for one, other in zip(before, parts, strict=True)) else tuple(parts)
        return parts if isinstance(value, list) else dict(enumerate(parts)).values()


def weight(*values: Any) -> int:
    """Return how many values the given ones hold.

    Raise Refused when they hold too much, are nested too deeply, or have a type that the lab does not know.

    Python compares, hashes and prints nested values recursively, and crashes when the recursion is too deep.
    """
    count = depth = 0
    level = list(values)
    named: set[int] = set()
    while level:
        depth += 1
        if depth > MAX_VALUE_DEPTH:
            raise Refused(f"This is nested more than {MAX_VALUE_DEPTH} deep.")
        inner: list[Any] = []
        for value in level:
            count += 1
            if isinstance(value, Named):
                if id(value) in named:
                    continue  # a Named value may hold itself, under its own name
                named.add(id(value))
            size, parts = _held(value)
            count += size
            inner.extend(parts)
            if count + len(inner) > MAX_WEIGHT:
                raise Refused(f"This holds more than {MAX_WEIGHT:,} values.")
        level = inner
    return count


def _held(value: Any) -> tuple[int, Iterable[Any]]:
    """Return how many values this one adds to the count beyond one, and the values in it."""
    size, parts = 0, cast("Iterable[Any]", ())
    if isinstance(value, _TEXTS):
        size = len(value) // 100
    elif isinstance(value, _NUMBERS):
        pass
    elif isinstance(value, Mapping):
        parts = (*value.keys(), *value.values())
    elif isinstance(value, range):
        size = len(value)
    elif isinstance(value, _LISTS):
        parts = value
    elif isinstance(value, TABLES):
        table = value.to_frame() if isinstance(value, pd.Series) else value
        size = int(table.size) + int(table.memory_usage(deep=True).sum()) // 100
    elif isinstance(value, _PLANS):
        size = _COLUMN if isinstance(value, Column) else _FRAME
    elif isinstance(value, Named):
        size, parts = value.weight, value.holds()
    elif isinstance(value, DataType):
        # A loop can double a struct of structs with every turn, as it can a list of lists.
        known = vars(value)
        names = ("elementType", "keyType", "valueType", "dataType")
        parts = (*known.get("fields", ()), *(known[name] for name in names if name in known))
    elif not isinstance(value, _LEAVES) and type(value).__module__.partition(".")[0] not in _OWN_PACKAGES:
        raise Refused(f"The lab does not know how much a value of the type {type(value).__name__} holds.")
    return size, parts


def check_hashes(values: Collection[Any]) -> None:
    """Refuse values with equal hashes: Python would compare each with each, and nothing else would run meanwhile.

    A cell can choose numbers, and tuples of them, with equal hashes, but not texts. So this counts distinct values by
    their `repr`.
    """
    if len(values) <= MAX_COLLISIONS:
        return
    # Bounds the length of the `repr` texts below.
    weight(values)
    try:
        hashes = len({hash(value) for value in values})
    except TypeError:
        return  # Python raises its own error for values that cannot be hashed
    if len({repr(value) for value in values}) - hashes > MAX_COLLISIONS:
        raise Refused("The lab cannot keep these numbers in a set or as keys: to Python they look too much alike.")


def check_keys(pairs: Any) -> None:
    """Check the hashes of future keys of a dict, given as a dict or as pairs."""
    if isinstance(pairs, Collection) and not isinstance(pairs, Mapping):
        # To `dict()`, any collection of two values is a pair: a set, a text, a dict.
        pairs = [next(iter(pair)) for pair in list(pairs) if isinstance(pair, Collection) and len(pair) == 2]
    if isinstance(pairs, Collection):
        check_hashes(pairs)


def check_grown(owner: Any, before: int) -> None:
    """Check the hashes of a set or a dict that had `before` members, each time it has MAX_COLLISIONS more."""
    if isinstance(owner, set | dict) and len(owner) // MAX_COLLISIONS > before // MAX_COLLISIONS:
        check_hashes(owner)


def checked(value: Any) -> Any:
    """Return the value; raise Refused when it is larger than a cell may make."""
    if isinstance(value, (*_TEXTS, list, tuple, dict, set, frozenset, range)):
        check_length(len(value))
    elif isinstance(value, int) and abs(value) > MAX_INT:
        raise Refused("This number has more than 30 digits.")
    return value


def check_length(length: int) -> None:
    """Raise Refused when a value would be longer than allowed."""
    if length > MAX_LENGTH:
        raise Refused(f"This would be longer than {MAX_LENGTH:,}.")


def check_rows(count: Any) -> None:
    """Raise Refused when more rows would come from Spark than allowed."""
    if isinstance(count, int) and count > MAX_ROWS:
        raise too_many_rows()


def too_many_rows() -> Refused:
    """Return the refusal of a result with too many rows to bring from Spark."""
    return Refused(f"This has more than {MAX_ROWS:,} rows. Use show() to look at some, or limit() to take fewer.")


def total(lengths: Iterable[int]) -> int:
    """Return the sum of the lengths; raise Refused when it is too long."""
    length = sum(lengths)
    check_length(length)
    return length
