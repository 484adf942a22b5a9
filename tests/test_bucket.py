"""The contract that every bucket keeps, and delivery. `bucket` is the one to try."""

import errno
import threading
from pathlib import Path

import pytest

from lab import dataset
from lab.bucket import (
    LOG_DATA,
    LOG_DATA_LIVE,
    OUTPUT,
    Copy,
    MissingObjectError,
    deliver,
    is_read_by_spark,
    read_folder,
)
from lab.bucket.folder import FolderBucket, explain_os_error
from lab.errors import LabError
from lab.records import MAX_BYTES, BadLogFileError


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path / "a learner")
    for name in dataset.FILES:
        bucket.write(LOG_DATA + name, dataset.content(name))
    return bucket


def keys(bucket, prefix):
    return [entry.key for entry in bucket.list(prefix)]


def test_what_is_written_is_listed_and_read(bucket):
    bucket.write(OUTPUT + "sev0/batch=0/part.csv", b"s1,1\n")
    (entry,) = bucket.list(OUTPUT)
    assert (entry.key, entry.name, entry.size) == ("Lab9Output/sev0/batch=0/part.csv", "part.csv", 5)
    assert bucket.read(entry.key) == b"s1,1\n"


def test_a_list_is_in_order_and_of_its_prefix_only(bucket):
    bucket.write(LOG_DATA_LIVE + "x.csv", b"x")
    assert keys(bucket, LOG_DATA) == sorted(LOG_DATA + name for name in dataset.FILES)


def test_an_object_is_replaced(bucket):
    bucket.write(OUTPUT + "x", b"1")
    bucket.write(OUTPUT + "x", b"2")
    assert bucket.read(OUTPUT + "x") == b"2"


def test_deleting_counts_objects_and_keeps_the_folder_and_the_others(bucket):
    bucket.write(LOG_DATA_LIVE + "a.csv", b"a")
    bucket.write(LOG_DATA_LIVE + "deep/b.csv", b"b")
    assert bucket.delete(LOG_DATA_LIVE) == 2
    assert keys(bucket, LOG_DATA_LIVE) == []
    assert bucket.delete(LOG_DATA_LIVE) == 0
    assert len(keys(bucket, LOG_DATA)) == 4


def test_one_object_is_removed_once_and_only_it(bucket):
    for _ in range(2):
        bucket.remove(LOG_DATA + "s115.csv")
        assert len(keys(bucket, LOG_DATA)) == 3


def test_a_missing_object_is_named(bucket):
    with pytest.raises(MissingObjectError, match=r"nothing\.csv is not there"):
        bucket.read(OUTPUT + "nothing.csv")


@pytest.mark.parametrize("key", ["../x", "/etc/passwd", "LogData/../../x", "", ".", "LogData/../.."])
def test_no_key_leads_out_of_the_bucket(bucket, key):
    for attempt in (bucket.read, bucket.list, bucket.delete, bucket.uri, lambda key: bucket.write(key, b"x")):
        with pytest.raises(LabError, match="not inside your bucket"):
            attempt(key)


def test_a_reader_never_sees_half_an_object_nor_one_of_two(bucket):
    large = b"s1,2,1\n" * 100_000
    bucket.write(LOG_DATA + "large.csv", large)
    source = next(entry for entry in bucket.list(LOG_DATA) if entry.name == "large.csv")
    seen = set()
    done = threading.Event()

    def watch():
        while not done.is_set():
            seen.add(tuple((entry.name, entry.size) for entry in bucket.list(LOG_DATA_LIVE)))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(20):
            bucket.copy_together([Copy(source, LOG_DATA_LIVE + name) for name in "ab"])
            bucket.delete(LOG_DATA_LIVE)
    finally:
        done.set()
        watcher.join()
    assert {size for state in seen for _, size in state} <= {len(large)}


def test_an_address_is_a_uri_that_ends_in_a_slash(bucket):
    assert bucket.uri(LOG_DATA_LIVE).startswith("file:///")
    assert bucket.uri(LOG_DATA_LIVE).endswith("/a learner/LogDataLive/")


# --- delivery


def accepted(bucket, *names):
    seen = []
    return [file.name for file in deliver(bucket, names, seen.append)], [file.name for file in seen]


