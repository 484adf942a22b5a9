"""A trial of an answer in a temporary workspace, after the solutions of the earlier steps."""

from pathlib import Path
from typing import TYPE_CHECKING

from lab.bucket import Bucket
from lab.dataset import SHIPPED, Dataset
from lab.engine.failures import spark_in_words
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
    """Run and check an answer to a step, on the log files of `dataset`; `before` is a cell to run first.

    `folder` is where workspaces may be made, with the bucket of the answer's workspace, unless `bucket` is given.
    Raise LabError when Spark ends, or a solution or the cell before fails.
    """
    with spark_in_words(), temporary_workspace(root, folder, bucket, dataset) as workspace:
        earlier = EXERCISES[: EXERCISES.index(step)]
        for code in (*(known.code for known in earlier if known.variable), *filter(None, [before])):
            run = perform(code, workspace)
            if run.failure:
                raise LabError(f"What stands before the answer failed: {run.failure.sentence}", "")
        return examine(step, text, workspace, root, folder)
