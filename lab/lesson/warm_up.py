"""Run the lesson's solution once, on the shipped log files, so that a learner's first delivery is not the slow one.

The JVM loads most of its classes in a query's first batch: a first delivery takes about ten times a later one.
"""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Final

from lab.bucket import Bucket
from lab.bucket.setup import set_up
from lab.bucket.storage import S3Access
from lab.dataset import PAIRS, Pair
from lab.engine.engine import Engine
from lab.errors import LabError
from lab.lesson.steps import answering, required
from lab.settings import Settings, read_settings

if TYPE_CHECKING:
    from pyspark.sql import SparkSession

    from lab.engine.workspace import Workspace

_REPORT: Final = answering("volume")
_LOG: Final = answering("log")
_SOLUTION: Final = tuple(dict.fromkeys([*required(_REPORT), _REPORT, *required(_LOG), _LOG]))


def lesson_engine(
    find_access: Callable[[Path], S3Access | None] = lambda _: None,
    settings: Callable[[], Settings] = read_settings,
) -> Engine:
    """Return an engine that warms its Spark up with the lesson before it is ready."""
    return Engine(find_access, settings=settings, warm_up=warm_up, imports=lambda: import_module("lab.judge.run"))


def warm_up(root: "SparkSession", bucket: Bucket, ready: Callable[[], None] = lambda: None) -> None:
    """Make both reports in a workspace of their own, from delivery to result; leave no query, table or file.

    Call `ready` after the slow part, the first batches. The rest takes a second, so nobody need wait for it.
    """
    # These modules need PySpark. The engine imports them while Java starts.
    from lab.judge.handout import HandoutWorkspace  # noqa: PLC0415
    from lab.judge.run import perform  # noqa: PLC0415

    workspace = HandoutWorkspace(bucket)
    try:
        set_up(bucket)
        workspace.open(root)
        session: SparkSession = workspace.names["spark"]
        for step in _SOLUTION:
            # `perform` captures what the cell prints, as for a learner's cell: it is not for the server's console.
            if failure := perform(step.code, workspace).failure:
                raise LabError(failure.sentence, "See the server's console, or start Spark again.")
        first, second = PAIRS
        _deliver(workspace, first)
        ready()
        # Later deliveries update state that exists already, which is another code path: warm that up, too.
        _deliver(workspace, second)
        session.table(workspace.names[_REPORT.variable].name).toPandas()
    finally:
        workspace.delete()


def _deliver(workspace: "Workspace", pair: Pair) -> None:
    with workspace.awake():
        workspace.deliver(*pair.files)
        for query in workspace.active:
            query.processAllAvailable()
