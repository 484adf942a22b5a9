"""Limits of what a learner may use: their folders, and the server's memory during uploads."""

import asyncio
import threading
import time
from types import SimpleNamespace

import pytest
from starlette.applications import Starlette
from starlette.requests import HTTPConnection
from starlette.responses import PlainTextResponse
from starlette.routing import Route
from streamlit import runtime
from streamlit.runtime.memory_uploaded_file_manager import MemoryUploadedFileManager
from streamlit.runtime.uploaded_file_manager import UploadedFileRec

from lab import dataset
from lab.bucket import LOG_DATA, OUTPUT, quota
from lab.bucket.quota import FullBucketError, Used, require_room, used
from lab.course.key import TeachersKey
from lab.learner.quota import Quota
from lab.settings import CLASS_CODE
from lab.ui.parts import parts
from lab.ui.teacher import access
from lab.ui.upload_limits import LEARNERS, TEACHERS, LimitUploads, UploadLimits

# --- the folders


def test_everything_in_the_folders_counts_also_what_spark_has_made(bucket):
    before = used(bucket)
    assert before.files == len(dataset.FILES)
    bucket.write(OUTPUT + "log/_spark_metadata/0", b"x" * 100)
    bucket.write(OUTPUT + "checkpoint/offsets/0", b"x" * 50)
    assert used(bucket) == Used(before.files + 2, before.size + 150)


def test_more_than_may_be_there_is_refused_before_it_is_there(bucket, monkeypatch):
    there = used(bucket)
    monkeypatch.setattr(quota, "MAX_BYTES", there.size + 100)
    monkeypatch.setattr(quota, "MAX_FILES", there.files + 2)
    require_room(bucket, 2, 100)
    for files, size in ((3, 10), (1, 101)):
        with pytest.raises(
            FullBucketError, match=rf"Your folders hold {there.files} files of .* and {files} of {size} bytes"
        ):
            require_room(bucket, files, size)
    bucket.write(LOG_DATA + "large.csv", b"x" * 101)
    with pytest.raises(FullBucketError, match="start over"):
        require_room(bucket)


class HandoutWorkspace:
    """A stand-in that counts how often its queries are stopped."""

    def __init__(self, bucket):
        self.bucket = bucket
        self.stopped = 0
        self.looks = []
        changes = SimpleNamespace(subscribe=self.looks.append)
        self.observations = SimpleNamespace(changes=changes, runs=[SimpleNamespace(ended=False)])

    def stop_queries(self):
        self.stopped += 1
        self.observations.runs[0].ended = True


def until(condition):
    deadline = time.monotonic() + 60
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.01)
    assert condition()


def test_queries_are_stopped_when_a_batch_has_filled_the_folders(parts, monkeypatch):
    monkeypatch.setattr("lab.learner.quota.LOOK_SECONDS", 0.02)
    monkeypatch.setattr(quota, "MAX_BYTES", 1000)
    workspace, said = HandoutWorkspace(parts("folder")("learner")), []
    Quota(workspace, said.append)
    [batch_has_ended] = workspace.looks
    batch_has_ended()
    time.sleep(0.2)
    assert workspace.stopped == 0
    workspace.bucket.write(OUTPUT + "part.csv", b"x" * 1001)
    may_look = threading.Event()
    monkeypatch.setattr("lab.learner.quota.require_room", lambda bucket: may_look.wait(60) and require_room(bucket))
    # Spark's listener is not blocked: all events are handled while no check may run yet.
    for _ in range(100):
        batch_has_ended()
    may_look.set()
    until(lambda: said)
    assert workspace.stopped == 1
    assert said[0].startswith("Your queries were stopped. Your folders hold 1 files of 1,001 bytes: more than")


def test_a_learner_whose_queries_fill_the_folders_is_told_and_can_start_over(learner, run_step, deliver, monkeypatch):
    run_step("sev0-query")
    monkeypatch.setattr("lab.learner.quota.LOOK_SECONDS", 0.05)
    monkeypatch.setattr(quota, "MAX_FILES", used(learner.workspace.bucket).files + len(dataset.FIRST.files))
    deliver(*dataset.FIRST.files)
    until(lambda: learner.progress.notice)
    assert learner.progress.notice.startswith("Your queries were stopped. Your folders hold")
    assert learner.workspace.active == ()
    for action in (lambda: learner.run_scratch("1 + 1"), lambda: learner.deliver(dataset.SECOND.files)):
        with pytest.raises(FullBucketError):
            action()
    learner.start_over()
    learner.run_scratch("1 + 1")


# --- uploads


