"""What is kept of learners: it comes back unchanged, also in another process; database errors are never tracebacks."""

import itertools
import json
import os
import shutil
import stat
import subprocess
import tempfile
import threading
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import psutil
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import MetaData, create_engine, inspect, text

from lab.errors import LabError
from lab.settings import STORE
from lab.store import MAX_VERSIONS, NEVER, Conflict, Document, Store
from lab.store.tables import hashed

ONE, OTHER = "1" * 32, "2" * 32


PROGRAMS = max(Path("/usr/lib/postgresql").glob("*/bin"), default=Path(shutil.which("initdb") or "/nowhere/x").parent)


@contextmanager
def running_postgresql():
    """Run a PostgreSQL server on a socket in a temporary folder; yield its address, and a function that restarts it."""
    if not (PROGRAMS / "initdb").exists():
        pytest.skip("no PostgreSQL was found; on Debian: apt-get install postgresql")
    # PostgreSQL refuses to run as root; then use the user of Debian's package.
    who = {"user": "postgres", "extra_groups": []} if os.geteuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="lab-pg-") as folder:
        if who:
            shutil.chown(folder, "postgres")
        run = partial(subprocess.run, check=True, capture_output=True, cwd=folder, **who)
        run([PROGRAMS / "initdb", "-D", f"{folder}/data", "-U", "lab", "--auth", "trust", "-E", "UTF8", "--no-sync"])
        options = f"-c listen_addresses='' -c unix_socket_directories={folder} -c fsync=off"
        control = [PROGRAMS / "pg_ctl", "-D", f"{folder}/data", "-w", "-l", f"{folder}/log"]
        run([*control, "start", "-o", options])
        yield (
            f"postgresql+psycopg://lab@/postgres?host={folder}",
            partial(run, [*control, "restart", "-m", "fast", "-o", options]),
        )
        run([*control, "stop", "-m", "immediate"])


@pytest.fixture(scope="module")
def own_postgresql():
    with running_postgresql() as (url, restart):
        yield url, restart


@pytest.fixture(scope="module")
def postgresql(own_postgresql):
    return own_postgresql[0]


@pytest.fixture(params=["sqlite", "postgresql"])
def url(request, tmp_path):
    if request.param == "sqlite":
        return f"sqlite:///{tmp_path}/lab.sqlite"
    url = request.getfixturevalue("postgresql")
    engine = create_engine(url)
    with engine.begin() as connection:
        known = MetaData()
        known.reflect(connection)
        for table in known.tables.values():
            connection.execute(table.delete())
    engine.dispose()
    return url


@pytest.fixture
def store(url):
    store = Store(url)
    yield store
    store.close()


can_lose_its_file = pytest.mark.skipif(os.name == "nt", reason="Windows deletes no file that is open")


def values(store, learner_id=ONE):
    return {key: document.value for key, document in store.load(learner_id).items()}


def test_what_is_saved_comes_back_also_for_another_process(store, url):
    kept = store.save(ONE, ("answer", "schema"), {"text": "a = 1\n# ünï", "hints": 2})
    store.save(ONE, ("result", "schema"), "s1 1")
    store.save(ONE, ("answer", "schema"), {"text": "b"}, kept.version)
    again = Store(url)
    assert values(again) == {("answer", "schema"): {"text": "b"}, ("result", "schema"): "s1 1"}
    again.close()


def test_learners_do_not_see_each_other(store):
    store.save(ONE, ("answer", "schema"), 1)
    assert store.load(OTHER) == {}
    store.save(OTHER, ("answer", "schema"), 2)
    store.forget(ONE)
    assert store.load(ONE) == {}
    assert values(store, OTHER) == {("answer", "schema"): 2}


