"""Spark generates code where it is worth it, and nowhere else; on real plans."""

from types import SimpleNamespace

import pytest
from pyspark.sql import functions as F

from lab.bucket import LOG_DATA_LIVE
from lab.bucket.folder import spark_address
from lab.engine import codegen
from lab.engine.batches import BATCH_TIMEOUTS
from lab.engine.codegen import generated_if_worth_it
from lab.lesson.steps import STEPS
from tools.bench.large import write_large

# Here, so many records make code generation worth it.
RECORDS = 2_000


@pytest.fixture
def cheap(monkeypatch):
    monkeypatch.setattr(codegen, "WORTH_BYTES", 10_000)


@pytest.fixture
def large(tmp_path):
    path = tmp_path / "large" / "large.csv"
    write_large(path, RECORDS)
    return path


class Configuration(dict):
    """A stand-in for the configuration of a JVM session."""

    get, set = dict.get, dict.__setitem__


def test_what_was_set_is_set_back_and_nothing_is_set_twice():
    first = dict.fromkeys(codegen._GENERATED, "as it was")
    configuration = Configuration(first)
    generation = codegen.Generation(SimpleNamespace(conf=lambda: configuration))
    generation.choose(codegen.WORTH_BYTES - 1)
    assert configuration == first
    for _ in range(2):
        generation.choose(codegen.WORTH_BYTES)
        assert configuration == codegen._GENERATED
    generation.choose(0)
    assert configuration == first


def is_generated(plan):
    """Return whether a plan has whole-stage generated code: Spark marks it with a star."""
    return "*(" in str(plan)


def report(session, path):
    frame = session.read.schema("serverID STRING, severity INT, timestamp INT").csv(spark_address(path))
    return frame.groupBy("serverID").agg(F.max("timestamp"))


def performed(frame):
    """Collect, and return the executed plan: before that, Spark has only a draft."""
    with generated_if_worth_it(frame):
        frame.collect()
    return frame._jdf.queryExecution().executedPlan().toString()


def test_a_batch_job_of_much_is_generated_and_one_of_little_is_not(learner, large, cheap):
    learner.run(STEPS["schema"])
    session = learner.workspace.session
    assert is_generated(performed(report(session, large)))
    write_large(large.with_name("small.csv"), 10)
    assert not is_generated(performed(report(session, large.with_name("small.csv"))))


def test_a_cell_has_its_batch_job_generated(learner, large, cheap, monkeypatch):
    learner.run(STEPS["schema"])
    seen = []
    monkeypatch.setattr(codegen.Generation, "choose", lambda _, size: seen.append(size))
    learner.workspace.bucket.write("LogData/large.csv", large.read_bytes())
    learner.run_scratch('spark.read.csv(s3_log_data_uri + "/large.csv").count()')
    assert learner.scratch.failure is None, learner.scratch.failure
    assert [size > 10_000 for size in seen] == [True, False]


def test_the_table_of_a_query_is_looked_at_too(learner):
    for source in (
        "logSchema = 'serverID STRING, severity INT, timestamp INT'",
        "spark.readStream.schema(logSchema).csv(s3_log_data_live_uri).writeStream.format('memory').queryName('q').start()",
        # With an empty table, pandas gets its size as a separate number.
        "spark.table('q').show()",
        "copy_s3_file_to_live_folder('s115.csv')",
        "spark.streams.active[0].processAllAvailable()",
        "spark.sql('SELECT * FROM q').toPandas()",
    ):
        learner.run_scratch(source)
        assert learner.scratch.failure is None, (source, learner.scratch.failure)


def test_a_query_generates_code_for_the_batches_that_are_worth_it(learner, run_step, large, cheap):
    run_step("volume-query")
    run_id = learner.runs.latest(STEPS["volume-query"]).run_id
    execution = BATCH_TIMEOUTS._queries[run_id].execution
    bucket = learner.workspace.bucket
    plans = []
    for name, data in (("a.csv", b"s1,2,1\n"), ("b.csv", large.read_bytes()), ("c.csv", b"s1,2,2\n")):
        # Written directly, since the lab's own delivery refuses a file of this size.
        with learner.workspace.at_work():
            BATCH_TIMEOUTS.expect(learner.workspace.observations, len(data))
            bucket.write(LOG_DATA_LIVE + name, data)
            assert learner.workspace.wait_until_read()
        plans.append(is_generated(execution.lastExecution().executedPlan().toString()))
    assert plans == [False, True, False]
