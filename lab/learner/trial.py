"""An answer on its own: in a workspace made for it, after the solutions of the steps before."""

from pathlib import Path
from typing import TYPE_CHECKING

from lab.bucket import Bucket
from lab.dataset import SHIPPED, Dataset
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.judge.run import CellRun, perform, temporary_workspace
from lab.learner.examine import examine
from lab.lesson.steps import EXERCISES, Step

if TYPE_CHECKING:
    from pyspark.sql import SparkSession


def try_answer(
    step: Step,
    text: str,
    root: "SparkSession",
    folder: Path,
    before: str = "",
    bucket: Bucket | None = None,
    dataset: Dataset = SHIPPED,
) -> tuple[CellRun, Feedback]:
    """Run and check an answer to a step, on some log files; `before` is a cell that is run first.

    `folder` is where workspaces may be made; the answer's own has its bucket there, too, unless one is given.
    Raises LabError when Spark ends, or a solution or the cell before cannot be run.
    """
    with temporary_workspace(root, folder, bucket, dataset) as workspace:
        earlier = EXERCISES[: EXERCISES.index(step)]
        for code in (*(known.code for known in earlier if known.variable), *filter(None, [before])):
            run = perform(code, workspace)
            if run.failure:
                raise LabError(f"What stands before the answer failed: {run.failure.sentence}", "")
        return examine(step, text, workspace, root, folder)
