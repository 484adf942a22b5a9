"""The Spark session, streaming queries and their progress."""

from types import MappingProxyType
from typing import Any, Final

from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.listener import SourceProgress, StreamingQueryProgress
from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager

from lab.cells.actions import wait_for
from lab.cells.advice import Endless, refused
from lab.cells.spark_functions import words
from lab.cells.vocabulary.kinds import Call, Kind, methods
from lab.cells.vocabulary.sessions import BatchSession, sql, sql_of_batch, table, table_of_batch
from lab.engine import facts


def _stop(call: Call) -> None:
    call.only()
    _check_no_batch(call)
    call.run.limits.before_stop(call.owner)
    call.perform()


def _check_no_batch(call: Call) -> None:
    """Refuse to wait for a query inside a batch: the query itself waits for the batch."""
    if call.run.in_batch:
        raise refused(
            f"{call.name}() in a foreachBatch function",
            "The query waits until the function has ended. Call it in a cell of its own.",
        )


def _process_all_available(call: Call) -> None:
    call.only()
    _check_no_batch(call)
    wait_for(call.run, call.perform, "Processing everything that is available")


def _await_termination(call: Call) -> Any:
    seconds = call.only("timeout").get("timeout")
    _check_no_batch(call)
    if isinstance(call.owner, StreamingQuery) and not call.owner.isActive:
        return call.perform()
    if seconds is None and (query := facts.query(call.owner)) and not query.endless:
        return wait_for(call.run, call.perform, "Waiting")
    if seconds is None:
        raise Endless(
            f"{call.name}() without a number of seconds waits for ever, and nothing after it is run. "
            "Use processAllAvailable() of a query to wait until it has read its files."
        )
    limits = call.run.limits
    if isinstance(seconds, int | float) and (limits.sleep or seconds > limits.wait_seconds):
        call.run.wait(seconds)
        return isinstance(call.owner, StreamingQuery) and not call.owner.isActive
    return wait_for(call.run, call.perform, "Waiting")


def _explain(call: Call) -> None:
    extended = bool(call.only("extended").get("extended"))
    call.run.output.print(str(call.owner._jsq.explainInternal(extended)).rstrip("\n"))


KINDS: Final = (
    Kind(
        "SparkSession",
        (SparkSession,),
        frozenset({"conf", "read", "readStream", "sparkContext", "streams", "version"}),
        MappingProxyType({"sql": sql, "table": table}),
    ),
    Kind(
        "SparkSession",
        (BatchSession,),
        frozenset({"version"}),
        MappingProxyType({"sql": sql_of_batch, "table": table_of_batch}),
    ),
    Kind(
        "StreamingQueryManager",
        (StreamingQueryManager,),
        frozenset({"active"}),
        MappingProxyType({**methods("get resetTerminated"), "awaitAnyTermination": _await_termination}),
    ),
    Kind(
        "StreamingQuery",
        (StreamingQuery,),
        frozenset({"id", "isActive", "lastProgress", "name", "recentProgress", "runId", "status"}),
        MappingProxyType(
            {
                **methods("exception"),
                "awaitTermination": _await_termination,
                "explain": _explain,
                "processAllAvailable": _process_all_available,
                "stop": _stop,
            }
        ),
    ),
    Kind(
        "StreamingQueryException",
        (StreamingQueryException,),
        methods=MappingProxyType(methods("getMessage getCondition")),
    ),
    Kind(
        "StreamingQueryProgress",
        (StreamingQueryProgress,),
        words(
            """
            batchDuration batchId durationMs eventTime id inputRowsPerSecond json name numInputRows prettyJson
            processedRowsPerSecond runId sink sources stateOperators timestamp
            """
        ),
        MappingProxyType(methods("get items keys values")),
    ),
    Kind(
        "SourceProgress",
        (SourceProgress,),
        words("description endOffset inputRowsPerSecond numInputRows processedRowsPerSecond startOffset"),
        MappingProxyType(methods("get items keys values")),
    ),
)
