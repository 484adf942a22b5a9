"""Which place the buckets are in; a folder needs nothing of S3."""

import os
import subprocess
import sys
from dataclasses import replace

import pytest

from lab.bucket.address import S3Address
from lab.bucket.choice import choose
from lab.bucket.folder import FolderBucket
from lab.bucket.s3_storage import EmbeddedStorage, S3Storage
from lab.bucket.storage import FolderStorage, S3Access, part_of
from lab.course.classroom import Classroom
from lab.engine.engine import Engine
from lab.engine.java import Launch, find_java
from lab.engine.launch_plan import plan_launch
from lab.engine.s3 import s3_settings
from lab.errors import LabError
from lab.settings import BUCKET, Settings, read_settings


@pytest.mark.parametrize("value", ["", "  "])
def test_without_a_setting_the_bucket_is_a_folder(value, tmp_path):
    storage = choose(read_settings({BUCKET: value}))
    assert isinstance(storage, FolderStorage)
    assert not storage.asks
    assert storage.access(tmp_path) is None
    bucket = storage.bucket("a", tmp_path / "a")
    assert isinstance(bucket, FolderBucket)


@pytest.mark.parametrize("value", ["embedded", " Embedded "])
def test_the_embedded_server_is_not_started_before_it_is_needed(value):
    storage = choose(read_settings({BUCKET: value}))
    assert isinstance(storage, EmbeddedStorage)
    assert not storage.asks
    assert storage.server._process is None


def test_who_comes_again_has_other_folders_on_the_embedded_server(tmp_path):
    storage = choose(Settings(bucket="embedded"))
    uris = [storage.bucket("a" * 32, tmp_path / f"learner-{number}").uri("LogData/") for number in (1, 2, 2)]
    assert uris[0] != uris[1] == uris[2]
    assert storage.server._process is None


def test_a_persons_own_bucket_is_named_and_is_not_touched_unasked(tmp_path):
    storage = choose(Settings(bucket="s3://my-bucket/some/prefix"))
    assert isinstance(storage, S3Storage)
    assert storage.asks
    assert "s3://my-bucket/some/prefix/" in storage.shown
    bucket = storage.bucket("a" * 32, tmp_path)
    assert (
        bucket.uri("LogData/") == f"s3://my-bucket/some/prefix/{part_of(storage.address, 'a' * 32).prefix[12:]}LogData/"
    )


def test_a_learners_part_is_always_the_same_and_does_not_tell_their_id(tmp_path):
    address = choose(Settings(bucket="s3://my-bucket")).address
    one = part_of(address, "a" * 32)
    assert one == part_of(address, "a" * 32)
    assert one != part_of(address, "b" * 32)
    assert "aaa" not in one.prefix
    assert one.prefix.startswith("learner-")


def test_a_setting_that_is_not_valid_is_told_where_a_learner_or_spark_needs_it(monkeypatch, tmp_path):
    monkeypatch.setenv(BUCKET, "https://my-bucket/")
    room = Classroom(Engine())
    with pytest.raises(LabError, match="'https://my-bucket/' is not an address in S3"):
        room.enter("a" * 32)
    with pytest.raises(LabError, match="It looks like s3://my-bucket/some/prefix"):
        room.engine.find_access(tmp_path)  # a start of Spark calls this
    room.close()


def test_a_folder_loads_nothing_of_s3():
    """Neither the pages nor a learner with Spark's settings import an S3 module."""
    code = """
import sys
import streamlit_app, lab.ui.shell, lab.learner.learner
from lab.ui.parts import parts
learner = parts().classroom.enter("a" * 32)
learner.bucket_set_up.missing(learner.workspace.dataset)
parts().classroom.close()
unwanted = {"boto3", "botocore", "moto", "lab.bucket.s3", "lab.bucket.connection", "lab.engine.jars", "lab.engine.s3"}
print(unwanted & set(sys.modules))
"""
    environment = {name: value for name, value in os.environ.items() if name != BUCKET}
    found = subprocess.run([sys.executable, "-c", code], env=environment, capture_output=True, text=True, check=True)
    assert found.stdout == "set()\n"


def test_what_spark_is_told_of_a_bucket_holds_for_that_bucket_alone_and_is_no_secret():
    access = S3Access(
        S3Address("my-bucket"), "http://127.0.0.1:1", "us-east-1", profile=False, environment={"KEY": "x"}
    )
    for_all = {"spark.hadoop.fs.s3.impl", "spark.sql.streaming.pollingDelay"}
    options = {setting.name for setting in s3_settings(access)} - for_all
    assert all(name.startswith("spark.hadoop.fs.s3a.bucket.my-bucket.") for name in options)
    assert not [name for name in options if "key" in name or "secret" in name]


def test_a_folder_gives_the_jvm_no_jar_and_no_setting_of_s3(tmp_path):
    def no_jars():
        raise AssertionError

    plan = plan_launch(read_settings({}), find_java(), tmp_path, (), FolderStorage().access(tmp_path), no_jars)
    assert (
        replace(plan.launch, flags=(), confinement=Launch().confinement, reading=(), writing=(), first=()) == Launch()
    )
    assert not [setting for setting in plan.settings if "s3" in setting.name]
