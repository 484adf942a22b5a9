"""Runs a cell in a workspace, and says what it gave."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lab.bucket import Bucket
from lab.bucket.fleeting import FLEETING
from lab.bucket.quota import require_room
from lab.bucket.setup import set_up
from lab.cells import CellError, CellOutput, Limits, run_cell
from lab.dataset import SHIPPED, Dataset
from lab.engine.failures import Failure, explain, spark_in_words, text_of
from lab.engine.rest import Rest
from lab.engine.work import WORK, OverdueError
from lab.engine.workspace import Workspace
from lab.errors import LabError

# After its time, a cell is refused its next step; in which it has none, Python is at one thing.
GRACE_SECONDS: Final = 5.0

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class CellRun:
    """What running a cell gave. `line` and `column` (from 1, in the cell) are where it failed.

    `error` is what Python or Spark raised, with the name of its class; `session` counts the workspace's Spark sessions.
    """

    code: str
    at: datetime
    seconds: float = 0
    session: int = 0
    text: str = ""
    table: pd.DataFrame | None = None
    failure: Failure | None = None
    error: str = ""
    line: int = 0
    column: int = 0


def limits_of(workspace: Workspace) -> Limits:
    """What every cell of a workspace may touch, and how long it may take."""
    # What a foreachBatch function writes is looked at after its batch; see `quota`.
    return Limits(
        workspace.owns,
        workspace.before_stop,
        before_write=lambda _, in_batch: None if in_batch else require_room(workspace.bucket),
    )


def perform(code: str, workspace: Workspace, session: int = 0, limits: Limits | None = None) -> CellRun:
    """Run a cell; a refusal of the reader, of Spark or of the lab is in the result, not raised."""
    output = CellOutput()
    at, begin = datetime.now(UTC), time.perf_counter()
    failed: CellError | None = None
    with workspace.at_work():
        workspace.helpers.say = output.print
        limits = limits or limits_of(workspace)
        try:
            with WORK.at_most(limits.cell_seconds + GRACE_SECONDS):
                run_cell(code, workspace.names, output, limits)
        except CellError as error:
            failed = error
        except OverdueError as error:
            failed = CellError(str(error), 1, 1, error)
        finally:
            workspace.helpers.say = print
    with contextlib.suppress(LabError), spark_in_words():
        workspace.settle()
    seconds = time.perf_counter() - begin
    if failed is None:
        return CellRun(code, at, seconds, session, output.text, output.table)
    if words := workspace.rest.words:
        # Spark was ended because of it, of which the cell has seen no more than that.
        return CellRun(
            code, at, seconds, session, output.text, failure=Failure(words, ""), error=words, line=failed.line
        )
    cause = failed.cause
    raised = f"{type(cause).__name__}: {text_of(cause)}" if cause else failed.message
    if isinstance(cause, LabError):
        failure = Failure(str(cause), "")
    else:
        failure = _explained(failed.message, cause) if cause else Failure(failed.message, "")
    return CellRun(code, at, seconds, session, output.text, output.table, failure, raised, failed.line, failed.column)


def _explained(message: str, cause: Exception) -> Failure:
    """Spark's errors in plain words; those of Python are plain enough."""
    # A connection is one to Spark: cells can make no other.
    if isinstance(cause, ConnectionError) or type(cause).__module__.startswith(("pyspark", "py4j")):
        return explain(message)
    return Failure(f"Python says: {message}", "")


@contextmanager
def temporary_workspace(
    root: "SparkSession",
    folder: Path,
    bucket: Bucket | None = None,
    dataset: Dataset = SHIPPED,
    rest: Rest | None = None,
) -> Iterator[Workspace]:
    """A workspace on a running Spark that is gone afterwards, and until then awake.

    Its bucket is made, by `FLEETING`, unless given. `rest` is that of the learner for whom it works.
    """
    workspace = Workspace(bucket or FLEETING.make(folder), dataset, rest)
    set_up(workspace.bucket, dataset)
    try:
        workspace.open(root)
        with workspace.awake():
            yield workspace
    finally:
        workspace.delete()


def refused(code: str, sentence: str, session: int = 0) -> CellRun:
    """The result of a cell that could not even be begun."""
    return CellRun(code, datetime.now(UTC), session=session, failure=Failure(sentence, ""), error=sentence)
