"""A workspace that nobody sees, in which an answer is performed once more, on records of the check's choice."""

import shutil
import tempfile
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from lab import dataset
from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT
from lab.engine import facts
from lab.engine.workspace import Workspace
from lab.lesson.checks.hidden import content
from lab.lesson.run import CellRun, perform
from lab.lesson.steps import STEPS
from lab.records import LogFile

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

READ_SECONDS: Final = 8


class Probe:
    """Performs cells as the learner's own workspace would, with what their earlier cells have defined."""

    def __init__(self, real: Workspace, workspace: Workspace) -> None:
        self._real = real
        self.workspace = workspace
        self._reads = 0
        own = {"copy_s3_file_to_live_folder": _deliver_nothing, "empty_s3_folder": _deliver_nothing}
        known = set(workspace.names)
        for name, value in real.names.items():
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
            bucket.write(folder + file.name, content(file))
        self.workspace.names["streamingLogData"] = facts.static_records(self.session, bucket.uri(folder))

    def use_stream(self, *step_ids: str) -> None:
        """Let `streamingLogData` be a stream of the probe's own live folder, and run the solutions of these steps."""
        self.workspace.names["streamingLogData"] = facts.streaming_records(
            self.session, self.workspace.bucket.uri(LOG_DATA_LIVE)
        )
        for step_id in step_ids:
            perform(STEPS[step_id].code, self.workspace)

    def deliver(self, file: LogFile) -> None:
        """Place a file in the live folder."""
        self.workspace.bucket.write(LOG_DATA_LIVE + file.name, content(file))

    def perform(self, code: str) -> CellRun:
        """Run the learner's cell; addresses of their folders mean those of the probe."""
        return perform(self._moved(code), self.workspace)

    def value(self, name: str) -> Any:
        """What a name stands for after the cells that were performed."""
        return self.workspace.names.get(name)

    def real_value(self, name: str) -> Any:
        """What a name stands for in the learner's own workspace."""
        return self._real.names.get(name)

    def real_rows(self, table: str) -> int:
        """How many rows a table of the learner's session has."""
        return int(self._real.names["spark"].table(table).count())

    def read(self, query: Any) -> bool:
        """Let a query read what is there; False if it has not in READ_SECONDS."""
        return facts.finish_reading(query, READ_SECONDS)

    def show_table(self, name: str, rows: Iterable[tuple[str, float]]) -> None:
        """Let there be a table of that name with these volumes."""
        values = ", ".join(f"('{server}', {volume}D)" for server, volume in rows)
        self.session.sql(f"SELECT * FROM VALUES {values} AS t(serverID, avgVolume)").createOrReplaceTempView(name)  # noqa: S608

    def forget_last_commit(self, checkpoint: str) -> bool:
        """Take away the mark that says that a query's newest batch is complete; False if it is not in the bucket.

        Spark writes it last, to `commits/<batch>` (CommitLog), and runs a batch again whose mark is missing.
        """
        bucket = self.workspace.bucket
        output = bucket.uri(OUTPUT).removeprefix("file:").strip("/")
        place = checkpoint.removeprefix("file:").strip("/")
        if not f"{place}/".startswith(f"{output}/"):
            return False
        folder = OUTPUT + f"{place}/".removeprefix(f"{output}/") + "commits/"
        commits = [entry for entry in bucket.list(folder) if entry.name.isdecimal()]
        if commits:
            bucket.remove(max(commits, key=lambda entry: int(entry.name)).key)
        return bool(commits)

    def _moved(self, value: Any) -> Any:
        if isinstance(value, str):
            for prefix in FOLDERS:
                value = value.replace(self._real.bucket.uri(prefix), self.workspace.bucket.uri(prefix))
            return value
        if isinstance(value, list | tuple):
            return type(value)(map(self._moved, value))
        return value


@contextmanager
def probing(real: Workspace, root: "SparkSession", folder: Path) -> Iterator[Probe]:
    """A probe for a workspace, on the same Spark, that is gone afterwards; `folder` is where its own may be made."""
    folder.mkdir(parents=True, exist_ok=True)
    place = Path(tempfile.mkdtemp(prefix="probe-", dir=folder))
    workspace = Workspace(place)
    workspace.open(root)
    try:
        yield Probe(real, workspace)
    finally:
        try:
            workspace.delete()
        finally:
            shutil.rmtree(place, ignore_errors=True)


def _deliver_nothing(*_: object, **__: object) -> None:
    """In a probe, deliveries are the check's."""


def lab_files() -> tuple[LogFile, ...]:
    """The four log files as they are shipped."""
    return tuple(dataset.log_file(name) for name in dataset.FILES)
