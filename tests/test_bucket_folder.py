"""A bucket in a local folder: its addresses, and errors of the operating system."""

import errno
import gc
import os
import weakref
from pathlib import Path

import pytest

import lab.bucket
from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE, deliver, read_folder
from lab.bucket.folder import FolderBucket, explain_os_error
from lab.bucket.setup import set_up
from lab.errors import LabError


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path / "a learner")
    set_up(bucket)
    return bucket


@pytest.mark.parametrize("name", ["[x]", "{a,b}", "what?", "a*"])
@pytest.mark.skipif(os.name == "nt", reason="Windows has no such names")
def test_a_folder_that_spark_would_take_for_a_pattern_is_refused(tmp_path, name):
    with pytest.raises(LabError, match="for a pattern") as caught:
        FolderBucket(tmp_path / name / "learner")
    assert name in caught.value.what
    assert "LAB_RUN_FOLDER" in caught.value.advice


def test_an_address_is_a_uri_that_ends_in_a_slash(bucket):
    assert bucket.uri(LOG_DATA_LIVE).startswith("file:///")
    assert bucket.uri(LOG_DATA_LIVE).endswith("/a learner/LogDataLive/")


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
    error = explain_os_error(OSError(code, os.strerror(code)), Path("/somewhere"))
    assert words in error.what
    assert str(Path("/somewhere")) in error.what
    assert error.advice


def test_a_full_disk_loses_nothing_and_says_so(bucket, monkeypatch):
    def full(*_):
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr("shutil.copyfile", full)
    with pytest.raises(LabError, match="is full"):
        deliver(bucket, dataset.FIRST.files, lambda _: None)
    monkeypatch.undo()
    assert bucket.list(LOG_DATA_LIVE) == []
    assert len(bucket.list(LOG_DATA)) == 4
    assert list((bucket.root / ".staging").iterdir()) == []


def test_what_was_listed_is_read_once_for_each_version_and_kept_as_long_as_its_bucket(tmp_path, monkeypatch):
    bucket = FolderBucket(tmp_path / "learner")
    asked = []
    monkeypatch.setattr(bucket, "read", lambda key, read=bucket.read: asked.append(key) or read(key))

    def look():
        return [(file.name, len(file.records)) for file in read_folder(bucket, LOG_DATA)]

    bucket.write(LOG_DATA + "a.csv", b"s1,2,1\n")
    bucket.write(LOG_DATA + "b.csv", b"s1,2,1\ns1,2,2\n")
    assert look() == look() == [("a.csv", 1), ("b.csv", 2)]
    bucket.write(LOG_DATA + "a.csv", b"s1,2,1\ns1,0,2\ns1,0,3\n")
    assert look() == look() == [("a.csv", 3), ("b.csv", 2)]
    assert asked == [LOG_DATA + name for name in ("a.csv", "b.csv", "a.csv")]
    # The mock of `read` holds a reference to the bucket.
    monkeypatch.undo()
    assert bucket in lab.bucket._kept
    gone = weakref.ref(bucket)
    bucket = None
    gc.collect()
    assert gone() is None


def test_of_many_objects_the_last_are_kept(tmp_path, monkeypatch):
    monkeypatch.setattr(lab.bucket, "KEPT_OBJECTS", 3)
    bucket = FolderBucket(tmp_path / "learner")
    for number in range(5):
        bucket.write(f"{LOG_DATA}{number}.csv", b"s1,2,1\n")
    assert len(read_folder(bucket, LOG_DATA)) == 5
    assert len(lab.bucket._kept[bucket]) == 3
