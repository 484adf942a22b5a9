"""What a query keeps in Java's memory is limited: a query that keeps more ends with a sentence, and the others go on."""

import pytest
from patience import PATIENCE

from lab import dataset
from lab.engine import memory_table
from lab.errors import LabError
from lab.lesson.steps import STEPS, deliver_code

SECONDS = 30 * PATIENCE
TABLES = "The tables of your queries hold more than"
# Every record of the log files; the report of the lab has two rows.
START = 'streamingLogData.writeStream.format("memory").queryName("{}").start()'


@pytest.fixture
def keep(learner, run_step):
    """Return a function that starts a query which keeps every record; the report of the lab is running."""
    run_step("volume-query")

    def keep(name):
        learner.run_code(START.format(name))
        return next(query for query in learner.workspace.active if query.name == name)

    return keep


def end_of(learner, name):
    """Return the run of a query, once it has ended."""
    seen = learner.workspace.observations

    def ended():
        return next((run for run in seen.runs if run.name == name and run.ended), None)

    assert seen.wait_for(lambda: ended() is not None, SECONDS)
    return ended()


def names_of(learner):
    return {query.name for query in learner.workspace.active}


@pytest.mark.parametrize(("limit", "most"), [("MAX_KEPT_ROWS", 8), ("MAX_KEPT_BYTES", 1_800)])
def test_a_query_whose_table_becomes_too_large_ends_and_its_table_is_gone(learner, keep, monkeypatch, limit, most):
    monkeypatch.setattr(memory_table, limit, most)
    keep("every")
    learner.run_code(deliver_code(dataset.FIRST.files))
    run = end_of(learner, "every")
    assert run.failure.sentence.startswith(TABLES)
    assert run.failure.sentence.endswith("Have it keep less: filter, or group and count.")
    with pytest.raises(LabError, match="There is no such table"):
        learner.run_code('spark.table("every").show()')
    # The report goes on, and its table is as ever.
    learner.run_code(deliver_code(dataset.SECOND.files))
    assert learner.workspace.wait_until_read()
    assert len(learner.runs.latest(STEPS["volume-query"]).last.table.rows) == 2


def test_the_query_with_the_largest_table_ends_whichever_batch_comes_last(learner, keep, monkeypatch):
    """The report's batch is the one that makes all tables together too large."""
    query = keep("every")
    learner.run_code(deliver_code(dataset.FIRST.files))
    assert learner.workspace.wait_until_read()
    kept = query._jsq.streamingQuery().sink().allData().size()
    monkeypatch.setattr(memory_table, "MAX_KEPT_ROWS", kept + 1)
    report = next(query for query in learner.workspace.active if query.name != "every")
    learner.workspace._listener._tables.limit(report.name, str(report.runId), report._jsq)
    assert end_of(learner, "every").failure.sentence.startswith(TABLES)
    assert names_of(learner) == {report.name}


def test_the_tables_of_all_queries_count_also_of_those_that_have_ended(learner, keep, monkeypatch):
    query = keep("first")
    learner.run_code(deliver_code(dataset.FIRST.files))
    assert learner.workspace.wait_until_read()
    kept = query._jsq.streamingQuery().sink().allData().size()
    learner.run_code(
        'spark.streams.active[0].name\nfor q in spark.streams.active:\n    if q.name == "first":\n        q.stop()'
    )
    monkeypatch.setattr(memory_table, "MAX_KEPT_ROWS", kept + 4)
    keep("second")
    assert end_of(learner, "second").failure.sentence.startswith(TABLES)
    learner.run_code('spark.table("first").show()')


def test_a_state_that_becomes_too_large_ends_its_query(learner, keep, monkeypatch):
    keep("every")
    monkeypatch.setattr(memory_table, "MAX_STATE_BYTES", 10)
    learner.run_code(deliver_code(dataset.FIRST.files))
    report = learner.runs.latest(STEPS["volume-query"]).name
    assert end_of(learner, report).failure.sentence.startswith("The state of this query holds more than")
    # A query without groups has no state.
    assert names_of(learner) == {"every"}
