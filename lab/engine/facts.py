"""Facts about the objects that a learner's cell has made, as plain values, for the checks."""

import contextlib
import json
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final, TypeVar

from pyspark import SparkContext
from pyspark.errors import PySparkException
from pyspark.sql import DataFrame, DataFrameReader, DataFrameWriter, GroupedData, SparkSession
from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter
from pyspark.sql.types import StructType

from lab.engine.bounded import bounded
from lab.engine.observe import Table
from lab.engine.small_rows import small_rows
from lab.errors import LabError

MAX_ROWS: Final = 10_000
# The limit of one row: a record has ten characters, a row with a list of a server's records a few thousand.
MAX_CHARACTERS: Final = 5_000
# Each row costs a call of the JVM.
MAX_ROWS_OF_SINK: Final = 200
CHECK_SECONDS: Final = 30

T = TypeVar("T")

# The types whose objects belong to one Spark session.
_BOUND: Final = (
    DataFrame,
    DataFrameReader,
    DataFrameWriter,
    DataStreamReader,
    DataStreamWriter,
    GroupedData,
    SparkSession,
    StreamingQuery,
    StreamingQueryManager,
)


class TookTooLongError(LabError):
    """Spark needs too long for a check, because of what the learner's answer has defined."""

    def __init__(self) -> None:
        super().__init__(
            f"To check this, Spark would need more than {CHECK_SECONDS} seconds.",
            "Have it do less, or wait until this machine has less to do, then check it again.",
        )


@dataclass(frozen=True)
class Frame:
    """A DataFrame: its columns as (name, Spark's name of the type), and whether it is a stream."""

    columns: tuple[tuple[str, str], ...]
    streaming: bool

    @property
    def names(self) -> tuple[str, ...]:
        """The names of the columns."""
        return tuple(name for name, _ in self.columns)


@dataclass(frozen=True)
class Query:
    """A started query.

    `sink` (memory, csv, foreachbatch …), `mode` (complete …) and `trigger` (processingtime …) are in lower case;
    `checkpoint` and `path` are addresses; `temporary` says that Spark itself has chosen the checkpoint's folder.
    """

    run_id: str
    query_id: str
    name: str
    active: bool
    sink: str
    mode: str
    trigger: str
    checkpoint: str
    temporary: bool
    path: str
    failure: str
    # The shortest time between two batches, in seconds, set by the trigger.
    interval: float = 0

    @property
    def endless(self) -> bool:
        """Whether the query goes on by itself with files that come later."""
        return self.trigger in {"processingtime", "continuous"}


# Spark's sink classes, by the end of their names, with the name that `format` uses.
_SINKS: Final = {
    "MemorySink": "memory",
    "ForeachBatchSink": "foreachbatch",
    "NoopTable$": "noop",
}


def frame(value: object) -> Frame | None:
    """Return the facts of a DataFrame; None for anything else."""
    if not isinstance(value, DataFrame):
        return None
    return Frame(tuple((field.name, field.dataType.simpleString()) for field in value.schema), value.isStreaming)


def query(value: object) -> Query | None:
    """Return the facts of a streaming query; None for anything else."""
    if not isinstance(value, StreamingQuery):
        return None
    execution = value._jsq.streamingQuery()
    sink = execution.sink()
    kind = sink.getClass().getName().rpartition(".")[2]
    described = str(sink.toString())
    root = str(execution.resolvedCheckpointRoot())
    error = value.exception()
    return Query(
        run_id=str(value.runId),
        query_id=str(value.id),
        name=value.name or "",
        active=value.isActive,
        sink=_format(execution) if kind == "FileStreamSink" else _SINKS.get(kind, kind),
        mode=str(execution.outputMode().toString()).lower(),
        trigger=str(execution.trigger().getClass().getName().rpartition(".")[2])
        .lower()
        .removesuffix("$")
        .removesuffix("trigger"),
        checkpoint=root,
        temporary="/temporary-" in root,
        path=described.removeprefix("FileSink[").removesuffix("]") if kind == "FileStreamSink" else "",
        failure=f"{type(error).__name__}: {error}" if error else "",
        interval=_interval(execution.trigger()),
    )


def query_name(value: object) -> str:
    """Return the name of a streaming query; empty for anything else."""
    return (value.name or "") if isinstance(value, StreamingQuery) else ""


def memory_rows(value: object) -> Table | None:
    """Return the rows that a query with a memory sink has written, at most MAX_ROWS_OF_SINK; None for anything else.

    Read them from the sink, not from the table: a cell can give the table's name to another view.
    """
    if not isinstance(value, StreamingQuery):
        return None
    sink = value._jsq.streamingQuery().sink()
    if not str(sink.getClass().getName()).endswith("MemorySink"):
        return None
    found = sink.allData()
    count = int(found.size())
    objects = [json.loads(found.apply(number).json()) for number in range(min(count, MAX_ROWS_OF_SINK))]
    columns = tuple(objects[0]) if objects else ()
    return Table(columns, tuple(tuple(each.values()) for each in objects), count > MAX_ROWS_OF_SINK)


