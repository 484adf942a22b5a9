"""The pages when the bucket is on S3: what they show of it, its set-up, and an outage."""

import collections
import os
import threading

import pytest
from outage import OutageProxy
from paging import fields, learner_of, open_page, words, write_text

from lab.bucket import FOLDERS, LOG_DATA
from lab.bucket.address import S3Address
from lab.bucket.s3_storage import S3Storage
from lab.dataset import FILES, SHIPPED
from lab.learner.identity import Identity
from lab.lesson.steps import STEPS
from lab.settings import CLASS_CODE
from lab.ui.parts import parts
from lab.ui.shell import PAGES


@pytest.fixture
def proxy(embedded):
    with OutageProxy("127.0.0.1", int(embedded.server.endpoint().rpartition(":")[2])) as proxy:
        yield proxy


@pytest.fixture
def own_bucket(on_s3, embedded, aws, proxy, monkeypatch):
    """A person's own bucket, found by the environment; for boto3, `proxy` is in front of it."""
    aws({**embedded.server.keys, "AWS_ENDPOINT_URL": proxy.url})
    storage = S3Storage(S3Address("lab", "a-course/"), os.environ)
    monkeypatch.setattr(parts().classroom, "_storage", storage)
    return storage


def keys(app):
    return [button.key for button in app.button]


def test_every_page_can_be_opened_on_s3(on_s3, app):
    for name, _, _ in PAGES:
        open_page(app, name)
        assert not app.error


def test_the_sidebar_says_which_bucket_is_in_use_with_its_three_addresses_and_no_secret(on_s3, app, embedded):
    open_page(app, "start")
    assert "The lab's own S3 server" in words(app.sidebar.caption)
    bucket = learner_of(app).workspace.bucket
    assert [code.value for code in app.sidebar.code] == [bucket.uri(prefix) for prefix in FOLDERS]
    everything = f"{words(app.markdown)}{words(app.caption)}{words(app.code)}"
    assert not any(secret in everything for secret in embedded.server.keys.values())


def test_nothing_is_written_into_a_persons_own_bucket_before_they_say_so(own_bucket, app):
    open_page(app, "schema")
    bucket = learner_of(app).workspace.bucket
    assert "The button writes these folders and log files, and nothing else" in words(app.markdown)
    said = words(app.code)
    assert all(bucket.uri(prefix) in said for prefix in FOLDERS)
    assert f"{bucket.uri(LOG_DATA)}s2610.csv" in said
    assert bucket.missing_folders() == FOLDERS
    write_text(app, "code-schema", STEPS["schema"].code)
    app.button(key="run-schema").click().run()
    assert "Your bucket has no folders yet. Set them up at the top of the page." in words(app.error)
    assert bucket.missing_folders() == FOLDERS

    app.button(key="set-up").click().run()
    assert not app.exception
    assert "set-up" not in keys(app)
    assert len(bucket.list(LOG_DATA)) == 4
    app.button(key="run-schema").click().run()
    assert "three columns, in the order of the line" in words(app.success)


def test_only_what_is_missing_is_written(own_bucket, app):
    open_page(app, "start")
    app.button(key="set-up").click().run()
    learner = learner_of(app)
    bucket = learner.workspace.bucket
    bucket.write(LOG_DATA + "s115.csv", b"s1,2,1\n")
    bucket.remove(LOG_DATA + "s215.csv")
    learner.bucket_set_up._ask_again_at = 0
    app.run()
    assert f"{bucket.uri(LOG_DATA)}s215.csv" in words(app.code)
    assert f"{bucket.uri(LOG_DATA)}s115.csv" not in words(app.code)
    app.button(key="set-up").click().run()
    assert bucket.read(LOG_DATA + "s115.csv") == b"s1,2,1\n"
    assert len(bucket.list(LOG_DATA)) == 4


def test_whoever_says_who_they_are_before_the_folders_are_set_up_gets_their_own_log_files_with_them(own_bucket, app):
    open_page(app, "start")
    learner, ada = learner_of(app), Identity("Ada", "cs-101")
    bucket = learner.workspace.bucket
    learner.introduce(ada)
    assert bucket.missing_folders() == FOLDERS
    assert list(bucket.list(LOG_DATA)) == []
    app.run()
    app.button(key="set-up").click().run()
    assert all(bucket.read(LOG_DATA + name) == ada.dataset.content(name) for name in FILES)
    learner.introduce(Identity())
    assert all(bucket.read(LOG_DATA + name) == SHIPPED.content(name) for name in FILES)


def test_log_files_that_a_lab_with_another_class_code_has_left_in_ones_own_bucket_are_pointed_out(
    own_bucket, app, monkeypatch
):
    open_page(app, "start")
    app.button(key="set-up").click().run()
    learner = learner_of(app)
    learner.introduce(Identity("Ada"))
    learner.close()
    parts().classroom._seats.pop(learner.id)
    monkeypatch.setenv(CLASS_CODE, "cs-101")
    parts().classroom.admit(learner.id, Identity("Ada", "cs-101"))
    again = parts().classroom.enter(learner.id)
    app.run()
    bucket, own = again.workspace.bucket, Identity("Ada", "cs-101").dataset
    assert "There are other log files in your bucket" in words(app.markdown)
    assert bucket.read(LOG_DATA + "s115.csv") == SHIPPED.content("s115.csv")
    app.button(key="own-log-files").click().run()
    assert not app.exception
    assert all(bucket.read(LOG_DATA + name) == own.content(name) for name in FILES)
    assert "There are other log files" not in words(app.markdown)


def test_an_outage_is_told_and_the_page_stays_readable_until_it_is_over(own_bucket, app, proxy):
    open_page(app, "volume_report")
    app.button(key="set-up").click().run()
    learner = learner_of(app)
    learner.bucket_set_up._ask_again_at = 0
    proxy.refuse()
    app.run()
    assert not app.exception
    assert "S3 cannot be reached" in words(app.error)
    assert "code-volume-report" in fields(app)
    proxy.pass_on()
    own_bucket.connection._away = ""
    app.run()
    assert not app.error
    assert "deliver-first" in keys(app)


@pytest.mark.slow
def test_a_page_that_is_drawn_again_reads_no_object_again(on_s3, app, embedded):
    open_page(app, "sev0_log")
    learner = learner_of(app)
    learner.run_everything()
    app.run()
    asked = collections.Counter()
    events = embedded.connection.ask(lambda s3: s3.meta.events)

    def count(model, **_):
        # The check of the folders' size runs after each batch, and does not belong to a page.
        if threading.current_thread().name != "quota":
            asked[model.name] += 1

    events.register("before-call.s3", count, unique_id="count")
    try:
        app.run()
    finally:
        events.unregister("before-call.s3", unique_id="count")
    assert "The SEV0 log" in words(app.subheader)
    # One request for each of the two folders of log files, and one for the output.
    assert asked == {"ListObjectsV2": 3}


def test_a_learner_who_leaves_keeps_what_is_in_their_own_bucket(own_bucket, app):
    open_page(app, "start")
    app.button(key="set-up").click().run()
    learner = learner_of(app)
    bucket = learner.workspace.bucket
    learner.close()
    assert len(bucket.list(LOG_DATA)) == 4
