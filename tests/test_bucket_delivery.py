"""Delivery works the same on a local folder, the embedded S3 server and versitygw."""

import os

import pytest

from lab import dataset
from lab.bucket import (
    LOG_DATA,
    LOG_DATA_LIVE,
    ChangedObjectError,
    MissingObjectError,
    deliver,
    is_read_by_spark,
    read_folder,
)
from lab.bucket.folder import FolderBucket
from lab.errors import LabError
from lab.records import MAX_BYTES, BadLogFileError
from lab.system import refusal_of_file_name


def names_in(bucket, prefix):
    return [entry.name for entry in bucket.list(prefix)]


def accepted(bucket, *names):
    seen = []
    return [file.name for file in deliver(bucket, names, seen.append)], [file.name for file in seen]


def refused(bucket, *names):
    before = bucket.list(LOG_DATA_LIVE)
    with pytest.raises(LabError) as caught:
        deliver(bucket, names, lambda _: None)
    assert bucket.list(LOG_DATA_LIVE) == before
    return str(caught.value)


def test_a_delivery_copies_the_files_of_a_pair(bucket):
    assert accepted(bucket, *dataset.FIRST.files) == (list(dataset.FIRST.files),) * 2
    assert bucket.read(LOG_DATA_LIVE + "s115.csv") == dataset.SHIPPED.content("s115.csv")
    assert len(read_folder(bucket, LOG_DATA_LIVE)) == 2


# Each name has characters with a special meaning in an address, a header, or XML.
@pytest.mark.parametrize("name", ["a b+c.csv", "ü €.csv", "a%20b.csv", "a&b=c;d.csv", "a?b#c.csv", "it's <x>.csv"])
def test_a_file_of_any_name_is_delivered(bucket, name):
    if os.name == "nt" and isinstance(bucket, FolderBucket) and refusal_of_file_name(name):
        with pytest.raises(LabError, match="is not inside your bucket"):
            bucket.write(LOG_DATA + name, b"s1,2,1\n")
        return
    bucket.write(LOG_DATA + name, b"s1,2,1\n")
    accepted(bucket, name)
    assert names_in(bucket, LOG_DATA_LIVE) == [name]
    bucket.remove(LOG_DATA + name)
    assert name not in names_in(bucket, LOG_DATA)
    assert bucket.delete(LOG_DATA_LIVE) == 1
    assert names_in(bucket, LOG_DATA_LIVE) == []


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
    assert names_in(bucket, LOG_DATA_LIVE) == []


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


# --- what happens between the look into LogData and the copy: `accept` is called there


def test_a_log_file_that_was_changed_after_it_was_read_is_not_delivered(bucket):
    with pytest.raises(ChangedObjectError, match=r"s115\.csv was changed"):
        deliver(bucket, ["s115.csv"], lambda _: bucket.write(LOG_DATA + "s115.csv", b"s1,0,1\n"))
    assert names_in(bucket, LOG_DATA_LIVE) == []
    # The delivery lists the folder again, so a second attempt delivers the current content.
    accepted(bucket, "s115.csv")
    assert bucket.read(LOG_DATA_LIVE + "s115.csv") == b"s1,0,1\n"


def test_a_log_file_that_has_vanished_after_it_was_read_is_named(bucket):
    with pytest.raises(MissingObjectError, match=r"s115\.csv is not there"):
        deliver(bucket, ["s115.csv"], lambda _: bucket.remove(LOG_DATA + "s115.csv"))
    assert names_in(bucket, LOG_DATA_LIVE) == []


@pytest.mark.parametrize("spoilt", dataset.FIRST.files)
def test_what_arrived_of_a_pair_of_which_one_was_changed_is_said(bucket, spoilt):
    with pytest.raises(ChangedObjectError) as caught:
        deliver(bucket, dataset.FIRST.files, lambda _: bucket.write(LOG_DATA + spoilt, b"s1,0,1\n"))
    there = names_in(bucket, LOG_DATA_LIVE)
    assert spoilt not in there
    assert ("only" in caught.value.what) == bool(there)
    assert all(name in caught.value.what for name in there)
