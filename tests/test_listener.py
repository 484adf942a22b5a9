"""What the listener makes of Spark's events, on a real query."""

from types import SimpleNamespace

from lab import dataset
from lab.lesson.steps import STEPS


def test_a_table_that_is_gone_when_spark_tells_of_its_batch_is_no_error(learner, run_step, deliver, caplog):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    workspace = learner.workspace
    query = next(iter(workspace.active))
    progress = query.lastProgress
    event = SimpleNamespace(progress=lambda: SimpleNamespace(json=lambda: progress.json))
    learner.stop(STEPS["volume-query"])
    # A table can be dropped as soon as its query is stopped, and Spark tells its listeners later.
    workspace._session.catalog.dropTempView(progress.name)
    workspace._listener.onQueryProgress(event)
    assert not caplog.records
    assert learner.runs.latest(STEPS["volume-query"]).last.table is None
