"""Reading and writing files: every address, format and option is looked at before Spark gets to know it."""

from collections.abc import Callable, Mapping
from types import MappingProxyType
from typing import Any, Final

from pyspark.sql import DataFrameReader, DataFrameWriter
from pyspark.sql.streaming.readwriter import DataStreamReader, DataStreamWriter

from lab.cells.actions import within_limits
from lab.cells.advice import ADVICE, did_you_mean, refused
from lab.cells.values import BatchFunctionError, CellError
from lab.cells.vocabulary.kinds import Call, Defined, Function, Kind, methods

MAX_QUERIES: Final = 10
_OPTIONS_ARE: Final = "There are header, sep, checkpointLocation, maxFilesPerTrigger and others."
_FILES: Final = frozenset({"csv", "json", "parquet", "text"})
_FORMATS: Final[Mapping[type, frozenset[str]]] = MappingProxyType(
    {
        DataFrameReader: _FILES,
        DataStreamReader: _FILES,
        DataFrameWriter: _FILES | {"noop"},
        DataStreamWriter: _FILES | {"noop", "memory"},
    }
)
_PATH_OPTIONS: Final = frozenset({"checkpointlocation", "path"})
# In lower case, as Spark compares them. An unknown option goes on to Hadoop, which loads classes by their names.
_OPTIONS: Final = _PATH_OPTIONS | frozenset(
    """
    allowsinglequotes charset charToEscapeQuoteEscaping columnNameOfCorruptRecord comment dateFormat delimiter emptyValue
    encoding enforceSchema escape escapeQuotes fileNameOnly header ignoreCorruptFiles ignoreLeadingWhiteSpace
    ignoreMissingFiles ignoreTrailingWhiteSpace inferSchema latestFirst lineSep locale maxFileAge maxFilesPerTrigger
    mergeSchema mode modifiedAfter modifiedBefore multiLine nanValue negativeInf nullValue pathGlobFilter positiveInf
    prefersDecimal preferDate primitivesAsString quote quoteAll quoteMode recursiveFileLookup samplingRatio sep
    timestampFormat timestampNTZFormat timeZone truncate numRows unescapedQuoteHandling wholetext withEventTime
    """.lower().split()
)
# Arguments of these methods that are no options.
_ARGUMENTS: Final = frozenset({"cols", "mode", "outputMode", "partitionBy", "queryName", "saveMode"})


def _vetted(call: Call) -> Any:
    """Make a call whose arguments are addresses, formats, schemas and options."""
    given = call.arguments()
    for name, value in given.items():
        if value is None:
            continue
        if name in {"path", "paths"}:
            _check_address(call, value)
        elif name == "schema":
            _check_schema(value)
        elif name in {"format", "source"}:
            _check_format(call.owner, value)
        elif name not in _ARGUMENTS:
            _check_option(call, name, value)
    if call.name in {"option", "format", "options", "schema", "mode", "partitionBy"}:
        return call.perform()
    return within_limits(call.run, call.perform)


def _start(call: Call) -> Any:
    if len(call.owner._df.sparkSession.streams.active) >= MAX_QUERIES:
        raise refused(
            f"more than {MAX_QUERIES} queries at a time", "Stop one first: for q in spark.streams.active: q.stop()"
        )
    return _vetted(call)


def _option(call: Call) -> Any:
    given = call.only("key", "value")
    _check_option(call, given["key"], given["value"])
    return call.perform()


def _check_option(call: Call, name: Any, value: Any) -> None:
    key = str(name).lower()
    if key not in _OPTIONS:
        raise refused(
            f"the option {name!r}", ADVICE.get(str(name)) or did_you_mean(str(name), _OPTIONS) or _OPTIONS_ARE
        )
    if key in _PATH_OPTIONS:
        _check_address(call, value)
    elif not isinstance(value, str | bool | int | float | None):
        raise refused(f"such a value of the option {name!r}")


def _check_address(call: Call, address: Any) -> None:
    for each in address if isinstance(address, list | tuple) else [address]:
        if not (isinstance(each, str) and call.run.limits.may_use(each)):
            raise refused(
                f"the address {each!r}, which is outside your bucket",
                "Use s3_log_data_uri, s3_log_data_live_uri or s3_lab9_output_uri, and what is below them.",
            )


def _check_format(owner: Any, name: Any) -> None:
    known = next(formats for kind, formats in _FORMATS.items() if isinstance(owner, kind))
    if not isinstance(name, str) or name.lower() not in known:
        advice = ADVICE.get(str(name).lower(), "") or f"There are {', '.join(sorted(known))}."
        raise refused(f"the format {name!r}", advice)


def _check_schema(schema: Any) -> None:
    # Anything but text and StructType is for Spark to refuse, which it does by type.
    if isinstance(schema, str) and ("default" in schema.lower().split() or "generated" in schema.lower().split()):
        raise refused("default values in a schema")


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
    return call.owner.foreachBatch(_each_batch(call.run, function, call.invoke))


def _each_batch(run: Any, function: Any, invoke: Callable[..., Any]) -> Callable[[Any, int], None]:
    def each_batch(frame: Any, batch_id: int) -> None:
        # Spark calls from a thread of its own, long after the cell has ended: nothing of its limits is used up.
        try:
            invoke(run.anew(), function, (frame, batch_id))
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
                **methods("outputMode queryName partitionBy"),
                "option": _option,
                "trigger": _trigger,
                "foreachBatch": _foreach_batch,
            }
        ),
    ),
)
