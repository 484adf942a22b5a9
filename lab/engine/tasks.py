"""The tasks that Spark runs at this moment, and for how long each has gone on that is to end."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark import SparkContext

# A property of a thread, which queries, jobs and tasks have from it: the id of whose `Rest` they are.
OWNER: Final = "lab.rest"
_GROUP: Final = "spark.jobGroup.id"


@dataclass(frozen=True)
class Task:
    """A task that runs: whose it is, the run of the query that it belongs to, if it does, and whether it is to end.

    `stage` is the same for the tasks of one attempt of a stage.
    """

    owner: str
    run_id: str
    stage: str
    cancelled: bool


class Tasks:
    """Those of one Spark."""

    def __init__(self, context: SparkContext) -> None:
        self._scheduler: Any = context._jsc.sc().taskScheduler()
        self._collections: Any = context._jvm.java.util.Collections  # type: ignore[union-attr]
        # When each stage was first seen with tasks that were to end.
        self._cancelled: dict[str, float] = {}
        self.cores = int(context.defaultParallelism)

    def running(self) -> tuple[Task, ...]:
        """Ask Spark's scheduler (TaskSchedulerImpl of Spark 4.3), which forgets a task only when it has really ended."""
        managers = self._scheduler.taskIdToTaskSetManager()
        if managers.isEmpty():
            return ()
        return tuple(_task(manager) for manager in self._collections.list(managers.elements()))

    def overdue(self, running: Sequence[Task], now: float, seconds: float) -> Task | None:
        """Return one that was cancelled so many seconds ago, and still runs."""
        stages = {task.stage: self._cancelled.get(task.stage, now) for task in running if task.cancelled}
        self._cancelled = stages
        return next((task for task in running if task.cancelled and now - stages[task.stage] > seconds), None)


def _task(manager: Any) -> Task:
    stage = manager.taskSet()
    properties = stage.properties()
    owner, group = (properties.getProperty(name) or "" for name in (OWNER, _GROUP))
    # Spark calls a set of tasks a zombie that is to start no more of them: its job was cancelled, or has failed.
    return Task(owner, group, str(stage.id()), bool(manager.isZombie()))
