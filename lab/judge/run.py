"""Running a cell in a workspace, and its result."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

import pandas as pd

from lab.bucket import Bucket, files_in, own_address
from lab.bucket.quota import require_room
from lab.bucket.setup import set_up
from lab.bucket.temporary import TEMPORARY_BUCKETS
from lab.cells import CellError, CellOutput, Limits, run_cell
from lab.cells.advice import UNDEFINED, Endless
from lab.dataset import SHIPPED, Dataset
from lab.engine.cooldown import Cooldown
from lab.engine.failures import Failure, Refusal, explain, spark_in_words, text_of
from lab.engine.work import WORK, OverdueError
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Trouble:
    """What is wrong with a statement of a cell, and its line, from 1.

    `undefined` is the undefined name, if that is the trouble.
    """

    line: int
    sentence: str
    undefined: str = ""

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}"


@dataclass(frozen=True)
class CellRun:
    """The result of running a cell. `line` and `column` (from 1, in the cell) are where it failed.

    `error` is what Python or Spark raised, with the name of its class. `session` counts the workspace's Spark sessions.
    `skipped` are the statements that the lab does not perform; the first is the failure. All others were performed, up
    to the one that ended the cell (`ended_by`), if any did. `endless` says that the cell would never end. `notes` say
    what the lab did differently than the cell says. `refusal` is the failure as a value, if the lab refused it.
    `undefined` is the undefined name, if that is the failure.
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
    skipped: tuple[Trouble, ...] = ()
    ended_by: Trouble | None = None
    endless: bool = False
    notes: tuple[str, ...] = ()
    refusal: Refusal | None = None
    undefined: str = ""

    @property
    def has_failed(self) -> bool:
        """Whether the cell itself failed; False when a statement was skipped, because then nobody knows."""
        return self.failure is not None and not self.skipped

    @property
    def in_spite_of_skips(self) -> "CellRun":
        """The same run without its failure, for a cell that has done its job although statements were skipped."""
        return replace(self, failure=None, error="", line=0, column=0) if self.skipped else self


def limits_of(workspace: HandoutWorkspace) -> Limits:
    """Return what every cell of a workspace may touch, and how long it may take."""
    # What a foreachBatch function writes is checked after its batch; see `quota`.
    return Limits(
        workspace.owns,
        given=workspace.given,
        meant=partial(own_address, workspace.bucket),
        session=lambda: workspace.session,
        deliver=workspace.helpers.copy_s3_file_to_live_folder,
        empty=workspace.helpers.empty_s3_folder,
        names_in=lambda folder: [entry.name for entry in files_in(workspace.bucket, folder)],
        before_stop=workspace.before_stop,
        until_read=workspace.wait_until_read,
        before_write=lambda _, in_batch: None if in_batch else require_room(workspace.bucket),
        refused=workspace.note_refused,
    )


def perform(code: str, workspace: HandoutWorkspace, session: int = 0, limits: Limits | None = None) -> CellRun:
    """Run a cell; errors of the reader, of Spark or of the lab are in the result, not raised."""
    output = CellOutput()
    at, begin = datetime.now(UTC), time.perf_counter()
    failed: CellError | None = None
    with workspace.at_work():
        workspace.helpers.say = output.print
        limits = limits or limits_of(workspace)
        try:
            with WORK.at_most(limits.cell_seconds):
                run_cell(code, workspace.names, output, limits)
        except CellError as error:
            failed = error
        except OverdueError as error:
            failed = CellError(str(error), 1, 1, error)
        finally:
            workspace.helpers.say = print
    with contextlib.suppress(LabError), spark_in_words():
        workspace.settle()
    done = CellRun(code, at, time.perf_counter() - begin, session, output.text, output.table, notes=tuple(output.notes))
    if failed is None:
        return done
    if words := workspace.cooldown.words:
        # The lab itself has ended Spark and says why; the cell has only seen that Spark was gone.
        return replace(done, table=None, failure=Failure(words, ""), error=words, line=failed.line)
    cause = failed.cause
    raised = f"{type(cause).__name__}: {text_of(cause)}" if cause else failed.message
    if isinstance(cause, LabError):
        failure = Failure(str(cause), "")
    else:
        failure = _explained(failed.message, cause) if cause else Failure(failed.message, "")
    return replace(
        done,
        failure=failure,
        error=raised,
        line=failed.line,
        column=failed.column,
        skipped=tuple(map(_trouble, failed.skipped)),
        ended_by=_trouble(failed.ended_by) if failed.ended_by else None,
        endless=isinstance((failed.ended_by or failed).refusal, Endless),
        refusal=failed.refusal.value if failed.refusal else None,
        undefined=_undefined(failed),
    )


def _trouble(error: CellError) -> Trouble:
    sentence = _explained(error.message, error.cause).sentence if error.cause else error.message
    return Trouble(error.line, sentence, _undefined(error))


def _undefined(error: CellError) -> str:
    """Return the undefined name that a cell uses; empty if that is not the error."""
    if error.refusal:
        return error.refusal.subject if error.refusal.code == UNDEFINED else ""
    return str(error.cause.name or "") if isinstance(error.cause, NameError) else ""


def _explained(message: str, cause: Exception) -> Failure:
    """Return an error of Spark in plain words; errors of Python are plain enough."""
    # A connection error is about Spark: cells can open no other connection.
    if isinstance(cause, ConnectionError) or type(cause).__module__.startswith(("pyspark", "py4j")):
        return explain(message)
    return Failure(f"Python says: {message}", "")


@contextmanager
def temporary_workspace(
    root: "SparkSession",
    folder: Path,
    bucket: Bucket | None = None,
    dataset: Dataset = SHIPPED,
    cooldown: Cooldown | None = None,
) -> Iterator[HandoutWorkspace]:
    """Return a context manager with a workspace on a running Spark; it stays awake, and is deleted at the end.

    `TEMPORARY_BUCKETS` makes its bucket unless one is given. `cooldown` is that of the learner for whom it works.
    """
    workspace = HandoutWorkspace(bucket or TEMPORARY_BUCKETS.make(folder), dataset, cooldown)
    set_up(workspace.bucket, dataset)
    try:
        workspace.open(root)
        with workspace.awake():
            yield workspace
    finally:
        workspace.delete()


def refused(code: str, sentence: str, session: int = 0) -> CellRun:
    """Return the result of a cell that could not even be started."""
    return CellRun(code, datetime.now(UTC), session=session, failure=Failure(sentence, ""), error=sentence)
