"""What is kept of learners: it comes back as it was, also in another process, and no database error is a traceback."""

import os
import shutil
import stat
import subprocess
import tempfile
import threading
from functools import partial
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.errors import LabError
from lab.store import VARIABLE, Store

ONE, OTHER = "1" * 32, "2" * 32


PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(shutil.which("initdb") or "/nowhere/x").parent)


@pytest.fixture(scope="module")
def postgresql():
    """The address of a PostgreSQL server of our own, on a socket in a folder of its own."""
    if not (PROGRAMS / "initdb").exists():
        pytest.skip("no PostgreSQL was found; on Debian: apt-get install postgresql")
    # PostgreSQL refuses to run as root; there, Debian's package has made a user for it.
    who = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="lab-pg-") as folder:
        if who:
            shutil.chown(folder, "postgres")
        run = partial(subprocess.run, check=True, capture_output=True, cwd=folder, **who)
        run([PROGRAMS / "initdb", "-D", f"{folder}/data", "-U", "lab", "--auth", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [PROGRAMS / "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
        run([*control, "start", "-o", options])
        yield f"postgresql+psycopg://lab@/postgres?host={folder}"
        run([*control, "stop", "-m", "immediate"])


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/lab.sqlite"
    url = request.getfixturevalue("postgresql")
    for learner_id in (ONE, OTHER, *(f"{number:032x}" for number in range(8))):
        store = Store(url)
        store.forget(learner_id)
        store.close()
    return url


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


def test_what_is_saved_comes_back_also_for_another_process(store, url):
    store.save(ONE, "answer", "schema", {"text": "a = 1\n# ünï", "hints": 2})
    store.save(ONE, "result", "schema", "s1 1")
    store.save(ONE, "answer", "schema", {"text": "b"})
    again = Store(url)
    assert again.load(ONE) == {("answer", "schema"): {"text": "b"}, ("result", "schema"): "s1 1"}
    again.close()


def test_learners_do_not_see_each_other(store):
    store.save(ONE, "answer", "schema", 1)
    assert store.load(OTHER) == {}
    store.save(OTHER, "answer", "schema", 2)
    store.forget(ONE)
    assert store.load(ONE) == {}
    assert store.load(OTHER) == {("answer", "schema"): 2}


@settings(max_examples=30)
@given(st.text(), st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_any_text_and_any_json_is_kept(tmp_path_factory, text, value):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite")
    store.save(ONE, "draft", "x", [text, value])
    assert store.load(ONE)["draft", "x"] == [text, value]
    store.close()


def test_many_threads_write_at_once(store):
    def write(number):
        for _ in range(10):
            store.save(f"{number:032x}", "answer", "schema", number)

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(store.load(f"{number:032x}") == {("answer", "schema"): number} for number in range(8))


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "nosuchdb://host/lab",
        "sqlite:////nonexistent/folder/lab.sqlite",
        "postgresql+nosuch://h/l",
    ],
)
def test_a_database_that_is_not_there_is_a_sentence(url):
    with pytest.raises(LabError, match=rf"{VARIABLE}"):
        Store(url)


def test_a_password_is_not_shown(tmp_path):
    with pytest.raises(LabError) as caught:
        Store(f"sqlite://user:secret@/{tmp_path}/nothing/lab.sqlite")
    assert "secret" not in str(caught.value)


def test_a_file_that_is_no_database_is_left_alone(tmp_path):
    file = tmp_path / "lab.sqlite"
    file.write_bytes(b"something else of yours" * 100)
    with pytest.raises(LabError, match="file is not a database"):
        Store(f"sqlite:///{file}")
    assert file.read_bytes() == b"something else of yours" * 100


def test_a_table_that_has_gone_is_a_sentence(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    (tmp_path / "lab.sqlite").unlink()
    store.close()
    for action in (lambda: store.load(ONE), lambda: store.save(ONE, "a", "b", 1), lambda: store.forget(ONE)):
        with pytest.raises(LabError, match="cannot be kept"):
            action()


def test_by_default_it_is_a_file_for_this_users_eyes(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    monkeypatch.setattr("lab.store.user_data_path", lambda *_, **__: tmp_path / "share" / "lab")
    store = Store()
    store.save(ONE, "a", "b", 1)
    store.close()
    assert (tmp_path / "share" / "lab" / "lab.sqlite").exists()
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "share" / "lab").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv(VARIABLE, raising=False)
    (tmp_path / "share").write_text("a file")
    monkeypatch.setattr("lab.store.user_data_path", lambda *_, **__: tmp_path / "share" / "lab")
    with pytest.raises(LabError, match="cannot be made"):
        Store()