def test_a_delivery_copies_the_files_of_a_pair(bucket):
    assert accepted(bucket, *dataset.FIRST.files) == (list(dataset.FIRST.files),) * 2
    assert bucket.read(LOG_DATA_LIVE + "s115.csv") == dataset.content("s115.csv")
    assert len(read_folder(bucket, LOG_DATA_LIVE)) == 2


def refused(bucket, *names):
    before = keys(bucket, LOG_DATA_LIVE)
    with pytest.raises(LabError) as caught:
        deliver(bucket, names, lambda _: None)
    assert keys(bucket, LOG_DATA_LIVE) == before
    return str(caught.value)


def test_a_second_delivery_says_that_the_file_is_already_there(bucket):
    accepted(bucket, "s115.csv")
    assert "s115.csv is already in LogDataLive" in refused(bucket, "s215.csv", "s115.csv")


@pytest.mark.parametrize("name", ["s3.csv", "../LogData/s115.csv", "/etc/passwd", "", "LogData/s115.csv"])
def test_a_name_that_is_not_in_log_data_is_refused(bucket, name):
    assert f"There is no {name!r} in LogData" in refused(bucket, name)


def test_a_name_that_spark_ignores_is_refused(bucket):
    bucket.write(LOG_DATA + "_s3.csv", b"s3,2,1\n")
    assert "Spark ignores '_s3.csv'" in refused(bucket, "_s3.csv")
    assert not is_read_by_spark(".x")


def test_a_name_that_spark_would_take_for_a_compressed_file_is_refused(bucket):
    bucket.write(LOG_DATA + "s3.csv.gz", b"s3,2,1\n")
    assert "'s3.csv.gz' is not called .csv" in refused(bucket, "s3.csv.gz")


def test_the_same_name_twice_is_refused(bucket):
    assert "named twice" in refused(bucket, "s115.csv", "s115.csv")


def test_a_bad_log_file_is_refused_with_file_line_and_value_and_its_pair_with_it(bucket):
    bucket.write(LOG_DATA + "s215.csv", b"s2,2,1\ns2,7,2\n")
    with pytest.raises(BadLogFileError, match=r"s215\.csv, line 2: '7' is not a severity"):
        deliver(bucket, dataset.FIRST.files, lambda _: None)
    assert keys(bucket, LOG_DATA_LIVE) == []


def test_a_huge_file_is_refused_without_being_read(bucket, monkeypatch):
    bucket.write(LOG_DATA + "huge.csv", b"s1,2,1\n" * (MAX_BYTES // 7 + 1))
    monkeypatch.setattr(bucket, "read", lambda key: pytest.fail(f"read {key}"))
    assert "more than the 1,000,000 that a log file" in refused(bucket, "huge.csv")


def test_a_folder_is_read_with_what_is_wrong_in_it(bucket):
    bucket.write(LOG_DATA_LIVE + "bad.csv", b"s1,2,1\nrubbish\n")
    bucket.write(LOG_DATA_LIVE + "below/ignored.csv", b"s1,2,1\n")
    (file,) = read_folder(bucket, LOG_DATA_LIVE)
    assert len(file.records) == 1
    assert file.problems[0].line == 2


# --- what the operating system refuses


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (errno.ENOSPC, "is full"),
        (errno.EACCES, "may not write"),
        (errno.EROFS, "may not write"),
        (errno.ENOENT, "is not there"),
        (errno.EIO, "Input/output error"),
    ],
)
def test_a_refusal_of_the_operating_system_is_a_sentence(code, words):
    error = explain_os_error(OSError(code, __import__("os").strerror(code)), Path("/somewhere"))
    assert words in error.what
    assert "/somewhere" in error.what
    assert error.advice


def test_a_full_disk_loses_nothing_and_says_so(bucket, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(LabError, match="is full"):
        deliver(bucket, dataset.FIRST.files, lambda _: None)
    monkeypatch.undo()
    assert keys(bucket, LOG_DATA_LIVE) == []
    assert len(keys(bucket, LOG_DATA)) == 4
    assert list((bucket.root / ".staging").iterdir()) == []
