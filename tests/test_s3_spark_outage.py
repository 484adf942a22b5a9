"""S3 goes away while queries run on it, and comes back: nothing is lost or counted twice."""

import pytest
from outage import SLOW_DOWN, OutageProxy
from s3_servers import let_spark_reach

from lab import dataset, oracle
from lab.bucket.connection import S3Connection
from lab.bucket.s3 import S3Bucket
from lab.bucket.storage import S3Access, part_of
from lab.errors import LabError
from lab.lesson.steps import STEPS
from lab.sev0_output import read_log_output

VOLUME, LOG = STEPS["volume-query"], STEPS["sev0-query"]
# S3A retries a few times, each time for a few seconds at most.
FAIL_SECONDS = 60

OUTAGES = {
    "refused": lambda proxy: proxy.refuse(),
    "hanging": lambda proxy: proxy.hang(),
    "busy": lambda proxy: proxy.answer(503, SLOW_DOWN),
    "reset": lambda proxy: proxy.reset(after=150),
}


class Behind:
    """A storage on versitygw; boto3 and Spark reach it through a proxy."""

    asks = False
    shown = "A bucket behind a proxy."

    def __init__(self, server, proxy):
        self.server = server
        self.connection = S3Connection(lambda: server.client(proxy.url), str(server.address))

    def bucket(self, learner_id, folder, *, temporary=False):
        return S3Bucket(self.connection, part_of(self.server.address, learner_id), temporary=True)


@pytest.fixture(scope="module")
def proxy(versitygw, classroom):
    """A proxy through which Spark, too, reaches versitygw."""
    with OutageProxy("127.0.0.1", versitygw.port) as proxy:
        access = S3Access(versitygw.address, proxy.url, versitygw.region, profile=False)
        let_spark_reach(classroom.engine.root, access)
        yield proxy


@pytest.fixture
def behind(classroom, versitygw, proxy, without_s3_client, monkeypatch):
    """Put the buckets of learners who enter on this storage."""
    if without_s3_client:
        pytest.skip(without_s3_client)
    monkeypatch.setattr(classroom, "_storage", Behind(versitygw, proxy))
    yield
    # The clean-up after the test needs S3.
    proxy.pass_on()


@pytest.fixture
def away(behind, proxy, learner):
    """Return a function that makes S3 fail in a way until the running query has failed, and returns the failure."""

    def away(way):
        OUTAGES[way](proxy)
        run = learner.runs.latest(LOG) or learner.runs.latest(VOLUME)
        assert learner.workspace.observations.wait_for(
            lambda: any(known.run_id == run.run_id and known.failure for known in learner.workspace.observations.runs),
            FAIL_SECONDS,
        )
        return next(known for known in learner.workspace.observations.runs if known.run_id == run.run_id).failure

    return away


def go_on(learner, proxy, step):
    """Resume the query, as a person does who presses the button until it works."""
    proxy.pass_on()
    learner.workspace.bucket._connection._away = ""
    learner.resume(step)
    assert learner.runs.is_running(step)


def log(learner):
    return [(server, time) for _, server, time in read_log_output(learner.workspace.bucket).rows]


EXPECTED = oracle.sev0_log([dataset.SHIPPED.log_file(name) for name in pair.files] for pair in dataset.PAIRS)


@pytest.mark.slow
@pytest.mark.parametrize("way", OUTAGES)
def test_a_log_goes_on_from_its_checkpoint_after_an_outage(behind, proxy, away, learner, run_step, deliver, way):
    run_step("sev0-query")
    deliver(*dataset.FIRST.files)
    failure = away(way)
    assert failure.outside
    assert "S3" in failure.sentence
    with pytest.raises(LabError, match="S3"):
        learner.deliver(dataset.SECOND.files)
    with pytest.raises(LabError, match="S3"):
        learner.resume(LOG)
    go_on(learner, proxy, LOG)
    deliver(*dataset.SECOND.files)
    assert sorted(log(learner)) == sorted(EXPECTED)
    assert log(learner)[:5] == EXPECTED[:5]
    assert learner.runs.latest(LOG).query_id == learner.runs.of_query(LOG)[0].query_id


@pytest.mark.slow
@pytest.mark.parametrize("after", [0, 600, 2000, 6000])
def test_an_outage_in_the_middle_of_a_batch_loses_and_doubles_nothing(
    proxy, away, learner, run_step, deliver, versitygw, after
):
    run_step("sev0-query")
    deliver(*dataset.FIRST.files)
    # The files bypass the proxy, like another person's upload; each connection through it breaks a little later.
    proxy.reset(after)
    place = learner.workspace.bucket.address
    for name in dataset.SECOND.files:
        versitygw.client().put_object(
            Bucket=place.bucket, Key=f"{place.prefix}LogDataLive/{name}", Body=dataset.SHIPPED.content(name)
        )
    away("refused")
    go_on(learner, proxy, LOG)
    assert learner.workspace.wait_until_read()
    assert sorted(log(learner)) == sorted(EXPECTED)


@pytest.mark.slow
@pytest.mark.parametrize("step_id", ["read-stream", "sev0-query"])
def test_an_outage_is_not_told_as_a_mistake_of_the_learner(behind, proxy, learner, run_step, step_id):
    run_step("sev0")
    step = STEPS[step_id]
    learner.progress.write(step, step.code)
    proxy.refuse()
    try:
        learner.submit(step)
    except LabError as error:
        message, mistake = str(error), ""
    else:
        feedback = learner.progress.answer(step).feedback
        message, mistake = feedback.message, feedback.mistake
    finally:
        proxy.pass_on()
        learner.workspace.bucket._connection._away = ""
    assert "S3 cannot be reached" in message
    assert mistake == ""


@pytest.mark.slow
def test_a_report_without_a_checkpoint_begins_anew_and_is_right(behind, proxy, away, learner, run_step, deliver):
    run_step("volume-query")
    deliver(*dataset.FIRST.files)
    assert away("refused").outside
    go_on(learner, proxy, VOLUME)
    deliver(*dataset.SECOND.files)
    assert learner.runs.latest(VOLUME).last.table.rows
    assert dict(learner.runs.latest(VOLUME).last.table.rows)["s2"] == 1.5
