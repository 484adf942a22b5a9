"""S3 goes away in each possible way, and comes back. The server is the embedded one, behind a proxy that fails."""

import contextlib
import os
import signal
import threading
import time
from concurrent.futures import ThreadPoolExecutor
from functools import partial

import boto3
import pytest
from botocore.config import Config
from outage import SLOW_DOWN, OutageProxy
from s3_servers import is_open

from lab import dataset
from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, Copy, deliver
from lab.bucket.address import S3Address
from lab.bucket.connection import TIMEOUTS, S3Connection
from lab.bucket.s3 import S3Bucket
from lab.bucket.s3_errors import AwayError
from lab.bucket.s3_storage import PATH_STYLE, EmbeddedStorage
from lab.bucket.setup import set_up

# A client's timeout in seconds: one for the outage that is a timeout, and one for all others, since on a busy machine
# even a reset takes long.
IMPATIENT, PATIENT = 1, 60

# For a busy machine; the wait ends as soon as S3 is back.
BACK_SECONDS = 30

OUTAGES = {
    "refused": (OutageProxy.refuse, "cannot be reached"),
    "hanging": (OutageProxy.hang, "did not answer in time"),
    "slow down": (lambda proxy: proxy.answer(503, SLOW_DOWN), "cannot serve"),
    "error": (lambda proxy: proxy.answer(500, b"<Error><Code>InternalError</Code></Error>"), "cannot serve"),
    "gateway": (lambda proxy: proxy.answer(502, b"<html>Bad Gateway</html>"), "cannot serve"),
    "reset": (OutageProxy.reset, "broke off"),
}

METHODS = {
    "list": lambda bucket, _: bucket.list(LOG_DATA),
    "read": lambda bucket, _: bucket.read(LOG_DATA + "s115.csv"),
    "write": lambda bucket, _: bucket.write(OUTPUT + "x", b"x"),
    "copy_together": lambda bucket, entry: bucket.copy_together([Copy(entry, LOG_DATA_LIVE + "a.csv")]),
    "remove": lambda bucket, _: bucket.remove(OUTPUT + "x"),
    "delete": lambda bucket, _: bucket.delete(OUTPUT),
    "missing_folders": lambda bucket, _: bucket.missing_folders(),
    "make_folders": lambda bucket, _: bucket.make_folders(),
    "discard": lambda bucket, _: bucket.discard(),
}


def until_back(bucket):
    """Poll as a page does, until S3 is back."""
    deadline = time.monotonic() + BACK_SECONDS
    while time.monotonic() < deadline:
        with contextlib.suppress(AwayError):
            return bucket.list(LOG_DATA)
        time.sleep(0.01)
    pytest.fail("S3 is back, and nobody has noticed")


@pytest.fixture(autouse=True)
def eager(monkeypatch):
    """Let every request try again whether S3 is back."""
    monkeypatch.setattr("lab.bucket.connection.RETRY_SECONDS", 0)


@pytest.fixture
def proxy(embedded):
    host, port = embedded.server.endpoint().removeprefix("http://").split(":")
    with OutageProxy(host, int(port)) as proxy:
        yield proxy


@pytest.fixture
def another(embedded, proxy, request):
    """Return a function that makes the same bucket, each time with a new connection, which does not retry."""
    keys = embedded.server.keys

    def connect(seconds):
        return boto3.client(
            "s3",
            endpoint_url=proxy.url,
            region_name="us-east-1",
            aws_access_key_id=keys["AWS_ACCESS_KEY_ID"],
            aws_secret_access_key=keys["AWS_SECRET_ACCESS_KEY"],
            config=PATH_STYLE.merge(
                Config(connect_timeout=seconds, read_timeout=seconds, retries={"total_max_attempts": 1})
            ),
        )

    name = f"outage-{abs(hash(request.node.nodeid)):x}/"
    return lambda seconds=IMPATIENT: S3Bucket(
        S3Connection(partial(connect, seconds), "s3://lab/"), S3Address("lab", name), temporary=True
    )


@pytest.fixture
def bucket(embedded, another):
    bucket = another()
    # Set-up and clean-up use a more patient client.
    direct = S3Bucket(embedded.connection, bucket.address, temporary=True)
    set_up(direct)
    yield bucket
    direct.discard()


@pytest.fixture(params=OUTAGES)
def outage(request, proxy):
    """The message about an outage, and a function that starts the outage."""
    start, words = OUTAGES[request.param]
    return words, lambda: start(proxy)


def test_a_request_ends_in_about_ten_seconds():
    attempts = TIMEOUTS.retries["total_max_attempts"]
    assert attempts * max(TIMEOUTS.connect_timeout, TIMEOUTS.read_timeout) <= 10


