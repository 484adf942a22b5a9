"""A workspace that nobody sees, in which an answer is performed once more, on records of the check's choice."""

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
    """Performs cells as the learner's own workspace would.

    It has the constants and imports of their earlier cells, and what the exercises define, by the solutions; not the
    frames, queries and functions that other cells have made, which belong to the learner's session and folders.
    """

    def __init__(self, real: HandoutWorkspace, workspace: HandoutWorkspace, exercises: Sequence[Step]) -> None:
        """Make it in `workspace`, for the learner's `real` one; `exercises` are those of the lesson, in its order."""
        self._real = real
        self._exercises = exercises
        self.workspace = workspace
        # The learner's four log files, as they are before anything is changed.
        self.log_files = tuple(map(real.dataset.log_file, real.dataset.files))
        # The records that nobody knows, and those without a SEV0, under the names of the learner's files.
        self.hidden, self.silent = hidden.deliveries(real.dataset), hidden.silent(real.dataset)
        self._reads = 0
        self._performed_at = datetime.now(UTC)
        own = {}
        known = set(workspace.names)
        for name, value in list(real.names.items()):  # a batch may add one meanwhile
            if name not in known and facts.is_constant(value):
                own[name] = self._moved(value)
        workspace.names.update(own)

    @property
    def session(self) -> "SparkSession":
        """Its Spark session."""
        return self.workspace.names["spark"]  # type: ignore[no-any-return]

    def use_static(self, files: Iterable[LogFile]) -> None:
        """Let `streamingLogData` be a batch DataFrame of these files' records."""
        bucket = self.workspace.bucket
        self._reads += 1
        folder = f"{LOG_DATA}records-{self._reads}/"
        for file in files:
            bucket.write(folder + file.name, file.content)
        self.workspace.names["streamingLogData"] = facts.static_records(self.session, bucket.uri(folder))

    def use_stream(self) -> None:
        """Let `streamingLogData` be a stream of the probe's own live folder."""
        self.workspace.names["streamingLogData"] = facts.streaming_records(
            self.session, self.workspace.bucket.uri(LOG_DATA_LIVE)
        )

    def stand_in(self, text: str, step: Step) -> None:
        """Run the solutions of the steps before, as far as the text says what they define."""
        said = set(re.findall(r"\w+", text))
        for known in self._exercises:
            if known.id == step.id:
                return
            if known.variable in said and known.variable not in self.workspace.names:
                self.stand_in(known.code, known)
                perform(known.code, self.workspace)

    def begin_anew(self) -> None:
        """Stop every query, and empty the folders for what is delivered and for output."""
        self.workspace.stop_queries()
        for folder in (LOG_DATA_LIVE, OUTPUT):
            self.workspace.bucket.delete(folder)

    def deliver(self, file: LogFile) -> None:
        """Place a file in the live folder."""
        self.workspace.bucket.write(LOG_DATA_LIVE + file.name, file.content)

    def deliver_as_one(self, name: str, files: Iterable[LogFile]) -> None:
        """Place the records of several files in the live folder as one file: two might be read in two batches."""
        self.deliver(LogFile(name, tuple(record for file in files for record in file.records)))

    def perform(self, code: str) -> CellRun:
        """Run the learner's cell; addresses of their folders mean those of the probe."""
        self._performed_at = datetime.now(UTC)
        # Deliveries are the check's.
        with self.workspace.helpers.without_deliveries():
            return perform(self._moved(code), self.workspace)

    def value(self, name: str) -> Any:
        """Return what a name stands for after the cells that were performed."""
        return self.workspace.names.get(name)

    def real_value(self, name: str) -> Any:
        """Return what a name stands for in the learner's own workspace."""
        return self._real.names.get(name)

    def real_rows(self, table: str) -> int:
        """Return how many rows a table of the learner's session has."""
        return facts.row_count(self._real.names["spark"], table)

    def read(self, query: Any, file: LogFile) -> bool:
        """Let a query read what is there, of which a file is the newest; False if it has not looked in READ_SECONDS.

        Raises TookTooLongError when it is still at it after CHECK_SECONDS: it may be right, on a machine that is busy.
        """
        now = facts.query(query)
        if now is None or not now.interval:
            if not facts.finish_reading(query, facts.CHECK_SECONDS):
                raise facts.TookTooLongError
            return True
        # It looks for more only after its interval, and `processAllAvailable` would wait for that.
        seen = self.workspace.observations

        def has_read() -> bool:
            run = next((run for run in seen.runs if run.run_id == now.run_id), None)
            # The batches of an earlier run, with which it goes on, are from before.
            new = [batch for batch in run.batches if batch.at >= self._performed_at] if run else []
            return bool(run and run.ended) or any(read.name == file.name for batch in new for read in batch.files)

        return seen.wait_for(has_read, READ_SECONDS)

    def show_table(self, name: str, rows: Iterable[tuple[str, float]]) -> None:
        """Let there be a table of that name with these volumes."""
        values = ", ".join(f"('{server}', {volume}D)" for server, volume in rows)
        self.session.sql(f"SELECT * FROM VALUES {values} AS t(serverID, avgVolume)").createOrReplaceTempView(name)  # noqa: S608

    def forget_last_commit(self, checkpoint: str) -> bool:
        """Take away the mark that says that a query's newest batch is complete; False if it is not in the bucket.

        Spark writes it last, to `commits/<batch>` (CommitLog), and runs a batch again whose mark is missing.
        """
        bucket = self.workspace.bucket
        key = key_of(bucket, checkpoint)
        commits = self.batches_in(f"{key}/", "commits") if key else []
        if commits:
            _, entry = commits[-1]
            bucket.remove(entry.key)
        return bool(commits)

    def batches_in(self, checkpoint: str, folder: Literal["offsets", "commits"]) -> list[tuple[int, Entry]]:
        """Return the batches that stand in a folder of a checkpoint, in order: their numbers, each with its file."""
        entries = self.workspace.bucket.list(f"{checkpoint}{folder}/")
        return sorted(
            ((int(entry.name), entry) for entry in entries if entry.name.isdecimal()), key=lambda found: found[0]
        )

    def output(self) -> dict[str, str]:
        """Return the csv files of the output folder, by their keys."""
        return {file.entry.key: file.content for file in read_log_output(self.workspace.bucket).files}

    def other_formats(self) -> list[str]:
        """Return the formats, such as parquet, of files that Spark has written to the output folder, but for csv."""
        names = [entry.name for entry in self.workspace.bucket.list(OUTPUT)]
        return sorted({name.rpartition(".")[2] for name in names if name.startswith("part-") and "." in name} - {"csv"})

    def refused_in(self, failure: str) -> Refusal | None:
        """Return what was refused in the foreachBatch function of a query, here or in the learner's own workspace."""
        return self.workspace.refused_in(failure) or self._real.refused_in(failure)

    def key_of(self, address: str) -> str | None:
        """Return the key of an address in the learner's own bucket."""
        return key_of(self._real.bucket, address)

    def lose(self, keys: Iterable[str]) -> None:
        """Delete csv files, as if they had not been written any more."""
        there = self.output()
        for key in keys:
            if key in there and key.endswith(".csv"):
                self.workspace.bucket.remove(key)

    def _moved(self, value: Any) -> Any:
        if isinstance(value, str):
            for prefix in FOLDERS:
                here, there = (workspace.bucket.uri(prefix).rstrip("/") for workspace in (self._real, self.workspace))
                # Not followed by more of a name: LogData is also how LogDataLive begins.
                value = re.sub(re.escape(here) + r"(?!\w)", there.replace("\\", r"\\"), value)
            return value
        if isinstance(value, list | tuple | set):
            return type(value)(map(self._moved, value))
        if isinstance(value, dict):
            return {key: self._moved(each) for key, each in value.items()}
        return value


@contextmanager
def probing(real: HandoutWorkspace, root: "SparkSession", folder: Path, exercises: Sequence[Step]) -> Iterator[Probe]:
    """Give a probe for a workspace, on the same Spark. It is gone afterwards; `folder` is where its own may be made."""
    with temporary_workspace(root, folder, dataset=real.dataset, rest=real.rest) as workspace:
        yield Probe(real, workspace, exercises)
