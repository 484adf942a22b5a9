"""The session, streaming queries and what they tell of themselves."""

from types import MappingProxyType
from typing import Any, Final

from pyspark.errors import StreamingQueryException
from pyspark.sql import SparkSession
from pyspark.sql.streaming.listener import SourceProgress, StreamingQueryProgress
from pyspark.sql.streaming.query import StreamingQuery, StreamingQueryManager

from lab.cells.actions import wait_for, within_limits
from lab.cells.advice import refused
from lab.cells.plans import weigh, weight_of_view
from lab.cells.spark_functions import words
from lab.cells.sql import vetted_query
from lab.cells.vocabulary.kinds import Call, Kind, methods


def _sql(call: Call) -> Any:
    vetted = vetted_query(call.only("sqlQuery")["sqlQuery"])
    frame = within_limits(call.run, lambda: call.owner.sql(vetted.text))
    views = [weight_of_view(call.owner, name) for name in vetted.tables]
    growth = vetted.growth * max((grown for _, grown in views), default=1)
    cost = vetted.weight + sum(weight for weight, _ in views)
    return weigh(frame, None, cost=cost, growth=growth, condition=vetted.condition)


def _table(call: Call) -> Any:
    name = call.only("tableName")["tableName"]
    # A name with a dot is how Spark is asked to read a file as a table.
    if not (isinstance(name, str) and name.isidentifier()):
        raise refused(f"{name!r} as a table", "Use the name of a query with a memory sink, or of a view.")
    weight, growth = weight_of_view(call.owner, name)
    return weigh(call.owner.table(name), None, cost=weight, growth=growth)


def _stop(call: Call) -> None:
    call.only()
    _check_no_batch(call)
    call.run.limits.before_stop(call.owner)
    call.perform()


def _check_no_batch(call: Call) -> None:
    """Refuse to wait for a query inside a batch: its query waits for the batch."""
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
    if seconds is None:
        raise refused(
            f"{call.name}() without a number of seconds",
            "It would wait for ever. Use processAllAvailable() of a query to wait until it has read its files.",
        )
    limit = call.run.limits.action_seconds
    if isinstance(seconds, int | float) and seconds > limit:
        raise refused(f"{call.name}() with more than {limit:g} seconds")
    return wait_for(call.run, call.perform, "Waiting")


def _explain(call: Call) -> None:
    extended = bool(call.only("extended").get("extended"))
    call.run.output.print(str(call.owner._jsq.explainInternal(extended)).rstrip("\n"))


KINDS: Final = (
    Kind(
        "SparkSession",
        (SparkSession,),
        frozenset({"read", "readStream", "streams", "version"}),
        MappingProxyType({"sql": _sql, "table": _table}),
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