@pytest.mark.slow
def test_whatever_is_asked_while_s3_is_away_ends_with_a_sentence_and_works_afterwards(bucket, another, outage, proxy):
    words, begin = outage
    patience = IMPATIENT if words == OUTAGES["hanging"][1] else PATIENT
    buckets = {name: another(patience) for name in METHODS}  # each discovers the outage itself
    source = next(entry for entry in bucket.list(LOG_DATA) if entry.name == "s115.csv")
    begin()
    with ThreadPoolExecutor(len(METHODS)) as pool:
        attempts = {name: pool.submit(method, buckets[name], source) for name, method in METHODS.items()}
    for name, attempt in attempts.items():
        with pytest.raises(AwayError, match=words) as caught:
            attempt.result()
        assert "s3://lab/outage-" in caught.value.what, name
    proxy.pass_on()
    for name, method in METHODS.items():
        until_back(buckets[name])
        method(buckets[name], source)


@pytest.mark.parametrize("mode", ["hanging", "slow down"])
def test_what_was_not_answered_does_not_happen_later(bucket, proxy, mode):
    OUTAGES[mode][0](proxy)
    with pytest.raises(AwayError):
        bucket.write(OUTPUT + "x", b"x")
    proxy.pass_on()
    until_back(bucket)
    assert bucket.list(OUTPUT) == []


def test_a_delivery_that_failed_can_be_made_again(bucket, outage, proxy):
    with pytest.raises(AwayError):
        deliver(bucket, dataset.FIRST.files, lambda _: outage[1]())
    proxy.pass_on()
    until_back(bucket)
    # When the connection is reset, S3 may have made the copy, and only the answer is lost.
    there = {entry.name for entry in bucket.list(LOG_DATA_LIVE)}
    deliver(bucket, [name for name in dataset.FIRST.files if name not in there], lambda _: None)
    assert len(bucket.list(LOG_DATA_LIVE)) == 2


def test_who_asks_again_at_once_is_told_without_a_request_of_what_they_asked(bucket, proxy, monkeypatch):
    monkeypatch.setattr("lab.bucket.connection.RETRY_SECONDS", 60)
    proxy.hang()
    with pytest.raises(AwayError, match=r"s3://lab/\S+/LogData/\."):
        bucket.list(LOG_DATA)
    asked = proxy.connections
    with pytest.raises(AwayError, match=r"did not answer in time about s3://lab/\S+/Lab9Output/\. Try again"):
        bucket.list(OUTPUT)
    assert proxy.connections == asked
    monkeypatch.setattr("lab.bucket.connection.RETRY_SECONDS", 0)
    bucket._connection._retry_at = 0
    with pytest.raises(AwayError):
        bucket.list(OUTPUT)
    # Requests do not wait for the connection that retries.
    bucket._connection._retry.join()
    assert proxy.connections > asked


def test_each_who_is_told_at_once_gets_an_error_of_their_own(bucket, proxy):
    proxy.refuse()
    errors = []
    for _ in range(3):
        with pytest.raises(AwayError) as caught:
            bucket.list(LOG_DATA)
        errors.append(caught.value)
    # If several threads raised the same error object, it would collect all their tracebacks.
    assert len(set(map(id, errors))) == 3


