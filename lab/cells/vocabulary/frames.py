"""DataFrames, columns, rows and schemas of Spark."""

import math
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import Column, DataFrame, DataFrameNaFunctions, GroupedData, Row
from pyspark.sql.types import DataType, StructField, StructType

from lab.cells.actions import within_limits
from lab.cells.advice import refused
from lab.cells.bounds import MAX_ROWS, check_rows, too_many_rows
from lab.cells.patterns import check_pattern
from lab.cells.plans import STAR, check_cost, check_views, remember_view, weigh
from lab.cells.results import bring, bring_last
from lab.cells.schemas import is_decimal
from lab.cells.sought import check_sought
from lab.cells.sql import check_function, vetted_expression
from lab.cells.vocabulary.kinds import Call, Kind, methods
from lab.cells.vocabulary.modules import add_field
from lab.cells.vocabulary.sessions import session_of

MAX_SHOWN: Final = 1_000
MAX_PARTITIONS: Final = 200
MAX_STATISTICS: Final = 20
# Most characters that show() may print, and the width that a column of show(truncate=False) may always have.
MAX_SHOWN_TEXT: Final = 1_000_000
MIN_WIDTH: Final = 100


# --- frames


def _filter(call: Call) -> Any:
    condition = call.only("condition")["condition"]
    if isinstance(condition, str):
        vetted = vetted_expression(condition)
        return weigh(call.owner.filter(vetted.text), call.owner, cost=vetted.weight, condition=vetted.growth)
    return call.owner.filter(condition)


def _select_expr(call: Call) -> Any:
    texts = call.positional
    if len(texts) == 1 and isinstance(texts[0], list | tuple):
        texts = tuple(texts[0])
    vetted = [vetted_expression(text) for text in texts]
    stars = sum(each.text.endswith("*") for each in vetted)
    cost = sum(each.weight for each in vetted) + STAR * max(0, stars - 1)
    check_cost(cost)
    frame = call.owner.selectExpr(*(each.text for each in vetted))
    return weigh(frame, call.owner, cost=cost, growth=math.prod(each.growth for each in vetted))


def _agg(call: Call) -> Any:
    for functions in (*call.positional, *call.named.values()):
        if isinstance(functions, dict):
            for name in functions.values():
                check_function(name)
    return call.perform()


def _join(call: Call) -> Any:
    given = call.only("other", "on", "how")
    if given.get("on") is None:
        raise refused("a join without the columns to join on", 'Name them: a.join(b, "serverID").')
    return call.perform()


def _partitions(call: Call) -> Any:
    count = call.positional[0] if call.positional else call.named.get("numPartitions")
    if isinstance(count, int) and count > MAX_PARTITIONS:
        raise refused(f"{count} partitions", f"The lab has at most {MAX_PARTITIONS}; for so few rows, 1 is best.")
    return call.perform()


def _collect(call: Call) -> Any:
    """Return all rows; raise Refused when there are too many, without bringing them all."""
    call.only()
    rows = bring(call.run, call.owner, MAX_ROWS + 1, lambda frame: getattr(frame, call.name)())
    if len(rows) > MAX_ROWS:
        raise too_many_rows()
    return rows


def _some(call: Call) -> Any:
    """Return the first rows (`head`, `take`) or the last (`tail`); `first`, and `head` without a number, return one."""
    given = call.only("n", "num")
    count = next(iter(given.values()), 1)
    if not isinstance(count, int) or count < 1:
        return within_limits(call.run, call.perform)
    check_rows(count)
    if call.name == "tail":
        return bring_last(call.run, call.owner, count)
    return bring(call.run, call.owner, count, lambda frame: getattr(frame, call.name)(**given))


def _action(call: Call) -> Any:
    return within_limits(call.run, call.perform, call.owner)


def _statistics(call: Call) -> Any:
    # Each argument is one aggregate per column, and Spark plans them all before there is a job to cancel.
    if len(call.positional) > MAX_STATISTICS:
        raise refused(f"more than {MAX_STATISTICS} arguments of {call.name}()", "Take fewer.")
    return _action(call)


