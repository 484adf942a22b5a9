"""The tasks that Spark is running, and how long cancelled ones have gone on."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from pyspark import SparkContext

# A local property of a thread, with the id of a learner's `Cooldown`; the thread's queries, jobs and tasks inherit it.
OWNER: Final = "lab.rest"
_GROUP: Final = "spark.jobGroup.id"


@dataclass(frozen=True)
class Task:
    """A running task: the `Cooldown` id of its learner, the run id of its query, if any, and whether it was cancelled.

    `stage` is the same for all tasks of one attempt of a stage.
    """

    owner: str
    run_id: str
    stage: str
    cancelled: bool


class Tasks:
    """The tasks of one SparkContext."""

    def __init__(self, context: SparkContext) -> None:
        self._scheduler: Any = context._jsc.sc().taskScheduler()
        self._collections: Any = context._jvm.java.util.Collections  # type: ignore[union-attr]
        # When each stage was first seen with cancelled tasks.
        self._cancelled: dict[str, float] = {}
        self.cores = int(context.defaultParallelism)

    def running(self) -> tuple[Task, ...]:
        """Return the running tasks, from Spark's scheduler, which forgets a task only when it has really ended.

        The scheduler is TaskSchedulerImpl of Spark 4.3.
        """
        managers = self._scheduler.taskIdToTaskSetManager()
        if managers.isEmpty():
            return ()
        return tuple(_task(manager) for manager in self._collections.list(managers.elements()))

    def overdue(self, running: Sequence[Task], now: float, seconds: float) -> Task | None:
        """Return a task that still runs more than `seconds` after it was cancelled; None if there is none."""
        stages = {task.stage: self._cancelled.get(task.stage, now) for task in running if task.cancelled}
        self._cancelled = stages
        return next((task for task in running if task.cancelled and now - stages[task.stage] > seconds), None)


def _task(manager: Any) -> Task:
    stage = manager.taskSet()
    properties = stage.properties()
    owner, group = (properties.getProperty(name) or "" for name in (OWNER, _GROUP))
    # A task set is a zombie for Spark if it will start no more tasks: its job was cancelled, or has failed.
    return Task(owner, group, str(stage.id()), bool(manager.isZombie()))