@pytest.fixture
def uploads(monkeypatch):
    """Streamlit's upload memory, and a stand-in for the browser's uploads."""
    manager = MemoryUploadedFileManager("/_stcore/upload_file")
    arriving = []

    async def keep(request):
        session, file_id = request.path_params["session"], request.path_params["file"]
        arriving.append(file_id)
        await asyncio.sleep(0.05)
        manager.add_file(session, UploadedFileRec(file_id, "a.csv", "text/csv", b"x" * 1_000_000))
        return PlainTextResponse("", 204)

    app = LimitUploads(Starlette(routes=[Route("/_stcore/upload_file/{session}/{file}", keep, methods=["PUT"])]))
    monkeypatch.setattr(runtime, "exists", lambda: True)
    monkeypatch.setattr(runtime, "get_instance", lambda: SimpleNamespace(uploaded_file_mgr=manager))

    async def put(session, file_id, said=b"1000000", **about):
        sent = []
        headers = [(b"content-length", said)] if said else []

        async def receive():
            return {"type": "http.request", "body": b""}

        async def send(message):
            sent.append(message)

        scope = {
            "type": "http",
            "method": "PUT",
            "path": f"/_stcore/upload_file/{session}/{file_id}",
            "headers": headers,
        }
        await app(scope | about | {"query_string": b"", "root_path": "", "http_version": "1.1"}, receive, send)
        return sent[0]["status"]

    return manager, arriving, put


def test_five_hundred_uploads_leave_two_in_memory(uploads):
    manager, _, put = uploads

    async def browser():
        return [await put("one", f"file-{number}") for number in range(20)] + [await put("other", "file")]

    assert set(asyncio.run(browser())) == {204}
    assert list(manager.file_storage["one"]) == ["file-18", "file-19"]
    assert list(manager.file_storage["other"]) == ["file"]
    assert manager._total_bytes == 3_000_000


def test_no_more_than_two_are_on_their_way_at_a_time(uploads):
    manager, arriving, put = uploads

    async def browser():
        together = await asyncio.gather(*(put("one", f"file-{number}") for number in range(50)), put("other", "file"))
        return together, await put("one", "later")

    together, later = asyncio.run(browser())
    assert sorted(together) == [204] * (LEARNERS.files + 1) + [429] * (50 - LEARNERS.files)
    assert later == 204
    assert len(arriving) == LEARNERS.files + 2
    assert len(manager.file_storage["one"]) == LEARNERS.files


@pytest.mark.parametrize(
    ("said", "status"), [(b"1048577", 204), (b"1200000", 413), (b"100000000", 413), (b"", 411), (b"x", 411)]
)
def test_a_learner_sends_no_more_than_a_log_file(uploads, said, status):
    _, arriving, put = uploads
    assert asyncio.run(put("one", "file", said)) == status
    assert len(arriving) == (status == 204)


def test_who_has_the_key_sends_a_class_and_no_more(uploads, monkeypatch):
    manager, _, put = uploads
    monkeypatch.setattr("lab.ui.upload_limits.is_of_teacher", lambda request: request.headers.get("cookie") is None)
    monkeypatch.setattr("lab.ui.upload_limits.TEACHERS", UploadLimits(TEACHERS.files, 5_000_000, 30_000_000))

    async def browser():
        together = await asyncio.gather(*(put("one", f"file-{number}") for number in range(20)))
        return together, await put("one", "large", b"6000000"), [await put("one", f"more-{each}") for each in range(20)]

    together, large, more = asyncio.run(browser())
    # No upload evicts another.
    assert set(together) == {204}
    assert large == 413
    assert set(more) == {204, 413}
    assert 25 <= len(manager.file_storage["one"]) <= 33
    monkeypatch.setattr("lab.ui.upload_limits.TEACHERS", UploadLimits(2, 5_000_000, 30_000_000))
    assert asyncio.run(put("one", "another")) == 429


def test_whose_request_it_is(monkeypatch):
    key = TeachersKey()
    monkeypatch.setattr(parts(), "key", key)
    passed = key.issue_pass(key.tell(), "")

    def asks(cookie="", host="127.0.0.1"):
        headers = [(b"cookie", cookie.encode())] if cookie else []
        return access.is_of_teacher(HTTPConnection({"type": "http", "headers": headers, "client": (host, 1)}))

    assert asks()
    assert not asks(host="192.0.2.7")
    monkeypatch.setenv(CLASS_CODE, "a class")
    assert not asks()
    assert asks(f"{access.COOKIE}={passed}")
    assert not asks(f"{access.COOKIE}={passed}0")
