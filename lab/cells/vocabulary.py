"""What a cell may say: modules and names it may import, and what it may do with an object, by the object's type."""

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType, ModuleType
from typing import Any, Final

from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, GroupedData, SparkSession, functions, types
from pyspark.sql.classic.column import Column
from pyspark.sql.classic.dataframe import DataFrame as ClassicDataFrame
from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter


@dataclass(frozen=True)
class Module:
    """The listed names of a Python module, as a cell sees it."""

    name: str
    names: Mapping[str, Any]


def _listed(module: ModuleType, names: str) -> Module:
    return Module(module.__name__, MappingProxyType({name: getattr(module, name) for name in names.split()}))


_FUNCTIONS: Final = _listed(functions, "col count count_if lit max min sum when")
_TYPES: Final = _listed(types, "IntegerType StringType StructField StructType TimestampType")
_SQL: Final = Module("pyspark.sql", MappingProxyType({"functions": _FUNCTIONS, "types": _TYPES}))
MODULES: Final[Mapping[str, Module]] = MappingProxyType({module.name: module for module in (_FUNCTIONS, _TYPES, _SQL)})

# What may be read of an object, and what may be called on it. A type that is not here offers nothing.
ATTRIBUTES: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        SparkSession: frozenset({"read", "readStream", "streams"}),
        DataFrame: frozenset({"columns", "isStreaming", "write", "writeStream"}),
        StreamingQueryManager: frozenset({"active"}),
        StreamingQuery: frozenset({"isActive", "name"}),
    }
)
METHODS: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        SparkSession: frozenset({"sql"}),
        DataStreamReader: frozenset({"csv", "option", "schema"}),
        DataFrameReader: frozenset({"csv", "option", "schema"}),
        DataFrame: frozenset(
            {"coalesce", "filter", "groupBy", "orderBy", "printSchema", "select", "show", "sort", "toPandas", "where"}
        ),
        GroupedData: frozenset({"agg"}),
        Column: frozenset({"alias", "isNull", "otherwise", "when"}),
        DataFrameWriter: frozenset({"csv", "mode", "option"}),
        DataStreamWriter: frozenset(
            {"foreachBatch", "format", "option", "outputMode", "queryName", "start", "trigger"}
        ),
        StreamingQuery: frozenset({"stop"}),
    }
)
# What these methods may be given, by name and in order: they reach files, or what else Spark has to offer.
ARGUMENTS: Final[Mapping[str, tuple[str, ...]]] = MappingProxyType(
    {
        "csv": ("path",),
        "filter": ("condition",),
        "format": ("source",),
        "option": ("key", "value"),
        "sql": ("sqlQuery",),
        "start": (),
        "where": ("condition",),
    }
)
FORMATS: Final = frozenset({"csv", "memory"})
# In lower case, as Spark compares them; those that name a place are checked as one.
OPTIONS: Final = frozenset({"header", "checkpointlocation", "path"})
PATH_OPTIONS: Final = frozenset({"checkpointlocation", "path"})


def offers(table: Mapping[type, frozenset[str]], value: Any, name: str) -> bool:
    """Whether the table lists the name for the type of the value."""
    return any(name in names for known, names in table.items() if isinstance(value, known))


def show(frame: ClassicDataFrame, rows: int = 20) -> str:
    """What `DataFrame.show` would print."""
    width, vertical = 20, False
    return str(frame._jdf.showString(rows, width, vertical)).rstrip("\n")


def print_schema(frame: DataFrame) -> str:
    """What `DataFrame.printSchema` would print."""
    return frame.schema.treeString().rstrip("\n")


# PySpark prints these to the standard output of the process, which belongs to no cell.
PRINTED: Final[Mapping[str, Any]] = MappingProxyType({"show": show, "printSchema": print_schema})
