"""A bucket in a local folder: its addresses, and what the operating system refuses."""

import errno
import os
from pathlib import Path

import pytest

from lab import dataset
from lab.bucket import LOG_DATA, LOG_DATA_LIVE, deliver
from lab.bucket.folder import FolderBucket, explain_os_error
from lab.bucket.setup import set_up
from lab.errors import LabError


@pytest.fixture
def bucket(tmp_path):
    bucket = FolderBucket(tmp_path / "a learner")
    set_up(bucket)
    return bucket


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
    assert "/somewhere" in error.what
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
