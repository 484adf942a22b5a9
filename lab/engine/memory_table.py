"""What queries keep in Java's memory: the tables of memory sinks, read and limited, and their states."""

from dataclasses import dataclass
from typing import Any, Final

from pyspark import SparkContext
from pyspark.serializers import CPickleSerializer
from pyspark.sql import Row, SparkSession

from lab.engine.batches import BATCH_TIMEOUTS
from lab.engine.failures import Failure
from lab.engine.observe import Table

MAX_TABLE_ROWS: Final = 1000
FEW_ROWS: Final = 50
# What all memory tables of a learner may hold. A report of the lab has a kilobyte.
MAX_KEPT_ROWS: Final = 200_000
MAX_KEPT_BYTES: Final = 64_000_000
# What the state of one query may hold.
MAX_STATE_BYTES: Final = 64_000_000

_TABLES_TOO_LARGE: Final = Failure(
    f"The tables of your queries hold more than {MAX_KEPT_ROWS:,} rows or {MAX_KEPT_BYTES:,} bytes, so the lab has stopped "
    "this query and removed its table. Have it keep less: filter, or group and count.",
    "",
)
_STATE_TOO_LARGE: Final = Failure(
    f"The state of this query holds more than {MAX_STATE_BYTES:,} bytes, so the lab has stopped the query. Group by "
    "something with fewer values.",
    "",
)
_PICKLE: Final = CPickleSerializer()


@dataclass(frozen=True)
class _Kept:
    run_id: str
    rows: int
    size: int


class MemoryTables:
    """The memory tables of one session, and what they held after their latest batches."""

    def __init__(self, session: SparkSession) -> None:
        self._session = session
        self._kept: dict[str, _Kept] = {}

    def limit(self, name: str, run_id: str, query: Any) -> None:
        """Measure the table of a query; if all tables hold too much, end the query with the largest and drop that table.

        `query` is Spark's own StreamingQuery in the JVM.
        """
        rows = query.streamingQuery().sink().allData()
        count = int(rows.size())
        # An estimate of so many rows would take seconds.
        size = 0 if count > MAX_KEPT_ROWS else int(SparkContext._jvm.org.apache.spark.util.SizeEstimator.estimate(rows))  # type: ignore[union-attr]
        self._kept[name] = _Kept(run_id, count, size)
        tables = self._kept.values()
        if sum(each.rows for each in tables) <= MAX_KEPT_ROWS and sum(each.size for each in tables) <= MAX_KEPT_BYTES:
            return
        for largest in sorted(self._kept, key=self._size_of, reverse=True):
            # The table of a query that has ended stays, as Spark keeps it.
            if BATCH_TIMEOUTS.end(self._kept[largest].run_id, _TABLES_TOO_LARGE):
                del self._kept[largest]
                self._session.catalog.dropTempView(largest)
                return

    def _size_of(self, name: str) -> tuple[bool, int]:
        kept = self._kept[name]
        return kept.rows > MAX_KEPT_ROWS, kept.size

    def read(self, name: str, query: Any) -> Table:
        """Return the rows of a memory table. Read few rows one by one from the sink: 20 times as fast as a query.

        `query` is None if it has ended. Raise AnalysisException if there is no table.
        """
        sink = query.streamingQuery().sink().allData() if query is not None else None
        if sink is not None and 0 < sink.size() <= FEW_ROWS:
            of_sink = [_row(sink.apply(index)) for index in range(sink.size())]
            return Table(tuple(of_sink[0].__fields__), tuple(map(tuple, of_sink)))
        frame = self._session.table(name)
        rows = frame.limit(MAX_TABLE_ROWS + 1).collect()
        return Table(
            tuple(frame.columns),
            tuple(tuple(row) for row in rows[:MAX_TABLE_ROWS]),
            truncated=len(rows) > MAX_TABLE_ROWS,
        )


def limit_state(progress: dict[str, Any]) -> None:
    """End a query whose state is too large, by Spark's progress of a batch."""
    if sum(operator.get("memoryUsedBytes", 0) for operator in progress.get("stateOperators", ())) > MAX_STATE_BYTES:
        BATCH_TIMEOUTS.end(progress["runId"], _STATE_TOO_LARGE)


def _row(row: Any) -> Row:
    """Convert a row of the JVM to a Row in Python, the way Spark itself does it (PythonSQLUtils of Spark 4.3)."""
    pickled = getattr(SparkContext._jvm, "org.apache.spark.sql.api.python.PythonSQLUtils").toPyRow(row)
    return _PICKLE.loads(bytes(pickled))  # type: ignore[no-any-return, no-untyped-call]
