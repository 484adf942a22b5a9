"""The weight of the plans that a cell builds from columns and frames.

`c = c + c` in a loop doubles an expression with every turn. Spark would spend hours analysing it, before there is a job
to cancel. So each column and frame carries its weight, and the lab refuses one that is too heavy.
"""

import math
from collections.abc import Iterator, Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from pyspark.sql import Column, DataFrame, DataFrameNaFunctions, GroupedData, SparkSession

from lab.cells.advice import Refused

MAX_PLAN: Final = 600
# Two joins are enough for this lab, and their rows can already be more than a lab's time is enough for.
JOIN: Final = 200
# Explodes multiply rows: a second one would make 100 million rows of one text with 10,000 letters.
EXPLODE: Final = MAX_PLAN // 2 + 1
# A second star doubles the columns, and the next select can double them again.
STAR: Final = 100
# This many literals weigh one: PySpark sends each to Java by itself, over a socket.
_LITERALS: Final = 10
MAX_VIEWS: Final = 50
# Nested lists become nested arrays, and a depth of 250 would end Java.
MAX_LISTS: Final = 4
# How often one column may occur in another after substitution. Spark substitutes expressions before it runs anything,
# and each `withColumn("x", col("x") + col("x"))` doubles the number.
MAX_GROWTH: Final = 5_000
_WEIGHT: Final = "_lab_weight"
_GROWTH: Final = "_lab_growth"
_FRAMES: Final = frozenset({"join", "union", "unionAll", "unionByName"})
# Methods that make no new columns: conditions and orders.
_NO_COLUMNS: Final = frozenset({"filter", "where", "orderBy", "sort", "sortWithinPartitions", "join"})
_CONDITIONS: Final = frozenset({"filter", "where", "join"})
# Functions to which "*" is a plain text.
_NO_STARS: Final = frozenset({"concat_ws", "lit", "split"})
# The weight of what multiplies: functions that build longer texts and lists, and operations that build more rows.
COSTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("array", "struct", "named_struct", "concat", "concat_ws", "collect_list", "collect_set"), 40),
    **dict.fromkeys(("array_agg", "listagg", "string_agg", "array_join", "create_map"), 40),
    **dict.fromkeys(("explode", "posexplode", "explode_outer"), EXPLODE),
    "split": 20,
    "join": JOIN,
    "union": 5,
    "unionAll": 5,
    "unionByName": 5,
}
_WEIGHED: Final = (Column, DataFrame, GroupedData, DataFrameNaFunctions)
_views: WeakKeyDictionary[SparkSession, dict[str, tuple[int, int]]] = WeakKeyDictionary()


def weigh(
    value: Any, owner: Any, inputs: Any = (), *, name: str = "", cost: int = 1, growth: int = 1, condition: int = 1
) -> Any:
    """Store the weight of a value, which the function `name` made of an owner and inputs; return the value.

    `condition` is how many columns a condition contains that was given as a text. Raise Refused when it is too heavy.
    """
    if isinstance(value, _WEIGHED) and _WEIGHT not in vars(value):
        weight = max(cost, _cost(name, inputs)) + _weight(owner) + _weight(inputs) + _stars(name, owner, inputs)
        growth = growth * _growth_of(value, owner, inputs, name)
        # Spark also substitutes the columns of a condition, before there is a job to cancel.
        columns = sum(_counted(inputs, 0)) if name in _CONDITIONS else 0
        _check(weight, growth * max(1, condition, columns))
        vars(value).update({_WEIGHT: weight, _GROWTH: growth})
    return value


def check_inputs(name: str, owner: Any, inputs: Any) -> None:
    """Refuse inputs that are too heavy before Spark gets them: Spark would take long to analyse them."""
    level = [inputs]
    for _ in range(MAX_LISTS):
        level = [each for value in level for each in value if isinstance(each, list | tuple)]
    if level:
        raise Refused(f"A list for Spark is nested at most {MAX_LISTS - 1} deep.")
    _check(_cost(name, inputs) + _weight(owner) + _weight(inputs) + _stars(name, owner, inputs), 1)


