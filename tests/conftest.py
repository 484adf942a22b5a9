"""One Spark for all tests of a run; a learner of its own for each test that wants one."""

import itertools
import os
import shutil
from pathlib import Path

import pytest
from hypothesis import settings
from patience import PATIENCE

# What only some tests need is imported where it is used: a single test starts in seconds, then.

# Each has a Spark of its own. With two cores, a fourth only makes the others wait.
WORKERS = 3

# A property is no stopwatch: what takes long once, on a busy machine, is not wrong. CI tries more examples.
settings.register_profile("release", deadline=None)
settings.register_profile("lab", deadline=None, max_examples=30)
settings.load_profile("lab")

# No Spark of a test lives long enough to repay the optimising compiler: without it, and without the counting in the code for
# it, a Java needs a quarter less CPU in its first minutes.
os.environ.setdefault("JDK_JAVA_OPTIONS", "-XX:TieredStopAtLevel=1")

_numbers = itertools.count(1)


def pytest_xdist_auto_num_workers(config):
    """Give each file a process, up to WORKERS of them; a single file is run without any."""
    places = {Path(argument.partition("::")[0]) for argument in config.args}
    if any(place.is_dir() for place in places):
        return WORKERS
    return min(len(places), WORKERS) if len(places) > 1 else 0


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item, call):
    """Keep of a test in a browser that fails what its pages show: a failure on another machine tells little else."""
    report = yield
    if report.failed and report.when == "call" and "browser" in item.funcargs:
        from browsing import shown

        report.sections.append(("What the pages show", shown(item.funcargs["browser"])))
    return report


@pytest.fixture(scope="module")  # while it is open, an event loop runs in this thread, which other modules need free
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
    """The lab as a process of its own, for the tests of a file in a browser; no page of it has shown a traceback."""
    from browsing import Server

    server = Server()
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said), "".join(server.said)[-6000:]


@pytest.fixture(scope="session", autouse=True)
def store_url(tmp_path_factory):
    """No test writes into the store of whoever runs it."""
    from lab.settings import STORE

    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(STORE, url)
        yield url


@pytest.fixture(scope="session")
def embedded():
    """The lab's own S3 server."""
    from lab.bucket.s3_storage import EmbeddedStorage

    storage = EmbeddedStorage()
    yield storage
    storage.close()


@pytest.fixture(scope="session")
def versitygw(embedded, tmp_path_factory):
    """An S3 server by others. It takes the keys of the embedded one, so that one Spark can reach both."""
    from s3_servers import INSTALL, Versitygw

    executable = shutil.which("versitygw")
    if executable is None:
        pytest.skip(INSTALL)
    server = Versitygw(executable, tmp_path_factory.mktemp("versitygw"), embedded.server.keys)
    yield server
    server.stop()


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """Sets variables that AWS's tools read, without those, the files and the machine's role of whoever runs the tests."""
    from lab.engine.cache import user_cache
    from lab.settings import CACHE

    for name in [name for name in os.environ if name.startswith("AWS_")]:
        monkeypatch.delenv(name)
    # Spark's S3 client is kept where it was.
    monkeypatch.setenv(CACHE, str(user_cache()))
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    def put(variables):
        for name, value in variables.items():
            monkeypatch.setenv(name, value)

    return put


@pytest.fixture
def parts(request, tmp_path):
    """Makes learners' parts of a bucket in a place, by their names. They are empty, and gone after the test."""
    from lab.bucket.address import S3Address
    from lab.bucket.folder import FolderBucket
    from lab.bucket.s3 import S3Bucket

    discard = []

    def in_place(place):
        if place == "folder":
            return lambda name: FolderBucket(tmp_path / name)
        server = request.getfixturevalue(place)
        whole = S3Address(server.address.bucket, f"test-{next(_numbers)}/")
        discard.append(S3Bucket(server.connection, whole, fleeting=True).discard)

        def part(name, *, fleeting=True):
            return S3Bucket(server.connection, S3Address(whole.bucket, f"{whole.prefix}{name}/"), fleeting=fleeting)

        return part

    yield in_place
    for each in discard:
        each()


