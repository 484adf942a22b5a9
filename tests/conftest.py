"""Fixtures for all tests: one Spark for a whole run, and a new learner for each test that asks for one."""

import functools
import itertools
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from patience import PATIENCE

# What only some tests need is imported inside the fixtures, so that a single test starts within seconds.

# Each worker has its own Spark. On two cores, a fourth worker would only slow down the others.
WORKERS = 3

# A property test is no stopwatch: one slow example on a busy machine is no failure. CI tries more examples.
settings.register_profile("release", deadline=None)
settings.register_profile("lab", deadline=None, max_examples=30)
settings.load_profile("lab")

# No test's Spark lives long enough to repay the optimising compiler (C2). Without it and its profiling code, Java needs
# a quarter less CPU in its first minutes.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

_numbers = itertools.count(1)


def pytest_xdist_auto_num_workers(config):
    """Run each file in a worker, up to WORKERS; run a single file without workers."""
    places = {Path(argument.partition("::")[0]) for argument in config.args}
    if any(place.is_dir() for place in places):
        return WORKERS
    return min(len(places), WORKERS) if len(places) > 1 else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Add the pages' text to the report of a failed browser test: a failure on another machine tells little else."""
    report = yield
    if report.failed and report.when == "call" and "browser" in item.funcargs:
        from browsing import shown

        report.sections.append(("What the pages show", shown(item.funcargs["browser"])))
    return report


@pytest.fixture(scope="module")  # it runs an event loop in this thread; other modules need the thread free
def browser():
    import browsing  # noqa: F401  # it says how long a page is waited for
    from playwright.sync_api import sync_playwright

    from tools.bench.browser import FLAGS, find_browser

    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium was found; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server(store_url):
    """Run the lab as a process for the browser tests of a file; require that it printed no traceback."""
    from browsing import Server

    server = Server()
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said), "".join(server.said)[-6000:]


@pytest.fixture(scope="session", autouse=True)
def store_url(tmp_path_factory):
    """Keep tests from writing into the store of the person who runs them."""
    from lab.settings import STORE

    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORE, url)
        yield url


@pytest.fixture(scope="session")
def botocore_data():
    """Read the data files of botocore once for each process: each of its sessions would parse 1 MB of JSON again."""
    from botocore.loaders import JSONFileLoader

    read = functools.cache(JSONFileLoader().load_file)
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(JSONFileLoader, "load_file", lambda _self, path: read(path))
        yield


@pytest.fixture(scope="session")
def embedded(botocore_data):
    """The lab's own S3 server."""
    from lab.bucket.s3_storage import EmbeddedStorage

    storage = EmbeddedStorage()
    yield storage
    storage.close()


@pytest.fixture(scope="session")
def versitygw(embedded, tmp_path_factory):
    """Run versitygw, an S3 server by others, with the keys of the embedded one, so that one Spark can reach both."""
    from s3_servers import INSTALL, Versitygw

    executable = shutil.which("versitygw")
    if executable is None:
        pytest.skip(INSTALL)
    server = Versitygw(executable, tmp_path_factory.mktemp("versitygw"), embedded.server.keys)
    yield server
    server.stop()


