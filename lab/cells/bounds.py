"""How much a cell may do: steps, seconds, and the size of what it makes."""

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
MAX_DEPTH: Final = 70  # well below what Python's own limit of 1,000 frames has room for
MAX_LENGTH: Final = 10_000
MAX_WEIGHT: Final = 200_000
# Python's C code ends the whole process where a value is nested some 10,000 deep, as a tuple that is hashed.
MAX_VALUE_DEPTH: Final = 100
# Values of one hash: multiples of 2**61 - 1 all have the hash 0. So many cost nothing yet.
MAX_COLLISIONS: Final = 200
MAX_INT: Final = 10**30
MAX_ROWS: Final = 10_000
# Values that one cell may bring from Spark, where 100 characters count as one: a few times what it may keep.
MAX_BROUGHT: Final = 1_000_000
# What is kept in Java of each counts as so many values.
_FRAME: Final = 1_000
_COLUMN: Final = 20
# Values that a step looks at together, at a price of one more step.
_PER_STEP: Final = 50
_TEXTS: Final = (str, bytes, bytearray)
# What holds nothing that Python would go through. Spark's own objects hold theirs in Java.
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
    """One run of a cell, or one call of its foreachBatch function: what it may use up, and where it prints."""

    output: CellOutput
    limits: Limits
    steps: int = 0
    depth: int = 0
    # Seconds in which nothing was done, and those that the cell has asked for.
    waited: float = 0
    asked: float = 0
    brought: int = 0
    # Lets go of what the names of the learner hold too much of; see `held`.
    let_go: Callable[[], None] = lambda: None
    in_batch: bool = False
    # The folders whose stream it is a batch of.
    reads: frozenset[str] = frozenset()
    began: float = field(default_factory=time.monotonic)

    def of_batch(self, reads: frozenset[str]) -> "Run":
        """Return a call of a foreachBatch function, with nothing used up yet."""
        return Run(self.output, self.limits, let_go=self.let_go, in_batch=True, reads=reads)

    def step(self, count: int = 1) -> None:
        """Take note that something is done."""
        self.steps += count
        if self.steps > MAX_STEPS:
            raise Refused(f"This cell takes more than {MAX_STEPS:,} steps.")
        if time.monotonic() - self.began > self.limits.cell_seconds:
            raise Refused(f"This cell has been running for more than {self.limits.cell_seconds:g} seconds.")

    def made(self, value: Any) -> Any:
        """Return the value, unless it is larger than what a cell may make; making a large one takes more steps."""
        value = checked(value)
        self.step(len(value) // _PER_STEP if isinstance(value, (*_TEXTS, list, tuple, dict, set)) else 0)
        if isinstance(value, set | frozenset):
            check_hashes(value)
        return value

    def bring(self, value: Any) -> Any:
        """Return the value, which has come from Spark, unless a cell has brought too much by now."""
        self.brought += weight(value)
        if self.brought > MAX_BROUGHT:
            raise Refused(
                f"This cell brings more than {MAX_BROUGHT:,} values from Spark. Let Spark do more of the work."
            )
        return value

    def wait(self, seconds: Any) -> None:
        """Sleep or, instead of longer than the limits allow, wait until the queries have read what is there."""
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
        """Take note of how much the values hold: comparing, printing or passing on a value goes through all of it."""
        self.step(weight(*values) // _PER_STEP)

    def fixed(self, value: Any) -> Any:
        """Return the value as it is to be compared: nobody changes it meanwhile, and it holds no more than a value may.

        Python compares in one go, with nobody else at work, and looks at what stands in two places twice.
        """
        if not isinstance(value, _COMPARED):
            return value
        copy = _Copy()
        value = copy.of(value)
        self.step(copy.count // _PER_STEP)
        return value

    def hashed(self, values: Collection[Any]) -> None:
        """Take note of values that become the members of a set, or the keys of a dict."""
        self.weigh(values)
        check_hashes(values)


_COMPARED: Final = (list, tuple, dict, ValuesView, ItemsView)


class _Copy:
    """Copies lists, and what holds some; `count` is of how many values."""

    def __init__(self) -> None:
        self.count = 0

    def of(self, value: Any, depth: int = 0) -> Any:
        """Return the copy; of what cannot change, the value itself."""
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
            return value  # what Spark tells of a query, which nobody changes
        before = list(value)
        parts = [self.of(each, depth + 1) for each in before]
        if isinstance(value, tuple):
            return value if all(one is other for one, other in zip(before, parts, strict=True)) else tuple(parts)
        return parts if isinstance(value, list) else dict(enumerate(parts)).values()


def weight(*values: Any) -> int:
    """Return how much the values hold.

    Refused when it is too much, nested too deeply, or of a type that nobody has thought of.

    Python compares, hashes and prints a value with a call inside a call, and ends when those do not fit.
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
                    continue  # one may hold itself, under its name
                named.add(id(value))
            size, parts = _held(value)
            count += size
            inner.extend(parts)
            if count + len(inner) > MAX_WEIGHT:
                raise Refused(f"This holds more than {MAX_WEIGHT:,} values.")
        level = inner
    return count


def _held(value: Any) -> tuple[int, Iterable[Any]]:
    """As how many values more a value counts by itself, and the values that stand in it."""
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
        # A struct of structs doubles with every turn of a loop, as lists do.
        known = vars(value)
        names = ("elementType", "keyType", "valueType", "dataType")
        parts = (*known.get("fields", ()), *(known[name] for name in names if name in known))
    elif not isinstance(value, _LEAVES) and type(value).__module__.partition(".")[0] not in _OWN_PACKAGES:
        raise Refused(f"The lab does not know how much a value of the type {type(value).__name__} holds.")
    return size, parts


def check_hashes(values: Collection[Any]) -> None:
    """Refuse values that Python cannot tell apart by their hashes: it would compare each with each, and nothing else.

    Numbers, and tuples of them, can be chosen so; texts can not, so the text of a value is what tells it apart here.
    """
    if len(values) <= MAX_COLLISIONS:
        return
    # Their texts, below, are only as long as what they hold.
    weight(values)
    try:
        hashes = len({hash(value) for value in values})
    except TypeError:
        return  # Python says by itself what cannot be hashed
    if len({repr(value) for value in values}) - hashes > MAX_COLLISIONS:
        raise Refused("The lab cannot keep these numbers in a set or as keys: to Python they look too much alike.")


def check_keys(pairs: Any) -> None:
    """Check the hashes of what becomes keys of a dict, given as a dict or as pairs."""
    if isinstance(pairs, Collection) and not isinstance(pairs, Mapping):
        # Whatever holds two values is a pair: a set, a text, a dict.
        pairs = [next(iter(pair)) for pair in list(pairs) if isinstance(pair, Collection) and len(pair) == 2]
    if isinstance(pairs, Collection):
        check_hashes(pairs)


def check_grown(owner: Any) -> None:
    """Check the hashes of a set or a dict that grows one by one, now and then."""
    if isinstance(owner, set | dict) and len(owner) % MAX_COLLISIONS == 0:
        check_hashes(owner)


def checked(value: Any) -> Any:
    """Return the value, unless it is larger than what a cell may make."""
    if isinstance(value, (*_TEXTS, list, tuple, dict, set, frozenset, range)):
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
    """Return what is said of a result that is too large to be brought from Spark."""
    return Refused(f"This has more than {MAX_ROWS:,} rows. Use show() to look at some, or limit() to take fewer.")


def total(lengths: Iterable[int]) -> int:
    """Return the sum of the lengths, refused when it is too long."""
    length = sum(lengths)
    check_length(length)
    return length
