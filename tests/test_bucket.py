"""The contract of every bucket: objects and folders, on a local folder, the embedded S3 server and versitygw."""

import threading
from concurrent.futures import ThreadPoolExecutor

import pytest

from lab import dataset
from lab.bucket import FOLDERS, LOG_DATA, LOG_DATA_LIVE, OUTPUT, Copy, MissingObjectError, files_in, key_of
from lab.bucket.setup import Missing, missing, set_up
from lab.errors import LabError


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


@pytest.mark.parametrize("prefix", ["LogData/", "LogData"])
def test_a_prefix_is_a_folder_and_not_how_a_name_begins(bucket, prefix):
    bucket.write(LOG_DATA_LIVE + "x.csv", b"x")
    assert len(keys(bucket, prefix)) == 4
    assert bucket.uri(prefix).endswith("/LogData/")
    assert bucket.delete(prefix) == 4
    assert keys(bucket, LOG_DATA_LIVE) == [LOG_DATA_LIVE + "x.csv"]


def test_an_object_is_replaced_and_has_another_version(bucket):
    versions = set()
    for data in (b"1", b"2"):
        bucket.write(OUTPUT + "x", data)
        versions |= {entry.version for entry in bucket.list(OUTPUT)}
        assert bucket.read(OUTPUT + "x") == data
    assert len(versions) == 2


def test_deleting_counts_objects_and_keeps_the_folder_and_the_others(bucket):
    bucket.write(LOG_DATA_LIVE + "a.csv", b"a")
    bucket.write(LOG_DATA_LIVE + "deep/b.csv", b"b")
    assert bucket.delete(LOG_DATA_LIVE) == 2
    assert keys(bucket, LOG_DATA_LIVE) == []
    assert bucket.delete(LOG_DATA_LIVE) == 0
    assert bucket.missing_folders() == ()
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
    methods = (bucket.read, bucket.list, bucket.delete, bucket.remove, bucket.uri, lambda key: bucket.write(key, b"x"))
    for attempt in methods:
        with pytest.raises(LabError, match="not inside your bucket"):
            attempt(key)


def test_a_reader_never_sees_half_an_object(bucket):
    large = b"s1,2,1\n" * 100_000
    bucket.write(LOG_DATA + "large.csv", large)
    source = next(entry for entry in bucket.list(LOG_DATA) if entry.name == "large.csv")
    seen = set()
    done = threading.Event()

    def watch():
        while not done.is_set():
            seen.update(entry.size for entry in bucket.list(LOG_DATA_LIVE))

    watcher = threading.Thread(target=watch)
    watcher.start()
    try:
        for _ in range(10):
            bucket.copy_together([Copy(source, LOG_DATA_LIVE + name) for name in "ab"])
            bucket.delete(LOG_DATA_LIVE)
    finally:
        done.set()
        watcher.join()
    assert seen <= {len(large)}


@pytest.mark.slow
def test_more_objects_than_a_page_holds_are_listed_and_deleted(bucket):
    names = [f"{OUTPUT}{number:04}" for number in range(1001)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: bucket.write(name, b""), names))
    assert keys(bucket, OUTPUT) == names
    assert bucket.delete(OUTPUT) == 1001
    assert keys(bucket, OUTPUT) == []
    assert bucket.missing_folders() == ()


# --- folders


def test_the_folders_of_a_new_bucket_are_made_once(part):
    bucket = part("new")
    for _ in range(2):
        bucket.make_folders()
        assert bucket.missing_folders() == ()
    assert [keys(bucket, prefix) for prefix in FOLDERS] == [[], [], []]


def test_a_folder_that_holds_something_is_there(part):
    bucket = part("new")
    bucket.write(OUTPUT + "deep/x", b"x")
    assert OUTPUT not in bucket.missing_folders()


def test_a_folder_is_no_file_in_it(bucket):
    bucket.write(LOG_DATA + "below/x.csv", b"x")
    assert {entry.name for entry in files_in(bucket, LOG_DATA)} == set(dataset.FILES)


def test_what_a_new_bucket_lacks_is_told_and_then_made(part):
    bucket = part("new")
    assert missing(bucket).log_files == tuple(dataset.FILES)
    set_up(bucket)
    assert missing(bucket) == Missing((), ())
    assert bucket.read(LOG_DATA + "s115.csv") == dataset.SHIPPED.content("s115.csv")


def test_an_address_of_spark_is_read_back_as_its_key(bucket):
    assert bucket.uri(LOG_DATA_LIVE).endswith("/learner-abc/LogDataLive/")
    for way in ("sev0/", "/sev0", "./sev0", "sev0/.", ".//./sev0//"):
        assert key_of(bucket, bucket.uri(OUTPUT) + way) == "Lab9Output/sev0"
    assert key_of(bucket, bucket.uri(LOG_DATA).replace("/LogData/", "/LogDat/")) is None


# --- learners


def test_a_learner_sees_nothing_of_another_whose_name_begins_alike(part):
    mine, other = part("learner-abc"), part("learner-abcd")
    other.write(LOG_DATA + "x.csv", b"other")
    assert keys(mine, LOG_DATA) == []
    with pytest.raises(MissingObjectError):
        mine.read(LOG_DATA + "x.csv")
    mine.write(LOG_DATA + "x.csv", b"mine")
    assert other.read(LOG_DATA + "x.csv") == b"other"


def test_what_a_learner_deletes_is_theirs_alone(part):
    mine, others = part("learner-abc"), [part("learner-abcd"), part("learner-ab")]
    for bucket in (mine, *others):
        bucket.make_folders()
        bucket.write(LOG_DATA + "x.csv", b"x")
    mine.remove(LOG_DATA + "x.csv")
    for prefix in FOLDERS:
        mine.delete(prefix)
    mine.discard()
    for bucket in others:
        assert keys(bucket, LOG_DATA) == [LOG_DATA + "x.csv"]
        assert bucket.missing_folders() == ()


def test_nothing_is_left_of_a_learner_who_has_left(part):
    mine = part("learner-abc")
    set_up(mine)
    mine.discard()
    assert mine.missing_folders() == FOLDERS
    assert keys(mine, LOG_DATA) == []
