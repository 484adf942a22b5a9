"""SQL and tables of a session: of the learner's own, and of the one that Spark makes for the batches of a query."""

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
    """The session of a batch. It offers less than the learner's: a query that is started there would be seen by nobody."""

    def __init__(self, session: SparkSession) -> None:
        super().__init__("<SparkSession of a batch>")
        self.session = session
        self.version = session.version


def mark_as_of_batch(session: SparkSession) -> None:
    """Remember that a session is one that Spark has made for a batch."""
    vars(session)[_OF_BATCH] = True


def session_of(frame: DataFrame) -> SparkSession | BatchSession:
    """Return the session of a frame, as a cell may use it."""
    session = frame.sparkSession
    return BatchSession(session) if _OF_BATCH in vars(session) else session


def sql(call: Call) -> Any:
    """Return what a query of SQL gives."""
    vetted = vetted_query(call.only("sqlQuery")["sqlQuery"])
    frame = within_limits(call.run, lambda: call.owner.sql(vetted.text))
    views = [weight_of_view(call.owner, name) for name in vetted.tables]
    growth = vetted.growth * max((grown for _, grown in views), default=1)
    cost = vetted.weight + sum(weight for weight, _ in views)
    return weigh(frame, None, cost=cost, growth=growth, condition=vetted.condition)


def table(call: Call) -> Any:
    """Return what a table or a view holds."""
    name = call.only("tableName")["tableName"]
    # A name with a dot is how Spark is asked to read a file as a table.
    if not (isinstance(name, str) and name.isidentifier()):
        raise refused(f"{name!r} as a table", "Use the name of a query with a memory sink, or of a view.")
    weight, growth = weight_of_view(call.owner, name)
    return weigh(call.owner.table(name), None, cost=weight, growth=growth)


def sql_of_batch(call: Call) -> Any:
    """Return what a query of SQL gives that reads views of the same batch."""
    inner = replace(call, owner=call.owner.session)
    for name in vetted_query(inner.only("sqlQuery")["sqlQuery"]).tables:
        _check_view(inner.owner, name)
    return sql(inner)


def table_of_batch(call: Call) -> Any:
    """Return what a view of the same batch holds."""
    inner = replace(call, owner=call.owner.session)
    _check_view(inner.owner, inner.only("tableName")["tableName"])
    return table(inner)


def _check_view(session: SparkSession, name: Any) -> None:
    """Refuse a view of which nobody knows here how large its plan is, or whether it is a stream."""
    if not has_view(session, name):
        raise refused(
            f"{name!r} in the session of a batch",
            "Make a view of the batch in the same function, with createOrReplaceTempView; for other tables, use spark.sql.",
        )
