"""A listener that turns Spark's events about a learner's queries into observations, as they happen."""

import contextlib
import json
import logging
from collections.abc import Callable
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import Any, Final
from urllib.parse import unquote

from pyspark import SparkContext
from pyspark.errors import AnalysisException
from pyspark.sql import SparkSession

from lab.bucket import OUTPUT, Bucket, MissingObjectError, files_in, key_of
from lab.bucket.folder import local_path
from lab.engine.batches import BATCH_TIMEOUTS
from lab.engine.cooldown import Cooldown
from lab.engine.failures import explain
from lab.engine.later import LATER
from lab.engine.memory_table import MemoryTables, limit_state
from lab.engine.observe import Batch, Observations, Table
from lab.engine.sleep import Attention
from lab.engine.snapshots import MAX_OUTPUT_BYTES, checkpoint_seen, output_seen
from lab.engine.spark_progress import number_in_source_log, read_progress
from lab.engine.unreported import batch_of_checkpoint, number_in_offsets, with_files
from lab.errors import LabError
from lab.records import LogFile
from lab.sev0_output import log_output_of

RETRIES: Final = 20
# By default, Spark keeps so many batches in a checkpoint (`spark.sql.streaming.minBatchesToRetain`); any further files
# there are not from Spark.
MAX_UNREPORTED: Final = 100

_log = logging.getLogger(__name__)