def schema(value: object) -> tuple[tuple[str, str], ...] | None:
    """Return the names and types of a schema, written as a StructType or as DDL text; None if it is neither.

    Raise Spark's own error for DDL that it cannot parse.
    """
    if isinstance(value, str):
        value = StructType.fromDDL(value)
    if not isinstance(value, StructType):
        return None
    return tuple((field.name, field.dataType.simpleString()) for field in value.fields)


def read_csv(session: SparkSession, schema: Any, address: str) -> Table:
    """Return the rows of csv files without a header, read as a batch with this schema."""
    return rows(session.read.schema(schema).csv(address))


def static_records(session: SparkSession, address: str) -> DataFrame:
    """Return log records as a batch DataFrame, with the columns and types of the lesson's stream."""
    return session.read.schema("serverID STRING, severity INT, timestamp INT").csv(address)


def streaming_records(session: SparkSession, address: str) -> DataFrame:
    """Return log records as a streaming DataFrame."""
    return session.readStream.schema("serverID STRING, severity INT, timestamp INT").csv(address)


def rows(value: DataFrame) -> Table:
    """Return the rows of a batch DataFrame, at most MAX_ROWS; raise TookTooLongError."""
    found = _in_time(small_rows(value, MAX_ROWS + 1, MAX_CHARACTERS).collect)
    return Table(tuple(value.columns), tuple(tuple(row) for row in found[:MAX_ROWS]), len(found) > MAX_ROWS)


def row_count(session: SparkSession, table: str) -> int:
    """Return how many rows a table has; raise TookTooLongError."""
    return _in_time(session.table(table).count)


def _in_time(action: Callable[[], T]) -> T:
    with bounded(CHECK_SECONDS) as late:
        try:
            return action()
        except Exception:
            if late.is_set():
                raise TookTooLongError from None
            raise


def streamed_rows(value: DataFrame) -> Table:
    """Return the rows of a stream for the existing files: run a query into memory, then stop it."""
    name = "lab_streamed_rows"
    running = value.writeStream.queryName(name).outputMode("append").format("memory").start()
    try:
        running.processAllAvailable()
        return rows(value.sparkSession.table(name))
    finally:
        running.stop()
        value.sparkSession.catalog.dropTempView(name)


def refusal_of_stream(value: DataFrame, mode: str) -> str:
    """Return the error that Spark would raise for a query on the stream in an output mode; empty if it would start.

    Run the analysis that `start()` runs (Spark's UnsupportedOperationChecker), without starting anything.
    """
    jvm = SparkContext._jvm
    if jvm is None:
        return ""
    modes: dict[str, Any] = {
        "append": jvm.org.apache.spark.sql.streaming.OutputMode.Append,
        "complete": jvm.org.apache.spark.sql.streaming.OutputMode.Complete,
    }
    checker = jvm.org.apache.spark.sql.catalyst.analysis.UnsupportedOperationChecker
    try:
        checker.checkForStreaming(value._jdf.queryExecution().analyzed(), modes[mode]())
    except PySparkException as error:
        return str(error)
    return ""


def _interval(trigger: Any) -> float:
    return float(trigger.intervalMs()) / 1000 if str(trigger.toString()).startswith("ProcessingTime") else 0.0


def _format(execution: Any) -> str:
    """Return the file format of a file sink, read by reflection from a private field of the sink object."""
    described = str(execution.sink().getClass().getName())
    try:
        field = execution.sink().getClass().getDeclaredField("fileFormat")
        field.setAccessible(True)
        described = str(field.get(execution.sink()).getClass().getSimpleName())
    except Exception:
        return "file"
    return described.removesuffix("FileFormat").lower()


def is_refusal(error: Exception) -> bool:
    """Return whether Spark itself has raised this error; False if, for example, Spark is gone."""
    return isinstance(error, PySparkException)


def is_constant(value: object) -> bool:
    """Return whether a value means the same in another session: text, numbers, types, columns and Spark's functions.

    Objects that belong to a session do not. Nor do functions of a cell: they see the names of that cell.
    """
    if isinstance(value, list | tuple | set):
        return all(map(is_constant, value))
    if isinstance(value, dict):
        return all(map(is_constant, value.values()))
    if callable(value) and not isinstance(value, type):
        return str(getattr(value, "__module__", "")).startswith("pyspark.")
    return not isinstance(value, _BOUND)


def finish_reading(value: StreamingQuery, seconds: float) -> bool:
    """Wait until a query has processed all available data, or has ended; return False on timeout."""
    done = threading.Event()

    def wait() -> None:
        # A failure is in the query's facts.
        with contextlib.suppress(Exception):
            value.processAllAvailable()
        done.set()

    threading.Thread(target=wait, name="finish-reading", daemon=True).start()
    return done.wait(seconds)
