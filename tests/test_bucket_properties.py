"""After any changes, a bucket holds the same as a dictionary would, in each place that it can be in."""

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from lab.bucket import FOLDERS, Copy

# On disk, a name is either a file or a folder, so their names begin differently here.
PATHS = st.lists(st.sampled_from(["d", "batch=0", "d e"]), max_size=2)
NAMES = st.text("abz09 .-_=+%&'ü€", min_size=1, max_size=6).map("f{}".format)
KEYS = st.builds(lambda folder, path, name: folder + "/".join([*path, name]), st.sampled_from(FOLDERS), PATHS, NAMES)
FEW_KEYS = st.lists(KEYS, min_size=2, max_size=5, unique=True)
CHANGES = st.lists(
    st.one_of(
        st.tuples(st.just("write"), st.integers(0, 4), st.binary(max_size=20)),
        st.tuples(st.just("copy"), st.integers(0, 4), st.integers(0, 4)),
        st.tuples(st.just("remove"), st.integers(0, 4), st.none()),
        st.tuples(st.just("delete"), st.integers(0, 2), st.none()),
    ),
    min_size=1,
    max_size=10,
)


# Each example empties the bucket first, so all examples may share the fixture.
@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(FEW_KEYS, CHANGES)
def test_a_bucket_holds_what_a_dictionary_would(part, keys, changes):
    bucket, model = part("learner-abc"), {}
    for prefix in FOLDERS:
        bucket.delete(prefix)
    for change, number, value in changes:
        if change == "delete":
            gone = [key for key in model if key.startswith(FOLDERS[number])]
            assert bucket.delete(FOLDERS[number]) == len(gone)
            for key in gone:
                del model[key]
            continue
        key = keys[number % len(keys)]
        if change == "write":
            bucket.write(key, value)
            model[key] = value
        elif change == "remove":
            bucket.remove(key)
            model.pop(key, None)
        elif key in model:
            source = next(entry for prefix in FOLDERS for entry in bucket.list(prefix) if entry.key == key)
            target = keys[value % len(keys)]
            # S3 refuses to copy an object onto itself, and the lab never does so.
            if target != key:
                bucket.copy_together([Copy(source, target)])
                model[target] = model[key]
    listed = [(entry.key, entry.size) for prefix in FOLDERS for entry in bucket.list(prefix)]
    expected = [(key, len(model[key])) for prefix in FOLDERS for key in sorted(model) if key.startswith(prefix)]
    assert listed == expected
    assert {key: bucket.read(key) for key, _ in listed} == model
    assert bucket.missing_folders() == ()