def check_cost(weight: int) -> None:
    """Refuse a plan that weighs too much."""
    _check(weight, 1)


def _check(weight: int, growth: int) -> None:
    if weight > MAX_PLAN or growth > MAX_GROWTH:
        raise Refused(
            "This has become too large for the lab: an expression or a DataFrame made of very many others. Build it "
            "in fewer steps."
        )


def check_views(session: SparkSession, name: str) -> None:
    """Refuse a new view when the learner has MAX_VIEWS: Java keeps each view with its plan."""
    known = _views.get(session, {})
    if len(known) >= MAX_VIEWS and name.lower() not in known:
        raise Refused(f"You have {MAX_VIEWS} views already. Use one of their names again.")


def remember_view(session: SparkSession, name: str, frame: DataFrame) -> None:
    """Store the weight and the growth of a view, which are those of its frame."""
    _views.setdefault(session, {})[name.lower()] = (_weight(frame), _grown(frame))


def has_view(session: SparkSession, name: object) -> bool:
    """Return whether a cell has made a view of this name in the session."""
    return isinstance(name, str) and name.lower() in _views.get(session, {})


def weight_of_view(session: SparkSession, name: str) -> tuple[int, int]:
    """Return the weight and the growth of a view; (1, 1) for any other table, such as that of a memory sink."""
    return _views.get(session, {}).get(name.lower(), (1, 1))


def _weight(value: Any) -> int:
    if isinstance(value, list | tuple | set):
        return sum(map(_weight, value)) + len(value) // _LITERALS
    if isinstance(value, Mapping):
        return sum(map(_weight, value.values()))
    if isinstance(value, _WEIGHED):
        return int(vars(value).get(_WEIGHT, 1))
    return len(value) // 50 if isinstance(value, str) else 0


def _growth_of(value: Any, owner: Any, inputs: Any, name: str) -> int:
    """Return how many columns a column contains; for a frame, how many source columns one of its columns can."""
    if isinstance(value, Column):
        # Names count where a function takes them as columns, but not where a method of a column takes them as values.
        names = 1 if name and owner is None and name != "lit" else 0
        own = _grown(owner) if isinstance(owner, Column) else 0
        return max(0 if name == "lit" else 1, own + sum(_counted(inputs, names)))
    if name in _NO_COLUMNS:
        return max(1, _grown(owner), *_frames(inputs))
    return max(1, _grown(owner), *_frames(inputs)) * math.prod(max(1, each) for each in _counted(inputs, 0))


def _grown(value: Any) -> int:
    return int(vars(value).get(_GROWTH, 1)) if isinstance(value, _WEIGHED) else 1


def _frames(inputs: Any) -> Iterator[int]:
    return (_grown(each) for each in _flat(inputs) if isinstance(each, DataFrame))


def _counted(inputs: Any, names: int) -> Iterator[int]:
    """Yield the growth of each column among the inputs, and of each name."""
    for each in _flat(inputs):
        if isinstance(each, Column):
            yield _grown(each)
        elif isinstance(each, str):
            yield names


def _flat(value: Any) -> Iterator[Any]:
    if isinstance(value, list | tuple | set):
        for each in value:
            yield from _flat(each)
    elif isinstance(value, Mapping):
        yield from _flat(tuple(value.values()))
    else:
        yield value


def _stars(name: str, owner: Any, inputs: Any) -> int:
    """Return the weight of the stars among the inputs: the first is free in select, and count("*") counts rows."""
    if not name or name in _NO_STARS or isinstance(owner, Column):
        return 0
    stars = sum(1 for each in _flat(inputs) if isinstance(each, str) and (each == "*" or each.endswith(".*")))
    return STAR * max(0, stars - (name in {"select", "count"}))


def cost_in_sql(name: str) -> int:
    """Return the weight of a function in SQL, where its arguments are not counted."""
    cost = COSTS.get(name, 0)
    return cost if cost >= JOIN else 2 * cost


def _cost(name: str, inputs: Any) -> int:
    if name not in COSTS:
        return 1
    return COSTS[name] * (1 if name in _FRAMES else max(1, _count(inputs) - 1))


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, list | tuple | set) else 1
