"""A hidden workspace in which a check runs an answer again, on records of its own choice."""

import re
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final, Literal

from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, Entry, key_of
from lab.engine import facts
from lab.engine.failures import Refusal
from lab.judge import hidden
from lab.judge.handout import HandoutWorkspace
from lab.judge.run import CellRun, perform, temporary_workspace
from lab.judge.step import Step
from lab.records import LogFile
from lab.sev0_output import read_log_output

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

READ_SECONDS: Final = 8


class Probe:
    """Runs cells as the learner's own workspace would.

    It has the constants and imports of the learner's earlier cells. What the exercises define comes from the solutions.
    It does not have the frames, queries and functions of other cells: they belong to the learner's session and folders.
    """

    def __init__(self, real: HandoutWorkspace, workspace: HandoutWorkspace, exercises: Sequence[Step]) -> None:
        """Make a probe in `workspace`, for the learner's `real` one; `exercises` are the lesson's, in its order."""
        self._real = real
        self._exercises = exercises
        self.workspace = workspace
        # The learner's four log files, unchanged.
        self.log_files = tuple(map(real.dataset.log_file, real.dataset.files))
        # The hidden records, and those without a SEV0 record, under the names of the learner's files.
        self.hidden, self.silent = hidden.deliveries(real.dataset), hidden.silent(real.dataset)
        self._reads = 0
        self._performed_at = datetime.now(UTC)
        own = {}
        known = set(workspace.names)
        for name, value in list(real.names.items()):  # a batch in another thread may add a name meanwhile
            if name not in known and facts.is_constant(value):
                own[name] = self._moved(value)
        workspace.names.update(own)

    @property
    def session(self) -> "SparkSession":
        """The probe's Spark session."""
        return self.workspace.names["spark"]  # type: ignore[no-any-return]

    def use_static(self, files: Iterable[LogFile]) -> None:
        """Define `streamingLogData` as a batch DataFrame of these files' records."""
        bucket = self.workspace.bucket
        self._reads += 1
        folder = f"{LOG_DATA}records-{self._reads}/"
        for file in files:
            bucket.write(folder + file.name, file.content)
        self.workspace.names["streamingLogData"] = facts.static_records(self.session, bucket.uri(folder))

    def use_stream(self) -> None:
        """Define `streamingLogData` as a stream of the probe's own live folder."""
        self.workspace.names["streamingLogData"] = facts.streaming_records(
            self.session, self.workspace.bucket.uri(LOG_DATA_LIVE)
        )

    def stand_in(self, text: str, step: Step) -> None:
        """Run the solutions of the earlier exercises whose variables occur in the text."""
        said = set(re.findall(r"\w+", text))
        for known in self._exercises:
            if known.id == step.id:
                return
            if known.variable in said and known.variable not in self.workspace.names:
                self.stand_in(known.code, known)
                perform(known.code, self.workspace)

    def begin_anew(self) -> None:
        """Stop every query, and empty the live folder and the output folder."""
        self.workspace.stop_queries()
        for folder in (LOG_DATA_LIVE, OUTPUT):
            self.workspace.bucket.delete(folder)

    def deliver(self, file: LogFile) -> None:
        """Write a file to the live folder."""
        self.workspace.bucket.write(LOG_DATA_LIVE + file.name, file.content)

    def deliver_as_one(self, name: str, files: Iterable[LogFile]) -> None:
        """Write the records of several files to the live folder as one file: two files could end up in two batches."""
        self.deliver(LogFile(name, tuple(record for file in files for record in file.records)))

    def perform(self, code: str) -> CellRun:
        """Run the learner's cell, with the addresses of their folders replaced by the probe's."""
        self._performed_at = datetime.now(UTC)
        # Only the check delivers files.
        with self.workspace.helpers.without_deliveries():
            return perform(self._moved(code), self.workspace)

    def value(self, name: str) -> Any:
        """Return the value of a name after the cells that were run; None if it is not defined."""
        return self.workspace.names.get(name)

    def real_value(self, name: str) -> Any:
        """Return the value of a name in the learner's own workspace; None if it is not defined."""
        return self._real.names.get(name)

    def real_rows(self, table: str) -> int:
        """Return how many rows a table of the learner's session has."""
        return facts.row_count(self._real.names["spark"], table)

    def read(self, query: Any, file: LogFile) -> bool:
        """Wait until a query has read everything; `file` is the newest file.

        Return False if a query with an interval has not read that file within READ_SECONDS. Raise TookTooLongError when
        another query is still reading after CHECK_SECONDS: it may be right, on a busy machine.
        """
        now = facts.query(query)
        if now is None or not now.interval:
            if not facts.finish_reading(query, facts.CHECK_SECONDS):
                raise facts.TookTooLongError
            return True
        # The query looks for new files only after its interval, and `processAllAvailable` would wait for that.
        seen = self.workspace.observations

        def has_read() -> bool:
            run = next((run for run in seen.runs if run.run_id == now.run_id), None)
            # A query that continues an earlier run also has that run's batches, which do not count.
            new = [batch for batch in run.batches if batch.at >= self._performed_at] if run else []
            return bool(run and run.ended) or any(read.name == file.name for batch in new for read in batch.files)

        return seen.wait_for(has_read, READ_SECONDS)

    def show_table(self, name: str, rows: Iterable[tuple[str, float]]) -> None:
        """Create a view of that name with these volumes."""
        values = ", ".join(f"('{server}', {volume}D)" for server, volume in rows)
        self.session.sql(f"SELECT * FROM VALUES {values} AS t(serverID, avgVolume)").createOrReplaceTempView(name)  # noqa: S608

    def forget_last_commit(self, checkpoint: str) -> bool:
        """Delete the commit of a query's newest batch from its checkpoint; return False if the bucket has none.

        Spark writes the commit last, to `commits/<batch>` (CommitLog), and repeats a batch whose commit is missing.
        """
        bucket = self.workspace.bucket
        key = key_of(bucket, checkpoint)
        commits = self.batches_in(f"{key}/", "commits") if key else []
        if commits:
            _, entry = commits[-1]
            bucket.remove(entry.key)
        return bool(commits)

    def batches_in(self, checkpoint: str, folder: Literal["offsets", "commits"]) -> list[tuple[int, Entry]]:
        """Return the batches in a folder of a checkpoint, in order: the number of each, and its file."""
        entries = self.workspace.bucket.list(f"{checkpoint}{folder}/")
        return sorted(
            ((int(entry.name), entry) for entry in entries if entry.name.isdecimal()), key=lambda found: found[0]
        )

    def output(self) -> dict[str, str]:
        """Return the content of each csv file in the output folder, by its key."""
        return {file.entry.key: file.content for file in read_log_output(self.workspace.bucket).files}

    def other_formats(self) -> list[str]:
        """Return the formats other than csv, such as parquet, of the files that Spark wrote to the output folder."""
        names = [entry.name for entry in self.workspace.bucket.list(OUTPUT)]
        return sorted({name.rpartition(".")[2] for name in names if name.startswith("part-") and "." in name} - {"csv"})

    def refused_in(self, failure: str) -> Refusal | None:
        """Return what was refused in a foreachBatch function, in the probe or in the learner's own workspace.

        `failure` is the query's error; None if the lab refused nothing.
        """
        return self.workspace.refused_in(failure) or self._real.refused_in(failure)

    def key_of(self, address: str) -> str | None:
        """Return the key of an address in the learner's own bucket; None if it is elsewhere."""
        return key_of(self._real.bucket, address)

    def lose(self, keys: Iterable[str]) -> None:
        """Delete csv files from the output folder, as if they had never been written."""
        there = self.output()
        for key in keys:
            if key in there and key.endswith(".csv"):
                self.workspace.bucket.remove(key)

    def _moved(self, value: Any) -> Any:
        if isinstance(value, str):
            for prefix in FOLDERS:
                here, there = (workspace.bucket.uri(prefix).rstrip("/") for workspace in (self._real, self.workspace))
                # Match only the whole name: LogDataLive begins with LogData.
                value = re.sub(re.escape(here) + r"(?!\w)", there.replace("\\", r"\\"), value)
            return value
        if isinstance(value, list | tuple | set):
            return type(value)(map(self._moved, value))
        if isinstance(value, dict):
            return {key: self._moved(each) for key, each in value.items()}
        return value


@contextmanager
def probing(real: HandoutWorkspace, root: "SparkSession", folder: Path, exercises: Sequence[Step]) -> Iterator[Probe]:
    """Return a context manager with a probe for a workspace, on the same Spark; it is deleted at the end.

    The probe's own files may be made in `folder`.
    """
    with temporary_workspace(root, folder, dataset=real.dataset, cooldown=real.cooldown) as workspace:
        yield Probe(real, workspace, exercises)
