"""A cancelled task ends, also where it makes very many rows of one: on a real Spark, with and without generated code."""

import time

import pytest
from py4j.protocol import Py4JJavaError

from lab.engine.bounded import bounded
from lab.engine.cluster import Cluster
from lab.engine.master import Master
from lab.engine.settings import EXTENSION, spark_settings
from lab.engine.tasks import Tasks

SECONDS = 60
# Each makes far more rows of its first one than a machine can make in a day.
ENDLESS = {
    "hash": lambda rows: rows.join(rows.hint("broadcast"), "k").join(rows.hint("broadcast"), "k"),
    "merge": lambda rows: rows.hint("merge").join(rows.hint("merge"), "k").join(rows.hint("merge"), "k"),
    "nested loops": lambda rows: rows.crossJoin(rows).crossJoin(rows),
    "explode": lambda rows: rows.join(rows, "k").selectExpr("explode(array_repeat(k, 1000000))"),
    "explode twice": lambda rows: rows.selectExpr("explode(array_repeat(k, 1000000)) AS k").selectExpr(
        "explode(array_repeat(k, 1000000))"
    ),
    "cube": lambda rows: rows.join(rows, "k").join(rows, "k").cube("k").count(),
}


@pytest.fixture(params=["false", "true"], ids=["interpreted", "generated"])
def session(classroom, request):
    """A session of the shared Spark; with `wholeStage` on, it generates code as it does for a large file."""
    session = classroom.engine.wait().newSession()
    session.conf.set("spark.sql.codegen.wholeStage", request.param)
    return session


@pytest.mark.parametrize("name", ENDLESS)
def test_a_task_that_was_cancelled_ends(session, name):
    endless = ENDLESS[name](session.range(0, 500_000, 1, 1).selectExpr("1 AS k"))
    tasks = Tasks(session.sparkContext)
    with bounded(1) as late, pytest.raises(Py4JJavaError, match="cancelled"):
        endless.count()
    assert late.is_set()
    # Spark's scheduler forgets a task only when it has really ended.
    deadline = time.monotonic() + SECONDS
    while any(task.cancelled for task in tasks.running()):
        assert time.monotonic() < deadline, "the task goes on"


def test_the_rows_are_the_same(session):
    rows = session.range(0, 6, 1, 2).selectExpr("id % 3 AS k", "id AS v")
    joined = rows.join(rows.selectExpr("k", "v AS w"), "k").join(rows.selectExpr("k", "v AS x"), "k")
    exploded = joined.selectExpr("k", "explode(sequence(0, w)) AS y", "x")
    want = sorted(
        (k, y, x) for k in range(3) for _ in (k, k + 3) for w in (k, k + 3) for x in (k, k + 3) for y in range(w + 1)
    )
    assert sorted(tuple(row) for row in exploded.collect()) == want
    assert exploded.groupBy("k").count().orderBy("k").collect() == [
        (k, sum(1 for each, _, _ in want if each == k)) for k in range(3)
    ]


def test_a_plan_without_two_such_operators_is_spark_s_own(session):
    rows = session.range(3).withColumnRenamed("id", "k")
    once, twice = rows.join(rows, "k"), rows.join(rows, "k").join(rows, "k")

    def plan(frame):
        return frame._jdf.queryExecution().executedPlan().toString()

    assert "Interruptible" not in plan(once.groupBy("k").count())
    twice.collect()
    assert "Interruptible" in plan(twice)


def test_executors_of_a_cluster_do_not_have_it(tmp_path):
    settings = spark_settings(tmp_path)
    assert EXTENSION in {setting.value for setting in settings}
    cluster = Cluster(Master("spark://127.0.0.1:7077"), address="127.0.0.1")
    assert "spark.sql.extensions" not in {setting.name for setting in cluster.settings(settings)}
