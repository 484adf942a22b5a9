"""Spark's own resolver fetches the S3 client once: here from servers that do not have it."""

import shutil

import pytest
from s3_servers import free_port, untrusted_server

from lab.engine import jars
from lab.engine.jars import cache_folder, explain_unresolved, fetch_jars, kept_jars
from lab.engine.java import find_java
from lab.errors import LabError
from lab.settings import CACHE


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache, empty."""
    folder = tmp_path / "cache"
    monkeypatch.setenv(CACHE, str(folder))
    return folder


@pytest.fixture
def fetch(tmp_path, monkeypatch):
    """Return a function that fetches from a server in place of Maven Central."""
    run_folder = tmp_path / "run"
    run_folder.mkdir()

    def fetch(url, **options):
        # Spark's resolver reads this variable.
        monkeypatch.setenv("DEFAULT_ARTIFACT_REPOSITORY", url)
        return fetch_jars(find_java(), run_folder, **options)

    return fetch


def left_behind(cache):
    return [path for path in cache.rglob("*") if path.is_file() or path.name.startswith("fetching-")]


def test_a_server_that_is_not_reached_is_a_sentence_and_nothing_is_left_behind(fetch, cache):
    with pytest.raises(LabError) as caught:
        fetch(f"http://127.0.0.1:{free_port()}/")
    assert caught.value.what.startswith("Spark's S3 client (14 MB) could not be fetched: Maven Central was not reached")
    assert "DEFAULT_ARTIFACT_REPOSITORY" in caught.value.advice
    assert "unset LAB_BUCKET" in caught.value.advice
    assert left_behind(cache) == []
    assert kept_jars() == ()


def test_a_certificate_that_java_does_not_trust_is_a_sentence_and_nothing_is_left_behind(fetch, cache, tmp_path):
    with untrusted_server(tmp_path) as url, pytest.raises(LabError) as caught:
        fetch(f"{url}/")
    assert "could not be fetched: Java does not trust the certificate" in caught.value.what
    assert "JAVA_HOME" in caught.value.advice
    assert left_behind(cache) == []


def test_a_fetching_that_is_given_up_leaves_nothing_behind(fetch, cache):
    with pytest.raises(LabError):
        fetch(f"http://127.0.0.1:{free_port()}/", given_up=lambda: True)
    assert left_behind(cache) == []


def test_what_is_kept_is_used_without_java_or_a_network(fetch, monkeypatch):
    monkeypatch.setattr(jars, "start_jvm", lambda *_: pytest.fail("Java was started"))
    cache_folder().mkdir(parents=True)
    for name in ("b.jar", "a.jar", "note.txt"):
        (cache_folder() / name).touch()
    assert [path.name for path in fetch("http://127.0.0.1:9/")] == ["a.jar", "b.jar"]


def test_other_versions_are_kept_elsewhere(monkeypatch):
    before = cache_folder()
    monkeypatch.setattr(jars, "PACKAGES", ("org.apache.hadoop:hadoop-aws:9.9.9",))
    assert cache_folder() != before


def test_a_cache_that_can_not_be_made_is_a_sentence(fetch, cache):
    cache.write_text("a file")
    with pytest.raises(LabError, match="The operating system refused"):
        fetch("http://127.0.0.1:9/")


@pytest.mark.parametrize("there", [(), ("broken.txt",), ("a.jar",)])
def test_files_that_were_fetched_are_put_in_place_all_at_once(cache, there):
    fetched = cache / "fetching" / "jars"
    fetched.mkdir(parents=True)
    (fetched / "a.jar").write_text("new")
    target = cache_folder()
    if there:
        target.mkdir(parents=True)
        for name in there:
            (target / name).write_text("old")
    target.parent.mkdir(parents=True, exist_ok=True)
    jars._put(fetched, target)
    # A jar that another process put there meanwhile stays; other files do not.
    assert [path.read_text() for path in kept_jars()] == (["old"] if "a.jar" in there else ["new"])
    assert [path.name for path in target.iterdir()] == ["a.jar"]
    shutil.rmtree(target)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        (":: UNRESOLVED DEPENDENCIES ::\n PKIX path building failed", "does not trust the certificate"),
        ("java.io.IOException: No space left on device\n FAILED DOWNLOADS", "the disk is full"),
        ("FAILED DOWNLOADS", "was not reached"),
        ("[unresolved dependency: org.apache.hadoop#hadoop-aws;3.5.0: not found]", "was not reached"),
        ("something else", "otherwise"),
    ],
)
def test_why_nothing_was_fetched_comes_from_what_the_resolver_printed(text, words):
    assert words in explain_unresolved(text, LabError("otherwise", "")).what