@settings(max_examples=30)
@given(st.text(), st.recursive(st.none() | st.booleans() | st.integers(-(2**53), 2**53) | st.text(), st.lists))
def test_any_text_and_any_json_is_kept(tmp_path_factory, text, value):
    store = Store(f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite")
    store.save(ONE, ("draft", "x"), [text, value])
    assert values(store)["draft", "x"] == [text, value]
    store.close()


def test_many_threads_write_at_once(store):
    def write(number):
        seen = NEVER
        for _ in range(10):
            seen = store.save(f"{number:032x}", ("answer", "schema"), number, seen).version

    threads = [threading.Thread(target=write, args=(number,)) for number in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert all(values(store, f"{number:032x}") == {("answer", "schema"): number} for number in range(8))


# --- versions


def test_a_write_that_goes_back_to_an_older_version_is_refused(store):
    first = store.save(ONE, ("answer", "schema"), "a")
    second = store.save(ONE, ("answer", "schema"), "b", first.version)
    assert store.save(ONE, ("answer", "schema"), "c", first.version) == Conflict(Document("b", second.version))
    assert store.save(ONE, ("answer", "schema"), "c") == Conflict(Document("b", second.version))
    assert values(store) == {("answer", "schema"): "b"}
    assert store.versions_of(ONE) == {("answer", "schema"): second.version}


def test_what_was_deleted_and_made_again_is_another_version(store):
    first = store.save(ONE, ("answer", "schema"), "a")
    store.forget(ONE)
    assert store.save(ONE, ("answer", "schema"), "b", first.version) == Conflict(Document())
    store.save(ONE, ("answer", "schema"), "a")
    assert isinstance(store.save(ONE, ("answer", "schema"), "b", first.version), Conflict)


def test_two_servers_that_save_at_once_lose_nothing_and_fail_never(url):
    """Each first save is accepted from one server only, and the other server is told."""
    servers, rounds = [Store(url), Store(url)], 100
    barrier = threading.Barrier(len(servers))
    results = [[] for _ in servers]

    def write(number):
        for turn in range(rounds):
            barrier.wait()
            results[number].append(servers[number].save(ONE, ("answer", str(turn)), number))

    threads = [threading.Thread(target=write, args=(number,)) for number in range(len(servers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    kept = values(servers[0])
    assert [len(each) for each in results] == [rounds, rounds]
    for turn, both in enumerate(zip(*results, strict=True)):
        [won] = [result for result in both if isinstance(result, Document)]
        [lost] = [result for result in both if isinstance(result, Conflict)]
        assert lost.newer == won
        assert kept["answer", str(turn)] == won.value
    for server in servers:
        server.close()


def test_the_newest_texts_of_a_document_are_kept(store):
    assert store.versions(ONE, ("answer", "schema")) == ()
    for number in range(MAX_VERSIONS + 5):
        store.keep_version(ONE, ("answer", "schema"), f"text {number} \u0000 ü")
        store.keep_version(ONE, ("answer", "schema"), f"text {number} \u0000 ü")
    store.keep_version(ONE, ("answer", "schema"), " \n")
    store.keep_version(ONE, ("answer", "other"), "of another cell")
    store.keep_version(OTHER, ("answer", "schema"), "of somebody else")
    kept = store.versions(ONE, ("answer", "schema"))
    assert [version.text for version in kept] == [f"text {number} \u0000 ü" for number in range(14, 4, -1)]
    assert all(older.at <= newer.at for newer, older in itertools.pairwise(kept))
    store.forget(ONE)
    assert store.versions(ONE, ("answer", "schema")) == ()
    assert len(store.versions(OTHER, ("answer", "schema"))) == 1


def test_what_is_too_long_is_a_sentence_and_changes_nothing(store):
    store.save(ONE, ("answer", "schema"), "a")
    for action in (
        lambda: store.save(ONE, ("answer", "schema"), "x" * 3_000_000),
        lambda: store.keep_version(ONE, ("answer", "schema"), "x" * 3_000_000),
    ):
        with pytest.raises(
            LabError, match=r"is 3,000,002 bytes long, and the lab keeps at most 1,000,000 of one field"
        ):
            action()
    assert values(store) == {("answer", "schema"): "a"}
    assert store.versions(ONE, ("answer", "schema")) == ()


# --- ids


def everything(url):
    """Return all rows of all tables in the database."""
    engine = create_engine(url)
    tables = MetaData()
    tables.reflect(engine)
    with engine.connect() as connection:
        found = [tuple(map(str, row)) for table in tables.sorted_tables for row in connection.execute(table.select())]
    engine.dispose()
    return found


def test_whoever_reads_the_store_finds_nobodys_id(store, url, tmp_path):
    store.save(ONE, ("answer", "schema"), "a")
    store.keep_version(ONE, ("answer", "schema"), "b")
    found = everything(url)
    assert any(hashed(ONE) in row for row in found)
    assert not [row for row in found if any(ONE in column for column in row)]
    store.close()
    assert not [file for file in tmp_path.glob("lab.sqlite*") if ONE.encode() in file.read_bytes()]


EARLIER = """CREATE TABLE documents (learner_id VARCHAR(64) NOT NULL, kind VARCHAR(32) NOT NULL, key VARCHAR(64) NOT NULL,
value JSON NOT NULL, changed_at {time} NOT NULL, PRIMARY KEY (learner_id, kind, key))"""


@pytest.fixture
def earlier(url):
    """A store as earlier versions of the lab made it, with learners' ids in plain text."""
    engine = create_engine(url)
    with engine.begin() as connection:
        if engine.dialect.name == "sqlite":
            connection.exec_driver_sql("PRAGMA journal_mode=WAL")
        time = "DATETIME" if engine.dialect.name == "sqlite" else "TIMESTAMP WITH TIME ZONE"
        for table in ("kept_documents", "kept_versions", "documents"):
            connection.exec_driver_sql(f"DROP TABLE IF EXISTS {table}")
        connection.exec_driver_sql(EARLIER.format(time=time))
        for learner_id in (ONE, OTHER):
            for key in range(50):
                row = {"id": learner_id, "key": str(key), "value": json.dumps({"text": f"{learner_id[0]} ü {key}"})}
                statement = text(
                    "INSERT INTO documents VALUES (:id, 'answer', :key, :value, '2026-01-02 03:04:05.000000')"
                )
                connection.execute(statement, row)
    engine.dispose()
    return url


def test_an_earlier_store_is_moved_without_loss_by_whichever_server_is_first(earlier, tmp_path):
    barrier, stores, failed = threading.Barrier(4), [], []

    def opened():
        barrier.wait()
        try:
            stores.append(Store(earlier))
        except LabError as error:
            failed.append(error)

    threads = [threading.Thread(target=opened) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failed == []
    for store in stores:
        for learner_id in (ONE, OTHER):
            expected = {("answer", str(key)): {"text": f"{learner_id[0]} ü {key}"} for key in range(50)}
            assert values(store, learner_id) == expected
    seen = stores[0].load(ONE)["answer", "7"].version
    assert isinstance(stores[1].save(ONE, ("answer", "7"), "new", seen), Document)
    assert not [row for row in everything(earlier) if any(ONE in column or OTHER in column for column in row)]
    # The id must not even be in SQLite's freed pages or its write-ahead log: by default, deleted data stays in the
    # files.
    assert not [file for file in tmp_path.glob("lab.sqlite*") if ONE.encode() in file.read_bytes()]
    for store in stores:
        store.close()


def test_a_store_of_before_the_class_board_gets_what_that_asks_by(url):
    store = Store(url)
    store.save(ONE, ("answer", "schema"), "a")
    store.close()
    engine = create_engine(url)
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP INDEX kept_documents_changed")
    for _ in range(2):
        store = Store(url)
        assert inspect(engine).has_index("kept_documents", "kept_documents_changed")
        assert values(store) == {("answer", "schema"): "a"}
        store.close()
    engine.dispose()


# --- what goes wrong


def test_a_transaction_that_hangs_is_told_of_in_seconds_and_the_next_write_at_once(url, monkeypatch):
    monkeypatch.setattr("lab.store.database.BUSY_SECONDS", 2.2)
    monkeypatch.setattr("lab.store.database.PAUSE_SECONDS", 60)
    store, other = Store(url), Store(url)
    kept = store.save(ONE, ("answer", "schema"), "a")
    engine = create_engine(url)
    with engine.connect() as hanging:
        if engine.dialect.name == "sqlite":
            hanging.exec_driver_sql("BEGIN IMMEDIATE")
        hanging.execute(text("UPDATE kept_documents SET kind = 'answer'"))
        with pytest.raises(LabError, match=r"does not answer in time \(.*\). What you wrote is still on the page"):
            store.save(ONE, ("answer", "schema"), "b", kept.version)
        with pytest.raises(LabError, match="did not answer just now"):
            store.save(ONE, ("answer", "schema"), "b", kept.version)
    engine.dispose()
    # Nothing was written, and nothing prevents a retry.
    assert isinstance(other.save(ONE, ("answer", "schema"), "b", kept.version), Document)
    store.close()
    other.close()


def test_a_postgresql_that_was_restarted_takes_the_first_write(own_postgresql):
    url, restart = own_postgresql
    store = Store(url)
    store.forget(ONE)
    kept = store.save(ONE, ("answer", "schema"), "a")
    restart()
    assert isinstance(store.save(ONE, ("answer", "schema"), "b", kept.version), Document)
    store.close()


def test_a_postgresql_that_is_halted_keeps_nobody_waiting(own_postgresql, monkeypatch):
    monkeypatch.setattr("lab.store.database.BUSY_SECONDS", 2)
    monkeypatch.setattr("lab.store.database.PAUSE_SECONDS", 60)
    url, _ = own_postgresql
    store = Store(url)
    store.forget(ONE)
    kept = store.save(ONE, ("answer", "schema"), "a")
    folder = url.partition("host=")[2]
    server = psutil.Process(int(Path(folder, "data", "postmaster.pid").read_text().split()[0]))
    processes = [server, *server.children(recursive=True)]
    for process in processes:
        process.suspend()
    try:
        for words in (r"in time \((?!it did).*What you wrote is still on the page", "did not answer just now"):
            with pytest.raises(LabError, match=words):
                store.save(ONE, ("answer", "schema"), "b", kept.version)
    finally:
        for process in processes:
            process.resume()
    again = Store(url)
    assert isinstance(again.save(ONE, ("answer", "schema"), "b", kept.version), Document)
    again.close()
    store.close()


@can_lose_its_file
def test_a_file_that_is_deleted_while_the_lab_runs_is_made_anew(tmp_path, caplog):
    file = tmp_path / "lab.sqlite"
    store = Store(f"sqlite:///{file}")
    document = store.save(ONE, ("answer", "schema"), "a")
    assert (store.generation(), store.lost) == (0, "")
    for left in tmp_path.glob("lab.sqlite*"):
        left.unlink()
    assert store.generation() == 1
    assert f"{file}, in which the lab keeps what is written, was deleted or replaced at" in store.lost
    assert store.lost in caplog.text
    assert store.load(ONE) == {}
    store.bring_back(ONE, {("answer", "schema"): document})
    store.bring_back(ONE, {("answer", "schema"): document})
    store.close()
    again = Store(f"sqlite:///{file}")
    assert again.load(ONE) == {("answer", "schema"): document}
    again.close()


def test_a_file_that_cannot_be_looked_at_for_a_moment_is_not_taken_for_lost(tmp_path, monkeypatch):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    kept = store.save(ONE, ("answer", "schema"), "a")
    marks = [None, None]
    look = store._database._marked
    monkeypatch.setattr(store._database, "_marked", lambda: marks.pop() if marks else look())
    assert values(store) == {("answer", "schema"): "a"}
    assert marks == []
    assert (store.generation(), store.lost) == (0, "")
    assert isinstance(store.save(ONE, ("answer", "schema"), "b", kept.version), Document)
    store.close()


@can_lose_its_file
def test_a_folder_that_is_deleted_with_the_file_is_a_sentence(tmp_path):
    folder = tmp_path / "share"
    folder.mkdir()
    store = Store(f"sqlite:///{folder}/lab.sqlite")
    shutil.rmtree(folder)
    for _ in range(2):
        with pytest.raises(LabError, match="cannot be kept"):
            store.save(ONE, ("a", "b"), 1)
    folder.mkdir()
    assert isinstance(store.save(ONE, ("a", "b"), 1), Document)
    store.close()


@pytest.mark.parametrize(
    "url",
    [
        "nonsense",
        "sqlite://",
        "sqlite:///:memory:",
        "nosuchdb://host/lab",
        "sqlite:////nonexistent/folder/lab.sqlite",
        "postgresql+nosuch://h/l",
        "mysql://host/lab",
    ],
)
def test_a_database_that_is_not_there_is_a_sentence(url):
    with pytest.raises(LabError, match=rf"{STORE}"):
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
    engine = create_engine(f"sqlite:///{tmp_path}/lab.sqlite")
    with engine.begin() as connection:
        connection.exec_driver_sql("DROP TABLE kept_documents")
    engine.dispose()
    for action in (lambda: store.load(ONE), lambda: store.save(ONE, ("a", "b"), 1), lambda: store.forget(ONE)):
        with pytest.raises(LabError, match="cannot be kept"):
            action()
    store.close()


def test_by_default_it_is_a_file_for_this_users_eyes(tmp_path, monkeypatch):
    monkeypatch.delenv(STORE, raising=False)
    monkeypatch.setattr("lab.store.database.user_data_path", lambda *_, **__: tmp_path / "share" / "lab")
    store = Store()
    store.save(ONE, ("a", "b"), 1)
    store.close()
    assert (tmp_path / "share" / "lab" / "lab.sqlite").exists()
    if os.name != "nt":
        assert stat.S_IMODE((tmp_path / "share" / "lab").stat().st_mode) == 0o700


def test_a_folder_that_cannot_be_made_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.delenv(STORE, raising=False)
    (tmp_path / "share").write_text("a file")
    monkeypatch.setattr("lab.store.database.user_data_path", lambda *_, **__: tmp_path / "share" / "lab")
    with pytest.raises(LabError, match="cannot be made"):
        Store()
