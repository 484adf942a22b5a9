"""One Spark for all tests of a run; a learner of its own for each test that wants one."""

import itertools
import os
import shutil

import pytest
from browsing import PATIENCE, WAIT
from hypothesis import settings
from notebooks import save
from playwright.sync_api import expect, sync_playwright
from policy_server import start_gateway
from s3_servers import INSTALL, Versitygw
from streamlit.runtime.pages_manager import PagesManager
from streamlit.testing.v1 import AppTest

from lab import dataset
from lab.bucket.address import S3Address
from lab.bucket.folder import FolderBucket
from lab.bucket.s3 import S3Bucket
from lab.bucket.s3_storage import EmbeddedStorage
from lab.bucket.setup import set_up
from lab.commands.bench.browser import BROWSERS, FLAGS
from lab.engine.cache import VARIABLE as CACHE
from lab.engine.cache import user_cache
from lab.engine.engine import WAIT_SECONDS
from lab.engine.jars import fetch_jars
from lab.engine.java import find_java
from lab.errors import LabError
from lab.handin.grader.batch import grade_all
from lab.handin.grader.grade import CellReaderRuns
from lab.lesson.classroom import CLASSROOM
from lab.lesson.steps import STEPS, deliver_code
from lab.store import VARIABLE
from lab.ui.session import PLAIN

CHROMIUM = next(filter(None, map(shutil.which, BROWSERS)), None)
expect.set_options(timeout=WAIT)

# A property is no stopwatch: what takes long once, on a busy machine, is not wrong.
settings.register_profile("lab", deadline=None)
settings.load_profile("lab")

_numbers = itertools.count(1)


@pytest.fixture(scope="module")  # while it is open, an event loop runs in this thread, which other modules need free
def browser():
    if CHROMIUM is None:
        pytest.skip("no Chromium was found; on Debian: apt-get install chromium")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture(scope="session", autouse=True)
def store_url(tmp_path_factory):
    """No test writes into the store of whoever runs it."""
    url = f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite"
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(VARIABLE, url)
        yield url


@pytest.fixture(scope="session")
def embedded():
    """The lab's own S3 server."""
    storage = EmbeddedStorage()
    yield storage
    storage.close()


@pytest.fixture(scope="session")
def versitygw(embedded, tmp_path_factory):
    """An S3 server by others. It takes the keys of the embedded one, so that one Spark can reach both."""
    executable = shutil.which("versitygw")
    if executable is None:
        pytest.skip(INSTALL)
    server = Versitygw(executable, tmp_path_factory.mktemp("versitygw"), embedded.server.keys)
    yield server
    server.stop()


@pytest.fixture
def aws(monkeypatch, tmp_path):
    """Sets variables that AWS's tools read, without those, the files and the machine's role of whoever runs the tests."""
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
    bucket = part("learner-abc")
    set_up(bucket)
    return bucket


@pytest.fixture(scope="session")
def gateway(tmp_path_factory):
    """An S3 server by others that enforces the policies of its users, with a server for these."""
    executable = shutil.which("versitygw")
    if executable is None:
        pytest.skip(INSTALL)
    gateway, stop = start_gateway(executable, tmp_path_factory.mktemp("gateway"))
    yield gateway
    stop()


@pytest.fixture(scope="session")
def without_s3_client(tmp_path_factory):
    """Why Spark has no S3 client; empty if it has one. It is fetched here, should this machine not have it yet."""
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
    bucket = embedded.bucket(request.node.nodeid, tmp_path)
    set_up(bucket)
    yield bucket
    bucket.discard()


@pytest.fixture
def files():
    """The four log files, read, in the order of delivery."""
    return [dataset.SHIPPED.log_file(name) for name in dataset.FILES]


@pytest.fixture
def run_step(learner):
    """Run the lab's own code of a step, and before it what it needs; gives its run."""

    def run(step_id):
        learner.prepare(STEPS[step_id])
        return learner.run(STEPS[step_id])

    return run


@pytest.fixture
def deliver(learner):
    """Deliver log files as the page does, and wait until the running queries have read them."""

    def deliver(*names):
        learner.run_code(deliver_code(names))
        assert learner.workspace.wait_until_read()

    return deliver


class _Pages(PagesManager):
    """Takes the reset that AppTest does before each run, after which it would run `pages/` without our navigation."""


@pytest.fixture
def app(classroom, monkeypatch):
    """The app as a browser without a cookie sees it, with plain text areas; its learner is closed afterwards."""
    PagesManager.uses_pages_directory = False  # as `lab.ui.server.lifespan` does
    monkeypatch.setattr("streamlit.testing.v1.app_test.PagesManager", _Pages)
    test = AppTest.from_file("../streamlit_app.py", default_timeout=60)
    test.session_state[PLAIN] = True
    yield test
    assert test.session_state["learner_id"]
    learner = classroom.enter(test.session_state["learner_id"])
    learner.close()


@pytest.fixture(scope="session")
def runs(classroom):
    """Runs notebooks again as the grader does."""
    return CellReaderRuns(classroom.engine)


@pytest.fixture
def graded(runs, tmp_path):
    """Grade one notebook."""

    def one(made, name="Ada", run=runs, class_code=""):
        (found,) = grade_all([save(tmp_path, made, name)], run, class_code)
        return found

    return one
