"""Features of a bucket in S3 only: its requests, its markers, pages, and threads."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import dataset
from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, deliver
from lab.bucket.address import S3Address
from lab.bucket.connection import S3Connection
from lab.bucket.s3 import DELETE_AT_ONCE, S3Bucket
from lab.bucket.setup import set_up


@pytest.fixture
def bucket(s3_part):
    bucket = s3_part("learner-abc")
    set_up(bucket)
    return bucket


@pytest.fixture
def before_requests(bucket):
    """Return a function that registers a callback, called with each request's name before it, in the same thread."""
    events = bucket._connection._opened().meta.events
    added = []

    def add(function):
        def handler(model, **_):
            function(model.name)  # no `return`: boto3 would take the value for the answer

        added.append(handler)
        events.register("before-call.s3", handler)

    yield add
    for handler in added:
        events.unregister("before-call.s3", handler)


def raw_keys(bucket):
    """Return every key below the learner's prefix as S3 has it, including the markers."""
    return [found["Key"].removeprefix(bucket.address.prefix) for found in bucket._listed(bucket.address.prefix)]


def test_a_delivery_is_one_copy_by_s3_itself_for_each_file(bucket, before_requests):
    sent = []
    before_requests(sent.append)
    deliver(bucket, dataset.FIRST.files, lambda _: None)
    assert sent.count("CopyObject") == 2
    assert "PutObject" not in sent


def test_the_copies_of_a_delivery_are_made_at_one_time(bucket, before_requests):
    # If the second copy were sent after the first, the first would wait here in vain.
    meeting = threading.Barrier(2, timeout=10)
    before_requests(lambda name: name == "CopyObject" and meeting.wait())
    deliver(bucket, dataset.FIRST.files, lambda _: None)
    assert len(bucket.list(LOG_DATA_LIVE)) == 2


def test_a_folder_is_a_marker_that_no_list_shows(bucket):
    assert set(FOLDERS) <= set(raw_keys(bucket))
    assert [entry.key for prefix in FOLDERS for entry in bucket.list(prefix)] == sorted(
        LOG_DATA + name for name in dataset.FILES
    )


def test_emptying_a_folder_restores_a_marker_that_was_lost(bucket):
    bucket.write(OUTPUT + "x", b"x")
    bucket.remove(OUTPUT)
    assert OUTPUT not in raw_keys(bucket)
    assert bucket.delete(OUTPUT) == 1
    assert OUTPUT in raw_keys(bucket)


def test_the_marker_is_there_before_anything_is_deleted(bucket, before_requests):
    bucket.write(OUTPUT + "x", b"x")
    bucket.remove(OUTPUT)
    sent = []
    before_requests(sent.append)
    bucket.delete(OUTPUT)
    assert sent == ["ListObjectsV2", "PutObject", "DeleteObjects"]


def test_markers_below_a_folder_go_with_it_and_are_not_counted(bucket):
    bucket.write(OUTPUT + "sev0/", b"")
    bucket.write(OUTPUT + "sev0/x", b"x")
    assert bucket.delete(OUTPUT) == 1
    assert OUTPUT + "sev0/" not in raw_keys(bucket)


def test_pages_are_put_together_in_order(bucket):
    folder = bucket._folder(LOG_DATA)
    whole = [found["Key"] for found in bucket._listed(folder)]
    assert len(whole) == 5  # the marker, and four log files
    assert [found["Key"] for found in bucket._listed(folder, page=2)] == whole


def test_what_one_request_can_not_delete_is_deleted_by_several(bucket, before_requests, monkeypatch):
    assert DELETE_AT_ONCE == 1000
    monkeypatch.setattr("lab.bucket.s3.DELETE_AT_ONCE", 2)
    sent = []
    before_requests(sent.append)
    bucket.write(LOG_DATA + "fifth.csv", b"x")
    assert bucket.delete(LOG_DATA) == 5
    assert sent.count("DeleteObjects") == 3


def test_a_bucket_that_is_not_temporary_stays_when_its_learner_leaves(s3_part):
    bucket = s3_part("learner-stays", temporary=False)
    set_up(bucket)
    there = raw_keys(bucket)
    bucket.discard()
    assert raw_keys(bucket) == there


def test_no_learner_has_a_whole_bucket(embedded):
    with pytest.raises(ValueError, match="has a prefix"):
        S3Bucket(embedded.connection, S3Address("lab"), temporary=True)


def test_many_threads_share_one_bucket(bucket):
    names = [f"{OUTPUT}{number}" for number in range(64)]

    def use(name):
        bucket.write(name, name.encode())
        assert name in {entry.key for entry in bucket.list(OUTPUT)}
        return bucket.read(name)

    with ThreadPoolExecutor(16) as pool:
        assert list(pool.map(use, names)) == [name.encode() for name in names]


def test_many_threads_that_need_a_client_at_once_get_the_same(embedded):
    made = []

    def connect():
        made.append(embedded._connect())
        return made[-1]

    connection = S3Connection(connect, "s3://lab/")
    together = threading.Barrier(8, timeout=10)

    def first():
        together.wait()
        return connection.ask(lambda s3: s3)

    with ThreadPoolExecutor(8) as pool:
        clients = [future.result() for future in [pool.submit(first) for _ in range(8)]]
    assert len(made) == 1
    assert set(map(id, clients)) == {id(made[0])}
