"""Reading and writing files: every address, format and option is looked at before Spark gets to know it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import DataFrameReader, DataFrameWriter
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

from lab.cells.actions import within_limits
from lab.cells.advice import Refused, refused
from lab.cells.bounds import Run
from lab.cells.flows import check_flow, folders_read
from lab.cells.schemas import check_read, check_schema
from lab.cells.values import BatchFunctionError, CellError
from lab.cells.vocabulary.kinds import Call, Defined, Function, Kind, methods
from lab.cells.vocabulary.options import (
    FILES,
    check_address,
    check_format_name,
    check_name,
    check_option,
    check_partition,
)

MAX_QUERIES: Final = 10
# A stream from JSON needs its schema anyway; without one, Spark goes into what is nested in a file as deep as it is.
_SCHEMA: Final = "_lab_schema"
_FORMAT: Final = "_lab_format"
_PATH: Final = "_lab_path"
# Arguments of these methods that are no options.
_ARGUMENTS: Final = frozenset({"cols", "mode", "outputMode", "partitionBy", "queryName", "saveMode"})


def _vetted(call: Call) -> Any:
    """Make a call whose arguments are addresses, formats, schemas and options."""
    given = call.arguments()
    _remember(call, given)
    for name, value in given.items():
        if value is None:
            continue
        if name in {"path", "paths"}:
            check_address(call, value)
        elif name == "schema":
            check_schema(value)
        elif name in {"format", "source"}:
            check_format_name(call.owner, value)
        elif name in {"cols", "partitionBy"}:
            check_partition(value)
        elif name not in _ARGUMENTS:
            check_option(call, name, value)
    if call.name in {"option", "format", "options", "schema", "mode", "partitionBy"}:
        return call.perform()
    if isinstance(call.owner, DataFrameWriter):
        _check_batch_flow(call)
        call.run.limits.before_write(vars(call.owner).get(_PATH, ""), call.run.in_batch)
        return within_limits(call.run, call.perform)
    if isinstance(call.owner, DataFrameReader | DataStreamReader):
        return _read(call)
    return within_limits(call.run, call.perform)


def _remember(call: Call, given: Mapping[str, Any]) -> None:
    """Keep, with a reader or a writer, what it does not tell of itself."""
    known = vars(call.owner)
    if given.get("schema") is not None:
        known[_SCHEMA] = True
    known[_FORMAT] = _format_of(call, given)
    for name, value in given.items():
        if name.lower() == "path" and isinstance(value, str):
            known[_PATH] = value


def _format_of(call: Call, given: Mapping[str, Any]) -> str:
    if call.name in FILES:
        return call.name
    return str(given.get("format") or given.get("source") or vars(call.owner).get(_FORMAT, "")).lower()


def _read(call: Call) -> Any:
    form = vars(call.owner)[_FORMAT]
    if form == "json" and not vars(call.owner).get(_SCHEMA):
        raise refused("JSON without a schema", "Give its schema, as in spark.read.schema(...).json(...).")
    frame = within_limits(call.run, call.perform)
    if form != "text" and not (form == "csv" and vars(call.owner).get(_SCHEMA)):
        check_read(frame.schema, has_decimals=form == "parquet")
    return frame


def _check_batch_flow(call: Call) -> None:
    """What a batch of a stream writes is written by the stream."""
    if call.run.in_batch:
        check_flow(call.owner._df.sparkSession, call.run.reads, vars(call.owner).get(_PATH))


def _start(call: Call) -> Any:
    if len(call.owner._df.sparkSession.streams.active) >= MAX_QUERIES:
        raise refused(
            f"more than {MAX_QUERIES} queries at a time", "Stop one first: for q in spark.streams.active: q.stop()"
        )
    given = call.arguments()
    path = given.get("path") or vars(call.owner).get(_PATH)
    check_flow(call.owner._df.sparkSession, folders_read(call.owner._df), path)
    check_name(given.get("queryName"))
    return _vetted(call)


def _query_name(call: Call) -> Any:
    check_name(call.only("queryName")["queryName"])
    return call.perform()


def _option(call: Call) -> Any:
    given = call.only("key", "value")
    check_option(call, given["key"], given["value"])
    if str(given["key"]).lower() == "path":
        vars(call.owner)[_PATH] = given["value"]
    return call.perform()


def _trigger(call: Call) -> Any:
    call.only("processingTime", "once", "availableNow")
    return call.perform()


def _foreach_batch(call: Call) -> Any:
    function = call.only("func")["func"]
    if not isinstance(function, Defined | Function):
        raise refused(
            "foreachBatch without a function",
            "Give it the name of a function of two arguments, without calling it: foreachBatch(save_batch).",
        )
    run = call.run.of_batch(call.run.reads | folders_read(call.owner._df))
    return call.owner.foreachBatch(_each_batch(run, function, call.invoke))


def _each_batch(run: Run, function: Any, invoke: Callable[..., Any]) -> Callable[[Any, int], None]:
    def each_batch(frame: Any, batch_id: int) -> None:
        # Spark calls from a thread of its own, long after the cell has ended: nothing of its limits is used up.
        try:
            invoke(run.of_batch(run.reads), function, (frame, batch_id))
            run.let_go()
        except Refused as error:
            raise BatchFunctionError(f"line 0: {error}") from error
        except CellError as error:
            # All that is left of it in Spark is its text.
            raise BatchFunctionError(f"line {error.line}: {error.message}") from error
        except TypeError as error:
            # It could not even be called, with a batch and its number.
            raise BatchFunctionError(
                f"line 0: {error}. It is called with two arguments, a batch and its number"
            ) from error

    return each_batch


_READER: Final = {
    **methods("csv json load parquet text format options schema", _vetted),
    "option": _option,
}
_WRITER: Final = {
    **methods("csv json parquet text save format options mode partitionBy", _vetted),
    "option": _option,
}
KINDS: Final = (
    Kind("DataStreamReader", (DataStreamReader,), methods=MappingProxyType(_READER)),
    Kind("DataFrameReader", (DataFrameReader,), methods=MappingProxyType(_READER)),
    Kind("DataFrameWriter", (DataFrameWriter,), methods=MappingProxyType(_WRITER)),
    Kind(
        "DataStreamWriter",
        (DataStreamWriter,),
        methods=MappingProxyType(
            {
                **methods("format options", _vetted),
                "start": _start,
                **methods("outputMode"),
                **methods("partitionBy", _vetted),
                "queryName": _query_name,
                "option": _option,
                "trigger": _trigger,
                "foreachBatch": _foreach_batch,
            }
        ),
    ),
)
