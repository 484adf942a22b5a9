"""The rerun of a notebook with the cell reader, in a temporary workspace."""

import time
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from types import MappingProxyType
from typing import TYPE_CHECKING, Final

from lab.dataset import Dataset
from lab.engine.cooldown import Cooldown
from lab.handin.grader.recorder import Recorder
from lab.handin.grader.rerun import FailedCell, Rerun, asked_for
from lab.handin.grader.student_cells import CodeCell
from lab.handin.grader.submission import Submission
from lab.handin.outline import LOG_FILES, log_files
from lab.judge.run import CellRun, limits_of, perform, temporary_workspace

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

# No cell of the lab takes half of this, except on a busy machine.
CELL_SECONDS: Final = 60.0
ACTION_SECONDS: Final = 20.0


def run_again(
    submission: Submission,
    dataset: Dataset,
    root: "SparkSession",
    folder: Path,
    time_limit: float,
    given_up: Callable[[], bool] = lambda: False,
    cooldown: Cooldown | None = None,
) -> Rerun:
    """Run the code cells in their order on a set of log files; a cell that fails does not stop the rest.

    `time_limit` (seconds) is for the whole notebook; the workspace is created in `folder`. `given_up` is called before
    each cell and cancels the run; `cooldown` is that of the learner who sees the result. If Spark ends, its exception is
    raised.
    """
    deadline = time.monotonic() + time_limit
    with temporary_workspace(root, folder, dataset=dataset, cooldown=cooldown) as workspace:
        workspace.names[LOG_FILES] = log_files(dataset)
        recorder = Recorder(workspace, deadline, asked_for(dataset.files))
        usual = limits_of(workspace)

        def before_write(address: str, in_batch: bool) -> None:  # noqa: FBT001 - see `Limits`
            usual.before_write(address, in_batch)
            recorder.before_write(address, in_batch)

        failed: list[FailedCell] = []
        # A dict as an ordered set: several cells may have the same note.
        notes: dict[str, None] = {}
        ended = ""
        for cell in submission.cells:
            left = deadline - time.monotonic()
            if given_up():
                ended = f"it was cancelled before {cell.place}"
                break
            if left <= 0:
                ended = f"the notebook was not done after {time_limit:g} seconds, before {cell.place}"
                break
            limits = replace(
                usual,
                cell_seconds=min(CELL_SECONDS, left),
                action_seconds=min(ACTION_SECONDS, left),
                sleep=recorder.sleep,
                deliver=recorder.copy_s3_file_to_live_folder,
                empty=recorder.empty_s3_folder,
                before_write=before_write,
            )
            for part in cell.parts:
                run = perform(part, workspace, limits=limits)
                notes.update(dict.fromkeys(run.notes))
                if not cell.is_setup:
                    failed.extend(_failures(cell, run))
                if run.endless:
                    ended = f"{cell.place} never ends: {failed[-1].sentence}"
            recorder.after_cell()
            if ended:
                break
        states = MappingProxyType(recorder.states())
        return Rerun(
            tuple(recorder.snapshots),
            tuple(failed),
            states,
            ended,
            (*recorder.notes, *notes),
            recorder.not_performed,
            recorder.other_sinks,
        )


def _failures(cell: CodeCell, run: CellRun) -> Iterator[FailedCell]:
    for skipped in run.skipped:
        yield FailedCell(cell, skipped.sentence, skipped.line, not_performed=True, undefined=skipped.undefined)
    if run.ended_by:
        yield FailedCell(cell, run.ended_by.sentence, undefined=run.ended_by.undefined)
    elif run.failure and not run.skipped:
        yield FailedCell(cell, run.failure.sentence, undefined=run.undefined)