def show(call: Call) -> None:
    """Print what `DataFrame.show` prints. PySpark itself would print to stdout, which belongs to no cell."""
    given = call.only("n", "truncate", "vertical")
    count = given.get("n", 20)
    if not isinstance(count, int) or isinstance(count, bool) or count < 0:
        call.owner._show_string(**given)  # PySpark raises its own error
        count = 0
    if count > MAX_SHOWN:
        raise refused(f"show() of more than {MAX_SHOWN:,} rows", "Show fewer, or use toPandas().")
    # Spark pads each row of a column to the widest value.
    widest = max(MAX_SHOWN_TEXT // (max(1, count) * max(1, len(call.owner.columns))), MIN_WIDTH)
    truncate = given.get("truncate", True)
    if truncate is False or (isinstance(truncate, int) and truncate > widest):
        given["truncate"] = widest
    text = bring(call.run, call.owner, count + 1, lambda frame: frame._show_string(**given))
    call.run.output.print(text.rstrip("\n"))


def _print_schema(call: Call) -> None:
    given = call.only("level")
    tree = call.owner._jdf.schema()
    call.run.output.print((tree.treeString(given["level"]) if given.get("level") else tree.treeString()).rstrip("\n"))


def _explain(call: Call) -> None:
    given = call.only("extended", "mode")
    mode = given.get("mode") or given.get("extended") or "simple"
    mode = "extended" if mode is True else str(mode)
    execution = call.owner._jdf.queryExecution()
    text = within_limits(call.run, lambda: call.owner._sc._jvm.PythonSQLUtils.explainString(execution, mode))
    call.run.output.print(str(text).rstrip("\n"))


def _create_view(call: Call) -> None:
    name = call.only("name")["name"]
    if not (isinstance(name, str) and name.isidentifier()):
        raise refused(f"{name!r} as the name of a view", "Use a plain name, such as volume_report.")
    check_views(call.owner.sparkSession, name)
    call.perform()
    remember_view(call.owner.sparkSession, name, call.owner)


def _persist(call: Call) -> Any:
    """Return the frame unchanged: a cached one would fill Java's memory and disk, for everybody, until Java ends."""
    call.only()
    return call.owner


def _transform(call: Call) -> Any:
    function, *rest = call.positional or (call.named.get("func"),)
    frame = call.invoke(call.run, function, (call.owner, *rest))
    if not isinstance(frame, DataFrame):
        raise TypeError(f"Func returned an instance of type [{type(frame).__name__}], should have been DataFrame.")
    return frame


_FRAME: Final = {
    **methods(
        """
        alias drop distinct dropDuplicates drop_duplicates dropna exceptAll fillna groupBy groupby intersect limit
        orderBy sort sortWithinPartitions select subtract toDF union unionAll unionByName withColumn withColumns
        withColumnRenamed withColumnsRenamed withWatermark
        """
    ),
    **methods("filter where", _filter),
    **methods("coalesce repartition", _partitions),
    **methods("collect toPandas", _collect),
    **methods("first head tail take", _some),
    **methods("count isEmpty", _action),
    **methods("describe summary", _statistics),
    **methods("cache persist unpersist", _persist),
    "selectExpr": _select_expr,
    "agg": _agg,
    "join": _join,
    "show": show,
    "printSchema": _print_schema,
    "explain": _explain,
    "createOrReplaceTempView": _create_view,
    "transform": _transform,
}


# --- columns


def _pattern(call: Call) -> Any:
    check_pattern(call.only("other")["other"], regular=call.name == "rlike")
    return call.perform()


def _contains(call: Call) -> Any:
    check_sought(f"{call.name}()", call.only("other")["other"])
    return call.perform()


def _alias(call: Call) -> Any:
    # Spark evaluates SQL that it finds in a column's metadata, so metadata is refused.
    if call.named:
        raise refused(f"the argument {next(iter(call.named))!r} of {call.name}()")
    return call.perform()


def _cast(call: Call) -> Any:
    to = call.only("dataType")["dataType"]
    # As in SQL, cast to DOUBLE before DECIMAL: Spark would work for ever on the text '1e-100000000'.
    column = getattr(call.owner, call.name)("double") if is_decimal(to) else call.owner
    # The type is passed by name: then PySpark does not need an active session in this thread.
    return getattr(column, call.name)(to.simpleString() if isinstance(to, DataType) else to)


_COLUMN: Final = {
    **methods(
        """
        asc asc_nulls_first asc_nulls_last between desc desc_nulls_first desc_nulls_last endswith eqNullSafe
        getField getItem isNaN isNotNull isNull isin otherwise startswith substr when
        """
    ),
    **methods("ilike like rlike", _pattern),
    **methods("contains", _contains),
    **methods("alias name", _alias),
    **methods("astype cast try_cast", _cast),
}
KINDS: Final = (
    Kind(
        "DataFrame",
        (DataFrame,),
        frozenset({"columns", "dtypes", "isStreaming", "na", "schema", "write", "writeStream"}),
        MappingProxyType(_FRAME),
        MappingProxyType({"sparkSession": session_of}),
    ),
    Kind(
        "GroupedData", (GroupedData,), methods=MappingProxyType({**methods("avg count max mean min sum"), "agg": _agg})
    ),
    Kind("DataFrameNaFunctions", (DataFrameNaFunctions,), methods=MappingProxyType(methods("drop fill"))),
    Kind("Column", (Column,), methods=MappingProxyType(_COLUMN)),
    Kind("Row", (Row,), methods=MappingProxyType(methods("asDict count index"))),
    Kind(
        "StructType",
        (StructType,),
        frozenset({"fields", "names"}),
        MappingProxyType({**methods("fieldNames json simpleString treeString"), "add": add_field}),
    ),
    Kind(
        "StructField",
        (StructField,),
        frozenset({"dataType", "name", "nullable"}),
        MappingProxyType(methods("simpleString")),
    ),
    Kind("DataType", (DataType,), methods=MappingProxyType(methods("simpleString typeName"))),
)
