"""Runs a cell in a workspace, and says what it gave."""

import contextlib
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Final

import pandas as pd

from lab.bucket import Bucket, files_in, own_address
from lab.bucket.fleeting import FLEETING
from lab.bucket.quota import require_room
from lab.bucket.setup import set_up
from lab.cells import CellError, CellOutput, Limits, run_cell
from lab.cells.advice import UNDEFINED, Endless
from lab.dataset import SHIPPED, Dataset
from lab.engine.failures import Failure, Refusal, explain, spark_in_words, text_of
from lab.engine.rest import Rest
from lab.engine.work import WORK, OverdueError
from lab.errors import LabError
from lab.judge.handout import HandoutWorkspace

# After its time, a cell is refused its next step; in which it has none, Python is at one thing.
GRACE_SECONDS: Final = 5.0

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


@dataclass(frozen=True)
class Trouble:
    """What is the matter with a statement of a cell, and in which line it stands, from 1.

    `undefined` is the name that is not defined, if it is that.
    """

    line: int
    sentence: str
    undefined: str = ""

    def __str__(self) -> str:
        return f"Line {self.line}: {self.sentence}"


@dataclass(frozen=True)
class CellRun:
    """What running a cell gave. `line` and `column` (from 1, in the cell) are where it failed.

    `error` is what Python or Spark raised, with the name of its class; `session` counts the workspace's Spark sessions.
    `skipped` are the statements that the lab does not perform, the first of which is the failure: the others were performed,
    up to the one that ended the cell, if it was `ended_by` one. `endless` says that the cell would never end, and `notes`
    what the lab has done in another way than the cell says. `refusal` is the failure as a value, if the lab has refused it,
    and `undefined` the name that is not defined, if it is that.
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
        """Whether the cell failed by itself: of one with a skipped statement, nobody knows."""
        return self.failure is not None and not self.skipped

    @property
    def in_spite_of_skips(self) -> "CellRun":
        """The same run, of a cell that has done its job although statements were skipped."""
        return replace(self, failure=None, error="", line=0, column=0) if self.skipped else self


def limits_of(workspace: HandoutWorkspace) -> Limits:
    """Return what every cell of a workspace may touch, and how long it may take."""
    # What a foreachBatch function writes is looked at after its batch; see `quota`.
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
    done = CellRun(code, at, time.perf_counter() - begin, session, output.text, output.table, notes=tuple(output.notes))
    if failed is None:
        return done
    if words := workspace.rest.words:
        # Spark was ended because of it, of which the cell has seen no more than that.
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
    """Return the name that a cell uses, and nothing has defined."""
    if error.refusal:
        return error.refusal.subject if error.refusal.code == UNDEFINED else ""
    return str(error.cause.name or "") if isinstance(error.cause, NameError) else ""


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
) -> Iterator[HandoutWorkspace]:
    """Give a workspace on a running Spark that is gone afterwards, and until then awake.

    Its bucket is made, by `FLEETING`, unless given. `rest` is that of the learner for whom it works.
    """
    workspace = HandoutWorkspace(bucket or FLEETING.make(folder), dataset, rest)
    set_up(workspace.bucket, dataset)
    try:
        workspace.open(root)
        with workspace.awake():
            yield workspace
    finally:
        workspace.delete()


def refused(code: str, sentence: str, session: int = 0) -> CellRun:
    """Return the result of a cell that could not even be begun."""
    return CellRun(code, datetime.now(UTC), session=session, failure=Failure(sentence, ""), error=sentence)
