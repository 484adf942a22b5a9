"""SQL and tables of a session: the learner's own, and the one that Spark makes for the batches of a query."""

from dataclasses import replace
from typing import Any, Final

from pyspark.sql import DataFrame, SparkSession

from lab.cells.actions import within_limits
from lab.cells.advice import refused
from lab.cells.plans import has_view, weigh, weight_of_view
from lab.cells.shown import Named
from lab.cells.sql import vetted_query
from lab.cells.vocabulary.kinds import Call

_OF_BATCH: Final = "_lab_of_batch"


class BatchSession(Named):
    """The session of a batch. It offers less than the learner's: a query started in it would be invisible."""

    def __init__(self, session: SparkSession) -> None:
        super().__init__("<SparkSession of a batch>")
        self.session = session
        self.version = session.version


def mark_as_of_batch(session: SparkSession) -> None:
    """Mark a session as one that Spark has made for a batch."""
    vars(session)[_OF_BATCH] = True


def session_of(frame: DataFrame) -> SparkSession | BatchSession:
    """Return the session of a frame in the form that a cell may use."""
    session = frame.sparkSession
    return BatchSession(session) if _OF_BATCH in vars(session) else session


def sql(call: Call) -> Any:
    """Return the DataFrame of an SQL query."""
    vetted = vetted_query(call.only("sqlQuery")["sqlQuery"])
    frame = within_limits(call.run, lambda: call.owner.sql(vetted.text))
    views = [weight_of_view(call.owner, name) for name in vetted.tables]
    growth = vetted.growth * max((grown for _, grown in views), default=1)
    cost = vetted.weight + sum(weight for weight, _ in views)
    return weigh(frame, None, cost=cost, growth=growth, condition=vetted.condition)


def table(call: Call) -> Any:
    """Return the DataFrame of a table or a view."""
    name = call.only("tableName")["tableName"]
    # For a name with a dot, Spark may read a file as a table.
    if not (isinstance(name, str) and name.isidentifier()):
        raise refused(f"{name!r} as a table", "Use the name of a query with a memory sink, or of a view.")
    weight, growth = weight_of_view(call.owner, name)
    return weigh(call.owner.table(name), None, cost=weight, growth=growth)


def sql_of_batch(call: Call) -> Any:
    """Return the DataFrame of an SQL query that reads only views made with `createOrReplaceTempView` in the session."""
    inner = replace(call, owner=call.owner.session)
    for name in vetted_query(inner.only("sqlQuery")["sqlQuery"]).tables:
        _check_view(inner.owner, name)
    return sql(inner)


def table_of_batch(call: Call) -> Any:
    """Return the DataFrame of a view made with `createOrReplaceTempView` in the session of the batch."""
    inner = replace(call, owner=call.owner.session)
    _check_view(inner.owner, inner.only("tableName")["tableName"])
    return table(inner)


def _check_view(session: SparkSession, name: Any) -> None:
    """Refuse a view that no cell has made in the session: the size of its plan is unknown, and it may be a stream."""
    if not has_view(session, name):
        raise refused(
            f"{name!r} in the session of a batch",
            "Make a view of the batch in the same function, with createOrReplaceTempView; for other tables, use spark.sql.",
        )
