"""The modules and classes that a cell may import."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import Column, functions, types

from lab.cells.advice import TYPE_OF_FIELD, Refused, refused
from lab.cells.patterns import check_format, check_pattern
from lab.cells.plans import STAR, weigh
from lab.cells.schemas import check_schema, check_type
from lab.cells.sought import check_sought, refused_column, remember_literal
from lab.cells.spark_functions import FUNCTIONS, MAX_SCALE, TYPES
from lab.cells.sql import vetted_expression
from lab.cells.vocabulary import addresses, dates, standard
from lab.cells.vocabulary.copying import COPYING
from lab.cells.vocabulary.dates import CLOCKS
from lab.cells.vocabulary.errors import SPARK_ERRORS
from lab.cells.vocabulary.kinds import SPARK_STEPS, Call, Function, Handler, Module
from lab.cells.vocabulary.setup import FINDSPARK, SessionClass

# How many arguments are allowed: later ones could make Spark work for ever.
_MAX_ARGUMENTS: Final[Mapping[str, int]] = MappingProxyType(
    # For the two of timestamps, the format may be a column, whose values nobody can check.
    {
        "approx_count_distinct": 1,
        "window": 2,
        "array_sort": 1,
        "try_to_timestamp": 1,
        "to_unix_timestamp": 1,
        "instr": 2,
    }
)
# Where a function is given what to look for: its position, its name, and whether a text there is a column's name.
_SOUGHT: Final[Mapping[str, tuple[int, str, bool]]] = MappingProxyType(
    {
        "contains": (1, "right", True),
        "instr": (1, "substr", False),
        "locate": (0, "substr", False),
        "substring_index": (1, "delim", False),
        **dict.fromkeys(("trim", "ltrim", "rtrim", "btrim"), (1, "trim", True)),
    }
)


def _call(call: Call) -> Any:
    if len(call.positional) + len(call.named) > _MAX_ARGUMENTS.get(call.name, 100):
        raise refused(f"more than {_MAX_ARGUMENTS.get(call.name, 100)} arguments of {call.name}()")
    return getattr(functions, call.name)(*call.positional, **call.named)


def _expr(call: Call) -> Any:
    text = call.positional[0] if call.positional else call.named.get("str")
    vetted = vetted_expression(text)
    stars = STAR if vetted.text.endswith("*") else 0
    return weigh(functions.expr(vetted.text), None, cost=vetted.weight + stars, growth=vetted.growth)


def _rounded(call: Call) -> Any:
    for scale in (*call.positional[1:], *call.named.values()):
        if isinstance(scale, int) and abs(scale) > MAX_SCALE:
            raise refused(f"rounding to {scale} digits", f"Round to at most {MAX_SCALE}.")
    if len(call.positional) > 1 and not isinstance(call.positional[1], int):
        raise refused("rounding to anything but a number of digits")
    if "scale" in call.named and not isinstance(call.named["scale"], int):
        raise refused("rounding to anything but a number of digits")
    return _call(call)


def _split(call: Call) -> Any:
    pattern = call.positional[1] if len(call.positional) > 1 else call.named.get("pattern")
    check_pattern(pattern, regular=True)
    return _call(call)


def _formatted(call: Call) -> Any:
    form = call.positional[1] if len(call.positional) > 1 else call.named.get("format")
    if form is not None:
        check_format(form)
    return _call(call)


def _searched(call: Call) -> Any:
    position, name, names_column = _SOUGHT[call.name]
    sought = call.positional[position] if len(call.positional) > position else call.named.get(name)
    if names_column and isinstance(sought, str):
        raise refused_column(f"{call.name}()")
    check_sought(f"{call.name}()", sought)
    return _call(call)


def _literal(call: Call) -> Any:
    column = _call(call)
    for value in (*call.positional, *call.named.values()):
        if not isinstance(value, Column):
            remember_literal(column, value)
    return column


_VETTED: Final[Mapping[str, Handler]] = MappingProxyType(
    {
        "lit": _literal,
        **dict.fromkeys(_SOUGHT, _searched),
        "expr": _expr,
        "split": _split,
        **dict.fromkeys(("round", "ceil", "ceiling", "floor"), _rounded),
        **dict.fromkeys(("to_date", "to_timestamp", "date_format", "from_unixtime", "unix_timestamp"), _formatted),
    }
)


def _make_field(call: Call) -> Any:
    # Spark evaluates SQL that it finds in a field's metadata, so a field has none.
    if len(call.positional) > 3 or not call.named.keys() <= {"name", "dataType", "nullable"}:
        raise refused("metadata of a field", "A field has a name, a type, and perhaps True or False for nullable.")
    return types.StructField(*call.positional, **call.named)


def _refused_type() -> Refused:
    return refused(
        "such a type of a field", "Give an object such as IntegerType(), or a text such as 'integer'.", TYPE_OF_FIELD
    )


def add_field(call: Call) -> Any:
    """Perform `StructType.add` without metadata, and without types written as dicts: these can name any class."""
    if len(call.positional) > 3 or not call.named.keys() <= {"field", "data_type", "nullable"}:
        raise refused("metadata of a field", "A field has a name, a type, and perhaps True or False for nullable.")
    if not all(isinstance(value, str | bool | types.DataType | types.StructField | None) for value in call.positional):
        raise _refused_type()
    if not all(
        isinstance(value, str | bool | types.DataType | types.StructField | None) for value in call.named.values()
    ):
        raise _refused_type()
    return call.perform()


# Types are the classes themselves, so that Spark raises its own error for `StructField("a", IntegerType)`.
CLASSES: Final[frozenset[type]] = frozenset(getattr(types, name) for name in TYPES if name not in {"DataType", "Row"})


def _from_ddl(call: Call) -> Any:
    if call.named or len(call.positional) != 1 or not isinstance(call.positional[0], str):
        raise refused("such a schema", 'Give a text: StructType.fromDDL("serverID STRING, severity INT").')
    (text,) = call.positional
    check_schema(text)
    kind = types.StructType.fromDDL(text)
    check_type(kind)
    return kind


# Functions of a class itself, called without an object of it.
CLASS_FUNCTIONS: Final[Mapping[type, Mapping[str, Function]]] = MappingProxyType(
    {types.StructType: {"fromDDL": Function("fromDDL", _from_ddl, steps=SPARK_STEPS)}}
)


def make(call: Call) -> Any:
    """Return a new object of a listed class."""
    if call.owner is types.StructField:
        return _make_field(call)
    return call.owner(*call.positional, **call.named)


def _no_session(call: Call) -> Any:
    raise refused(f"{call.name}()", "A session is there already, under the name spark.")


def _sleep(call: Call) -> None:
    (seconds,) = call.positional or call.named.values()
    call.run.wait(seconds)


_FUNCTIONS: Final = Module(
    "pyspark.sql.functions",
    MappingProxyType({name: Function(name, _VETTED.get(name, _call), steps=SPARK_STEPS) for name in sorted(FUNCTIONS)}),
)
_TYPES: Final = Module("pyspark.sql.types", MappingProxyType({name: getattr(types, name) for name in TYPES}))
# They can be imported for annotations, but not called.
_SESSION: Final = {
    "SparkSession": SessionClass("SparkSession", _no_session, "<class 'pyspark.sql.SparkSession'>"),
    **{name: Function(name, _no_session, f"<class 'pyspark.sql.{name}'>") for name in ("Column", "DataFrame")},
}
_SQL: Final = Module(
    "pyspark.sql", MappingProxyType({"functions": _FUNCTIONS, "types": _TYPES, "Row": types.Row, **_SESSION})
)
_ERRORS: Final = Module("pyspark.errors", SPARK_ERRORS)
_PYSPARK: Final = Module("pyspark", MappingProxyType({"sql": _SQL, "errors": _ERRORS}))
_TIME: Final = Module(
    "time",
    MappingProxyType(
        {
            "sleep": Function("sleep", _sleep),
            **CLOCKS,
        }
    ),
)
MODULES: Final[Mapping[str, Module]] = MappingProxyType(
    {
        module.name: module
        for module in (
            *(_FUNCTIONS, _TYPES, _SQL, _PYSPARK, _ERRORS, Module("pyspark.sql.utils", SPARK_ERRORS), _TIME),
            *(*standard.MODULES, *dates.MODULES, *addresses.MODULES, FINDSPARK, *COPYING),
        )
    }
)
# The names of a star import: it leaves out what PySpark's own leaves out.
STARRED: Final[Mapping[str, frozenset[str]]] = MappingProxyType(
    {_FUNCTIONS.name: FUNCTIONS & frozenset(functions.__all__), _TYPES.name: frozenset(TYPES)}
)
