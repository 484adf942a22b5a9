"""Reading and writing files: every address, format and option is checked before Spark gets it."""

import inspect
from collections.abc import Callable, Mapping
from dataclasses import replace
from functools import partial
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import DataFrameReader, DataFrameWriter
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

from lab.cells.actions import within_limits
from lab.cells.advice import Mistaken, Refused, refused
from lab.cells.bounds import Run
from lab.cells.flows import check_flow, folders_read
from lab.cells.intervals import seconds_in
from lab.cells.schemas import check_read, check_schema
from lab.cells.values import BatchFunctionError, BatchNotPerformedError, CellError
from lab.cells.vocabulary.kinds import Call, Defined, Function, Kind, methods
from lab.cells.vocabulary.options import (
    FILES,
    MAX_OPTION,
    check_address,
    check_format_name,
    check_name,
    check_option,
    check_partition,
)
from lab.cells.vocabulary.sessions import mark_as_of_batch
from lab.cells.vocabulary.table_sink import to_table
from lab.engine.work import WORK, OverdueError

MAX_QUERIES: Final = 10
# Seconds between batches. Neither a learner nor a check of the query waits longer.
MAX_INTERVAL: Final = 2.0
# Set when the reader has a schema. JSON needs one: without it, Spark follows the nesting of a file to any depth.
_SCHEMA: Final = "_lab_schema"
_FORMAT: Final = "_lab_format"
_PATH: Final = "_lab_path"
_PATHS: Final = "_lab_paths"
# Arguments of these methods that are not options.
_ARGUMENTS: Final = frozenset({"cols", "mode", "outputMode", "partitionBy", "queryName", "saveMode"})


def _with_own_addresses(call: Call) -> Call:
    """Return the call with addresses in other buckets replaced by the learner's own folders."""

    def own(value: Any) -> Any:
        if isinstance(value, list | tuple):
            return type(value)(map(own, value))
        limits = call.run.limits
        if not isinstance(value, str) or "://" not in value or limits.may_use(value):
            return value
        if (meant := limits.meant(value)) != value:
            call.run.output.note(f"{value[:MAX_OPTION]} is taken for the folder of your own bucket.")
        return meant

    named = {name: own(value) for name, value in call.named.items()}
    return replace(call, positional=tuple(map(own, call.positional)), named=named)


def _vetted(call: Call) -> Any:
    """Check the arguments of a call, which are addresses, formats, schemas and options, and perform it."""
    call = _with_own_addresses(call)
    given = call.arguments()
    # Only the method's own parameters are formats and schemas: Spark ignores options with these names.
    own = inspect.signature(getattr(call.owner, call.name)).parameters
    for name, value in given.items():
        if value is not None:
            _check_argument(call, name if name in own else "", name, value)
    _remember(call, {name: value for name, value in given.items() if name in own or name.lower() == "path"})
    if call.name in {"option", "format", "options", "mode", "partitionBy"}:
        return call.perform()
    if call.name == "schema":
        result = call.perform()
        vars(call.owner)[_SCHEMA] = True  # unless Spark could not read it
        return result
    if isinstance(call.owner, DataFrameWriter):
        _check_batch_flow(call)
        call.run.limits.before_write(vars(call.owner).get(_PATH, ""), call.run.in_batch)
        return within_limits(call.run, call.perform)
    if isinstance(call.owner, DataFrameReader | DataStreamReader):
        return _read(call, has_schema="schema" in own and given.get("schema") is not None)
    return within_limits(call.run, call.perform)


def _check_argument(call: Call, parameter: str, name: str, value: Any) -> None:
    """Check the value of a parameter, or of the option `name` when the method has no such parameter."""
    if parameter in {"path", "paths"}:
        check_address(call, value)
    elif parameter == "schema":
        check_schema(value)
    elif parameter in {"format", "source"}:
        check_format_name(call.owner, value)
    elif parameter in {"cols", "partitionBy"}:
        check_partition(value)
    elif parameter == "queryName":
        check_name(value)
    elif parameter not in _ARGUMENTS:
        check_option(call, name, value)


