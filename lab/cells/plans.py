"""How large the plans are that a cell makes of columns and frames.

`c = c + c` in a loop doubles an expression with every turn, and Spark would spend hours analysing it, where no job is
there to be cancelled. So each column and frame carries its weight, and one that is too heavy is refused.
"""

from collections.abc import Mapping
from typing import Any, Final
from weakref import WeakKeyDictionary

from pyspark.sql import Column, DataFrame, DataFrameNaFunctions, GroupedData, SparkSession

from lab.cells.advice import Refused

MAX_PLAN: Final = 600
# Two joins are enough for this lab. Spark ends a cancelled task at its next row of input, and with a third join one row of
# input can stand for more rows than anybody can wait for.
JOIN: Final = 200
_WEIGHT: Final = "_lab_weight"
_FRAMES: Final = frozenset({"join", "union", "unionAll", "unionByName"})
# Of what multiplies: texts and lists that are put together, rows that are joined.
COSTS: Final[Mapping[str, int]] = {
    **dict.fromkeys(("array", "struct", "named_struct", "concat", "concat_ws", "collect_list", "collect_set"), 40),
    **dict.fromkeys(("array_agg", "listagg", "string_agg", "array_join", "explode", "posexplode", "create_map"), 40),
    "explode_outer": 40,
    "split": 20,
    "join": JOIN,
    "union": 5,
    "unionAll": 5,
    "unionByName": 5,
}
_views: WeakKeyDictionary[SparkSession, dict[str, int]] = WeakKeyDictionary()


def weigh(value: Any, owner: Any, inputs: Any = (), *, name: str = "", cost: int = 1) -> Any:
    """Give the value its weight: it was made of an owner and inputs by the function of that name."""
    if isinstance(value, Column | DataFrame | GroupedData | DataFrameNaFunctions) and _WEIGHT not in vars(value):
        weight = max(cost, _cost(name, inputs)) + _weight(owner) + _weight(inputs)
        if weight > MAX_PLAN:
            raise Refused(
                "This has become too large for the lab: an expression or a DataFrame made of very many others. Build it "
                "in fewer steps."
            )
        vars(value)[_WEIGHT] = weight
    return value


def remember_view(session: SparkSession, name: str, frame: DataFrame) -> None:
    """A view weighs what its frame weighs."""
    _views.setdefault(session, {})[name.lower()] = _weight(frame)


def weight_of_view(session: SparkSession, name: str) -> int:
    """What reading the view costs; a query's table weighs nothing."""
    return _views.get(session, {}).get(name.lower(), 1)


def _weight(value: Any) -> int:
    if isinstance(value, list | tuple | set):
        return sum(map(_weight, value))
    if isinstance(value, Mapping):
        return sum(map(_weight, value.values()))
    if isinstance(value, Column | DataFrame | GroupedData | DataFrameNaFunctions):
        return int(vars(value).get(_WEIGHT, 1))
    return len(value) // 50 if isinstance(value, str) else 0


def _cost(name: str, inputs: Any) -> int:
    if name not in COSTS:
        return 1
    return COSTS[name] * (1 if name in _FRAMES else max(1, _count(inputs) - 1))


def _count(value: Any) -> int:
    return sum(map(_count, value)) if isinstance(value, list | tuple | set) else 1