@pytest.fixture(params=["folder", "embedded", "versitygw"])
def part(parts, request):
    """Makes learners' parts of a bucket, in each place that it can be in."""
    return parts(request.param)


@pytest.fixture(params=["embedded", "versitygw"])
def s3_part(parts, request):
    """Makes learners' parts of a bucket in S3, on each server."""
    return parts(request.param)


@pytest.fixture
def bucket(part):
    """A learner's part of a bucket, set up, in each place that it can be in."""
    from lab.bucket.setup import set_up

    bucket = part("learner-abc")
    set_up(bucket)
    return bucket


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """An S3 server by others that enforces the policies of its users, with a server for these."""
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
    """Why Spark has no S3 client; empty if it has one. It is fetched here, should this machine not have it yet."""
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
    """One Spark, which reaches the embedded S3 server, too; the buckets of its learners are folders.

    Where Java can be confined, it sees the folders of the tests besides its own.
    """
    from lab.course.classroom import CLASSROOM
    from lab.engine.engine import WAIT_SECONDS
    from lab.judge import smallest

    # Most tests ask what is said of a wrong answer, not for the smallest log that shows it: one try is enough.
    smallest.SECONDS = 0.0
    CLASSROOM.engine.folders = (tmp_path_factory.getbasetemp(),)
    if not without_s3_client:
        CLASSROOM.engine.find_access = embedded.access
    CLASSROOM.open()
    try:
        CLASSROOM.engine.wait(WAIT_SECONDS * PATIENCE)
        # Its queries are Spark's as well, and tests count what there is.
        CLASSROOM.engine.wait_until_warm()
        yield CLASSROOM
    finally:
        CLASSROOM.close()


@pytest.fixture
def learner(classroom):
    learner = classroom.enter(f"{next(_numbers):032x}")
    yield learner
    learner.close()


@pytest.fixture
def on_s3(classroom, embedded, without_s3_client, monkeypatch):
    """Learners who enter during this test have their buckets on the embedded server."""
    if without_s3_client:
        pytest.skip(without_s3_client)
    monkeypatch.setattr(classroom, "_storage", embedded)


@pytest.fixture
def s3_bucket(embedded, tmp_path, request):
    """A learner's part of the embedded server's bucket, set up."""
    from lab.bucket.setup import set_up

    bucket = embedded.bucket(request.node.nodeid, tmp_path)
    set_up(bucket)
    yield bucket
    bucket.discard()


@pytest.fixture
def files():
    """The four log files, read, in the order of delivery."""
    from lab import dataset

    return [dataset.SHIPPED.log_file(name) for name in dataset.FILES]


@pytest.fixture
def run_step(learner):
    """Run the lab's own code of a step, and before it what it needs; gives its run."""
    from lab.lesson.steps import STEPS

    def run(step_id):
        learner.prepare(STEPS[step_id])
        return learner.run(STEPS[step_id])

    return run


@pytest.fixture
def deliver(learner):
    """Deliver log files as the page does, and wait until the running queries have read them."""
    from lab.lesson.steps import deliver_code

    def deliver(*names):
        learner.run_code(deliver_code(names))
        assert learner.workspace.wait_until_read()

    return deliver


@pytest.fixture
def app(classroom, monkeypatch):
    """The app as a browser without a cookie sees it, with plain text areas; its learner is closed afterwards."""
    from apptest import AppTest
    from streamlit.runtime.pages_manager import PagesManager

    from lab.ui.session import PLAIN

    class Pages(PagesManager):
        """Takes the reset that AppTest does before each run, after which it would run `pages/` without our navigation."""

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
    """Runs notebooks again as the grader does."""
    from lab.handin.grader.grade import CellReaderRuns

    return CellReaderRuns(classroom.engine)


@pytest.fixture
def graded(runs, tmp_path):
    """Grade one notebook."""
    from notebooks import save

    from lab.handin.grader.batch import grade_all
    from lab.handin.grader.walk import arrivals_in

    def one(made, name="Ada", run=runs, class_code=""):
        (found,) = grade_all(arrivals_in([save(tmp_path, made, name)]).found, run, class_code)
        return found

    return one