@pytest.fixture
def aws(botocore_data, monkeypatch, tmp_path):
    """Return a function that sets AWS variables; hide the real user's variables, files and machine role."""
    from lab.engine.cache import user_cache
    from lab.settings import CACHE

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    # Spark's S3 client stays in the real cache.
    monkeypatch.setenv(CACHE, str(user_cache()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def put(variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def parts(request, tmp_path):
    """Return a function that, for a place, returns a maker of learners' parts of a bucket; empty all afterwards."""
    from lab.bucket.address import S3Address
    from lab.bucket.folder import FolderBucket
    from lab.bucket.s3 import S3Bucket

    discard = []

    def in_place(place):
        if place == "folder":
            return lambda name: FolderBucket(tmp_path / name)
        server = request.getfixturevalue(place)
        whole = S3Address(server.address.bucket, f"test-{next(_numbers)}/")
        discard.append(S3Bucket(server.connection, whole, temporary=True).discard)

        def part(name, *, temporary=True):
            return S3Bucket(server.connection, S3Address(whole.bucket, f"{whole.prefix}{name}/"), temporary=temporary)

        return part

    yield in_place
    for each in discard:
        each()


@pytest.fixture(params=["folder", "embedded", "versitygw"])
def part(parts, request):
    """Return a function that makes learners' parts of a bucket, in each place that it can be in."""
    return parts(request.param)


@pytest.fixture(params=["embedded", "versitygw"])
def s3_part(parts, request):
    """Return a function that makes learners' parts of a bucket in S3, on each server."""
    return parts(request.param)


@pytest.fixture
def bucket(part):
    """Return a learner's part of a bucket, set up, in each place that it can be in."""
    from lab.bucket.setup import set_up

    bucket = part("learner-abc")
    set_up(bucket)
    return bucket


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """Run versitygw with an IAM server, so that it enforces the policies of its users."""
    from policy_server import start_gateway
    from s3_servers import INSTALL

    executable = shutil.which("versitygw")
    if executable is None:
        pytest.skip(INSTALL)
    gateway, stop = start_gateway(executable, tmp_path_factory.mktemp("gateway"))
    yield gateway
    stop()


@pytest.fixture(scope="session")
def without_s3_client(tmp_path_factory):
    """Return why Spark has no S3 client, empty if it has one; fetch the client if this machine lacks it."""
    from lab.engine.jars import fetch_jars
    from lab.engine.java import find_java
    from lab.errors import LabError

    try:
        fetch_jars(find_java(), tmp_path_factory.mktemp("jars"))
    except LabError as error:
        return str(error)
    return ""


@pytest.fixture(scope="session")
def classroom(store_url, embedded, without_s3_client, tmp_path_factory):
    """Run one Spark, which also reaches the embedded S3 server; its learners' buckets are folders.

    Where Java can be confined, it may also see the folders of the tests.
    """
    from lab.engine.engine import WAIT_SECONDS
    from lab.judge import smallest
    from lab.ui.parts import parts

    # Most tests need the feedback to a wrong answer, not the smallest log that shows it: one try is enough.
    smallest.SECONDS = 0.0
    parts().classroom.engine.folders = (tmp_path_factory.getbasetemp(),)
    if not without_s3_client:
        parts().classroom.engine.find_access = embedded.access
    parts().classroom.open()
    try:
        parts().classroom.engine.wait(WAIT_SECONDS * PATIENCE)
        # The warm-up's queries run in this Spark, too, and tests count queries.
        parts().classroom.engine.wait_until_warm()
        yield parts().classroom
    finally:
        parts().classroom.close()


@pytest.fixture
def learner(classroom):
    learner = classroom.enter(f"{next(_numbers):032x}")
    yield learner
    learner.close()


@pytest.fixture
def on_s3(classroom, embedded, without_s3_client, monkeypatch):
    """Put the buckets of learners who enter during this test on the embedded server."""
    if without_s3_client:
        pytest.skip(without_s3_client)
    monkeypatch.setattr(classroom, "_storage", embedded)


@pytest.fixture
def s3_bucket(embedded, tmp_path, request):
    """Return a learner's part of the embedded server's bucket, set up."""
    from lab.bucket.setup import set_up

    bucket = embedded.bucket(request.node.nodeid, tmp_path)
    set_up(bucket)
    yield bucket
    bucket.discard()


@pytest.fixture
def files():
    """Return the four log files, parsed, in the order of delivery."""
    from lab import dataset

    return [dataset.SHIPPED.log_file(name) for name in dataset.FILES]


@pytest.fixture
def run_step(learner):
    """Return a function that runs the lab's solution of a step, after the steps that it needs, and returns the run."""
    from lab.lesson.steps import STEPS

    def run(step_id):
        learner.prepare(STEPS[step_id])
        return learner.run(STEPS[step_id])

    return run


@pytest.fixture
def deliver(learner):
    """Return a function that delivers log files as the page does, and waits until the running queries read them."""
    from lab.lesson.steps import deliver_code

    def deliver(*names):
        learner.run_code(deliver_code(names))
        assert learner.workspace.wait_until_read()

    return deliver


@pytest.fixture
def app(classroom, monkeypatch):
    """Open the app as a browser without a cookie does, with plain text areas; close its learner afterwards."""
    from apptest import AppTest
    from streamlit.runtime.pages_manager import PagesManager

    from lab.ui.session import PLAIN

    class Pages(PagesManager):
        """Ignores the reset before each AppTest run, which would make it run `pages/` without the app's navigation."""

    PagesManager.uses_pages_directory = False  # as `lab.ui.server.lifespan` does
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", Pages)
    test = AppTest.from_file("../streamlit_app.py", default_timeout=60)
    test.session_state[PLAIN] = True
    yield test
    assert test.session_state["learner_id"]
    learner = classroom.enter(test.session_state["learner_id"])
    learner.close()


@pytest.fixture(scope="session")
def runs(classroom):
    """Return the function that runs notebooks again, as the grader does."""
    from lab.handin.grader.grade import CellReaderRuns

    return CellReaderRuns(classroom.engine)


@pytest.fixture
def graded(runs, tmp_path):
    """Return a function that grades one notebook."""
    from notebooks import save

    from lab.handin.grader.batch import grade_all
    from lab.handin.grader.walk import arrivals_in

    def one(made, name="Ada", run=runs, class_code=""):
        (found,) = grade_all(arrivals_in([save(tmp_path, made, name)]).found, run, class_code)
        return found

    return one