def _remember(call: Call, given: Mapping[str, Any]) -> None:
    """Store the format and the path on a reader or a writer, because Spark's own objects do not expose them."""
    known = vars(call.owner)
    known[_FORMAT] = _format_of(call, given)
    for name, value in given.items():
        if name.lower() == "path" and isinstance(value, str):
            _remember_path(call, value)


def _remember_path(call: Call, path: Any) -> None:
    known = vars(call.owner)
    known[_PATH] = path
    # When a call with another path fails, Spark keeps the path before it.
    known[_PATHS] = known.get(_PATHS, frozenset()) | {path}


def _format_of(call: Call, given: Mapping[str, Any]) -> str:
    if call.name in FILES:
        return call.name
    return str(given.get("format") or given.get("source") or vars(call.owner).get(_FORMAT, "")).lower()


def _read(call: Call, *, has_schema: bool) -> Any:
    form = vars(call.owner)[_FORMAT]
    has_schema = has_schema or vars(call.owner).get(_SCHEMA, False)
    if form == "json" and not has_schema:
        raise refused("JSON without a schema", "Give its schema, as in spark.read.schema(...).json(...).")
    frame = within_limits(call.run, call.perform)
    if form != "text" and not (form == "csv" and has_schema):
        check_read(frame.schema, has_decimals=form == "parquet")
    return frame


def _check_batch_flow(call: Call) -> None:
    """Refuse a write of a batch into a folder that its stream reads."""
    if call.run.in_batch:
        for path in vars(call.owner).get(_PATHS, ()):
            check_flow(call.owner._df.sparkSession, call.run.reads, path)


def _start(call: Call) -> Any:
    call = _with_own_addresses(call)
    if len(call.owner._df.sparkSession.streams.active) >= MAX_QUERIES:
        raise refused(
            f"more than {MAX_QUERIES} queries at a time", "Stop one first: for q in spark.streams.active: q.stop()"
        )
    given = call.arguments()
    reads = folders_read(call.owner._df)
    for path in {given.get("path"), *vars(call.owner).get(_PATHS, ())}:
        check_flow(call.owner._df.sparkSession, reads, path)
    check_name(given.get("queryName"))
    return _vetted(call)


def _query_name(call: Call) -> Any:
    check_name(call.only("queryName")["queryName"])
    return call.perform()


def _option(call: Call) -> Any:
    call = _with_own_addresses(call)
    given = call.only("key", "value")
    check_option(call, given["key"], given["value"])
    if str(given["key"]).lower() == "path":
        _remember_path(call, given["value"])
    return call.perform()


def _trigger(call: Call) -> Any:
    interval = call.only("processingTime", "once", "availableNow").get("processingTime")
    if isinstance(interval, str) and (seconds := seconds_in(interval)) is not None and seconds > MAX_INTERVAL:
        call.run.output.note(f"The trigger is one second here, not {interval}, so that nobody waits for a batch.")
        return call.owner.trigger(processingTime="1 second")
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
        # Spark calls this in its own thread, long after the cell has ended. So each call gets its own limits.
        mark_as_of_batch(frame.sparkSession)
        try:
            with WORK.at_most(run.limits.cell_seconds):
                invoke(run.of_batch(run.reads), function, (frame, batch_id))
                run.let_go()
        except OverdueError as error:
            raise _batch_error(run, Refused(str(error)), f"line 0: {error}") from error
        except Refused as error:
            raise _batch_error(run, error, f"line 0: {error}") from error
        except CellError as error:
            # Spark keeps only the text of the error.
            raise _batch_error(run, error.refusal, f"line {error.line}: {error.message}") from error
        except TypeError as error:
            # The function does not take the two arguments, a batch and its number.
            raise BatchFunctionError(
                f"line 0: {error}. It is called with two arguments, a batch and its number"
            ) from error

    return each_batch


def _batch_error(run: Run, refusal: Refused | None, text: str) -> BatchFunctionError:
    if refusal is None:
        return BatchFunctionError(text)
    run.limits.refused(text.partition("\n")[0], refusal.value)
    return BatchFunctionError(text) if isinstance(refusal, Mistaken) else BatchNotPerformedError(text)


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
                "toTable": partial(to_table, start=_start),
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