class Listener:
    """A listener for the queries of one session; Spark calls it from the JVM.

    `log_file` returns a delivered file by its name; `bucket` is where a checkpoint may lie.

    PySpark's own StreamingQueryListener needs a call of the JVM for every field of an event; this one fetches an
    event's JSON in one call.
    """

    def __init__(
        self,
        session: SparkSession,
        seen: Observations,
        attention: Attention,
        cooldown: Cooldown,
        bucket: Bucket,
        log_file: Callable[[str], LogFile],
    ) -> None:
        self._bucket = bucket
        self._tables = MemoryTables(session)
        self._seen = seen
        self._attention = attention
        self._cooldown = cooldown
        self._log_file = log_file
        self._checkpoints: dict[str, str] = {}
        # By query id: the batches whose files could not be read, because the bucket was unreachable. A query that may
        # have batches which Spark has not reported has an entry, too, even if it is empty.
        self._unread: dict[str, dict[int, Batch]] = {}
        wrapper = getattr(SparkContext._jvm, "org.apache.spark.sql.streaming.PythonStreamingQueryListenerWrapper")
        self._jvm_listener = wrapper(self)
        self._manager = session.streams._jsqm
        self._manager.addListener(self._jvm_listener)

    def remove(self) -> None:
        """Stop listening."""
        self._manager.removeListener(self._jvm_listener)
        # The JVM's listener and this one refer to each other, and no garbage collector can see a cycle across both.
        del self._jvm_listener

    # The four methods of Spark's interface PythonStreamingQueryListener; it prescribes their names.

    def onQueryStarted(self, event: Any) -> None:  # noqa: N802
        run_id, query_id = event.runId().toString(), event.id().toString()
        # Read the query's data now, while it surely exists: the event of its last batch may come after its stop.
        query = self._manager.get(query_id)
        if query is not None:
            self._checkpoints[run_id] = query.streamingQuery().resolvedCheckpointRoot()
            self._attention.watch(run_id, query.streamingQuery())
            BATCH_TIMEOUTS.add(run_id, query.streamingQuery(), self._seen, self._cooldown)
        self._seen.started(run_id, query_id, event.name() or "")
        if any(run.query_id == query_id and run.run_id != run_id for run in self._seen.runs):
            # The query continues an earlier run, perhaps after a batch that Spark has not reported.
            self._unread.setdefault(query_id, {})
            self._catch_up(query_id, run_id)

    def onQueryProgress(self, event: Any) -> None:  # noqa: N802
        progress = json.loads(event.progress().json())
        # An uncaught exception would only reach the JVM's log.
        try:
            batch = read_progress(progress)
            if batch:
                self._finished(batch, progress)
        except Exception:
            _log.exception("a batch could not be observed")

    def onQueryIdle(self, event: Any) -> None:  # noqa: N802
        # Reading the event costs a call of the JVM, so only do it if necessary.
        if self._unread:
            self._catch_up(event.id().toString(), event.runId().toString())

    def onQueryTerminated(self, event: Any) -> None:  # noqa: N802
        error = event.exception()
        run_id = event.runId().toString()
        self._attention.forget(run_id)
        BATCH_TIMEOUTS.remove(run_id)
        self._seen.ended(run_id, explain(error.get()) if error.isDefined() else None)

    class Java:
        """The declaration for py4j of the JVM interface that the listener implements."""

        implements: Final = ["org.apache.spark.sql.streaming.PythonStreamingQueryListener"]

    def _finished(self, batch: Batch, progress: dict[str, Any]) -> None:
        """Note a finished batch, and the files on the disk at that time."""
        query_id, checkpoint = progress["id"], self._checkpoints.get(progress["runId"], "")
        key = key_of(self._bucket, checkpoint)
        read = cache(partial(self._read_in_bucket, key) if key else partial(_read_here, checkpoint))
        number = number_in_source_log(progress)

        def keep_checkpoint() -> None:
            files = checkpoint_seen(read, batch.number, number)
            self._seen.keep(query_id, batch.number, checkpoint=files)

        in_memory = progress["sink"]["description"] == "MemorySink"
        query = self._manager.get(query_id)
        limit_state(progress)
        if in_memory and query is not None:
            self._tables.limit(progress["name"], progress["runId"], query)
        table = self._table(progress, batch, query) if in_memory else None
        batch = replace(batch, table=table)
        self._catch_up(query_id, progress["runId"])
        try:
            completed = with_files(batch, read, number, self._log_file)
        except LabError:
            # Spark could still commit the batch, but since then the bucket has become unreachable.
            self._unread.setdefault(query_id, {})[batch.number] = batch
            return
        if not key:
            # Spark deletes a temporary checkpoint with its query, which may be stopped as soon as the batch is known.
            keep_checkpoint()
        self._seen.finished(progress["runId"], completed)

        def keep_the_rest() -> None:
            with contextlib.suppress(LabError):
                if key:
                    keep_checkpoint()
                if not in_memory:
                    self._keep_output(query_id, batch.number)

        # Not in this thread: each look into the bucket may be a request, and this thread reports the batches of all
        # learners.
        LATER.do(keep_the_rest)

    def _keep_output(self, query_id: str, number: int) -> None:
        entries = self._bucket.list(OUTPUT)
        if sum(entry.size for entry in entries) <= MAX_OUTPUT_BYTES:
            self._seen.keep(query_id, number, output=output_seen(log_output_of(self._bucket, entries)))

    def _catch_up(self, query_id: str, run_id: str) -> None:
        """Read batches later from the query's checkpoint in the bucket, if Spark may not have reported all of them."""
        if query_id in self._unread and (key := key_of(self._bucket, self._checkpoints.get(run_id, ""))):
            LATER.do(lambda: self._add_unreported(key, query_id, run_id))

    def _add_unreported(self, key: str, query_id: str, run_id: str) -> None:
        unread = self._unread.pop(query_id, {})
        read = cache(partial(self._read_in_bucket, key))
        known = {batch.number for run in self._seen.runs if run.run_id == run_id for batch in run.batches}
        try:
            committed = {
                int(entry.name) for entry in files_in(self._bucket, f"{key}/commits/") if entry.name.isdecimal()
            }
            for number in sorted(committed - known)[-MAX_UNREPORTED:]:
                in_source = number_in_offsets(read, number)
                batch = unread.get(number) or batch_of_checkpoint(read, number)
                self._seen.add_unreported(run_id, with_files(batch, read, in_source, self._log_file))
                self._seen.keep(query_id, number, checkpoint=checkpoint_seen(read, number, in_source))
        except LabError:
            # The bucket is unreachable: retry with the next event.
            self._unread.setdefault(query_id, {}).update(unread)

    def _read_in_bucket(self, key: str, name: str) -> str | None:
        """Return the text of a file of a checkpoint in the bucket; None if there is no such file."""
        with contextlib.suppress(MissingObjectError):
            return self._bucket.read(f"{key}/{name}").decode("utf-8")
        return None

    def _table(self, progress: dict[str, Any], batch: Batch, query: Any) -> Table | None:
        """Return the memory table as it is now; None if a later batch has already replaced it, or if it is gone."""
        try:
            rows = self._tables.read(progress["name"], query)
            # In complete mode, a batch empties the table before it fills it. If the event comes late, the next batch
            # may be between these two steps, so an empty table is read again.
            for _ in range(RETRIES):
                if rows.rows or not batch.rows_out:
                    break
                rows = self._tables.read(progress["name"], query)
        except AnalysisException as error:
            # The table of a stopped query may be dropped before Spark reports the query's last batch.
            if error.getCondition() == "TABLE_OR_VIEW_NOT_FOUND":
                return None
            raise
        if query is not None and query.lastProgress().batchId() != batch.number:
            return None
        return rows


def _read_here(checkpoint: str, name: str) -> str | None:
    """Return the text of a file of a checkpoint on this machine; None if there is no such file."""
    # Spark URL-encodes the address of a temporary checkpoint.
    path = Path(local_path(unquote(checkpoint)), *name.split("/"))
    return path.read_text(encoding="utf-8") if path.exists() else None