def test_many_threads_may_ask_while_s3_goes_away_and_comes_back(bucket, proxy):
    done = threading.Event()
    wrong = []

    def ask():
        while not done.is_set():
            try:
                assert len(bucket.list(LOG_DATA)) == 4
            except AwayError:
                pass
            except Exception as error:
                wrong.append(error)

    threads = [threading.Thread(target=ask) for _ in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _ in range(5):
            proxy.refuse()
            with pytest.raises(AwayError):
                bucket.list(LOG_DATA)
            proxy.pass_on()
            until_back(bucket)
    finally:
        done.set()
        for thread in threads:
            thread.join()
    assert wrong == []


@pytest.mark.parametrize("after", [300, 2_000, 5_000])
def test_a_list_that_breaks_off_is_an_error_and_never_a_shorter_list(bucket, proxy, after):
    for number in range(20):
        bucket.write(f"{OUTPUT}{number}", b"")
    proxy.reset(after)
    with pytest.raises(AwayError, match="broke off"):
        bucket.list(OUTPUT)
    proxy.pass_on()
    until_back(bucket)
    assert len(bucket.list(OUTPUT)) == 20


def test_a_list_whose_second_page_breaks_off_is_an_error(bucket, proxy):
    pages = bucket._listed(bucket._folder(LOG_DATA), page=2)
    assert [next(pages), next(pages)]
    proxy.reset()
    with pytest.raises(AwayError, match="broke off"):
        next(pages)


def test_a_content_that_breaks_off_is_an_error_and_never_a_shorter_content(bucket, proxy):
    bucket.write(OUTPUT + "large", b"x" * 100_000)
    proxy.reset(50_000)
    with pytest.raises(AwayError, match="broke off"):
        bucket.read(OUTPUT + "large")


@pytest.mark.parametrize("body", [b"<html><p>Please log in<br></html>", b"<ListBucketResult><Contents><Key>a"])
def test_half_an_answer_is_an_error(bucket, proxy, body):
    proxy.answer(200, body)
    with pytest.raises(AwayError):
        bucket.list(LOG_DATA)


@pytest.mark.parametrize("body", [b"", b"<html><p>Please log in.</p></html>"])
def test_an_answer_that_is_not_of_s3_is_no_empty_list(bucket, proxy, body):
    proxy.answer(200, body)
    with pytest.raises(AwayError, match="not an answer of S3"):
        bucket.list(LOG_DATA)


def kill(storage):
    process = storage.server._process
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    return process


@pytest.mark.slow
def test_the_embedded_server_that_was_killed_comes_back_with_all_that_it_held_and_the_same_address(tmp_path):
    storage = EmbeddedStorage()
    try:
        bucket = storage.bucket("a learner", tmp_path / "learner")
        set_up(bucket)
        key = LOG_DATA + "ü " + "x" * 300 + ".csv"
        bucket.write(key, b"\n{}\n\x00")
        bucket.write(LOG_DATA_LIVE + "gone.csv", b"1")
        bucket.write(LOG_DATA_LIVE + "gone too.csv", b"1")
        bucket.remove(LOG_DATA_LIVE + "gone.csv")
        bucket.delete(LOG_DATA_LIVE)
        deliver(bucket, dataset.FIRST.files, lambda _: None)
        bucket.write(LOG_DATA + "s115.csv", b"s1,2,1\n")
        before = {prefix: bucket.list(prefix) for prefix in FOLDERS}
        endpoint = storage.server.endpoint()
        for _ in range(2):
            process = kill(storage)
            with pytest.raises(AwayError, match="nothing is lost"):
                bucket.list(LOG_DATA)
            until_back(bucket)
            assert {prefix: bucket.list(prefix) for prefix in FOLDERS} == before
            assert bucket.missing_folders() == ()
            assert bucket.read(key) == b"\n{}\n\x00"
            assert bucket.read(LOG_DATA + "s115.csv") == b"s1,2,1\n"
            assert storage.server.endpoint() == endpoint
            assert process.stdin.closed
            assert process.stdout.closed
        assert list((tmp_path / "embedded-s3").iterdir())
    finally:
        storage.close()
    assert list(tmp_path.iterdir()) == []
    assert not is_open(int(endpoint.rpartition(":")[2]))


def test_what_comes_to_the_embedded_server_in_parts_is_there_after_it_was_killed(tmp_path):
    storage = EmbeddedStorage()
    try:
        bucket = storage.bucket("a learner", tmp_path / "learner")
        part = b"x" * 5 * 2**20
        whole = {"Bucket": bucket.address.bucket, "Key": f"{bucket.address.prefix}LogData/large.csv"}

        def upload(s3):
            upload_id = s3.create_multipart_upload(**whole)["UploadId"]
            parts = [
                {"ETag": s3.upload_part(**whole, UploadId=upload_id, PartNumber=n, Body=part)["ETag"], "PartNumber": n}
                for n in (1, 2)
            ]
            s3.complete_multipart_upload(**whole, UploadId=upload_id, MultipartUpload={"Parts": parts})

        storage.connection.ask(upload)
        before = bucket.list(LOG_DATA)
        kill(storage)
        with pytest.raises(AwayError):
            bucket.list(LOG_DATA)
        until_back(bucket)
        assert bucket.list(LOG_DATA) == before
        assert bucket.read(LOG_DATA + "large.csv") == part * 2
    finally:
        storage.close()


# --- the proxy itself


def test_the_proxy_leaves_no_thread_and_no_open_port(embedded):
    before = set(threading.enumerate())
    proxy = OutageProxy("127.0.0.1", 9)
    port = int(proxy.url.rpartition(":")[2])
    assert is_open(port)
    proxy.refuse()
    assert not is_open(port)
    proxy.pass_on()
    assert is_open(port)
    proxy.stop()
    assert not is_open(port)
    assert set(threading.enumerate()) == before
