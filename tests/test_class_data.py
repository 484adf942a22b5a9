"""The class-data archive that makes the JVM start faster; the JVMs here are real."""

import os
import re
import socket
import subprocess
import sys
import time
from dataclasses import replace
from pathlib import Path

import pytest

from lab.commands.doctor import findings
from lab.engine import class_data as module
from lab.engine.class_data import Making, class_data, recording_flags
from lab.engine.java import Java, Launch, class_path, find_java, start_jvm
from lab.engine.launch_plan import plan_launch
from lab.settings import CACHE, SPARK_MASTER, read_settings

needs_shell = pytest.mark.skipif(os.name == "nt", reason="a stand-in for java is a shell script")


@pytest.fixture(autouse=True)
def cache(tmp_path, monkeypatch):
    """The user's cache, empty."""
    monkeypatch.setenv(CACHE, str(tmp_path / "cache"))
    return tmp_path / "cache"


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """An archive made from the classes that a JVM had loaded, while that JVM was still running."""
    folder = tmp_path_factory.mktemp("made")
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv(CACHE, str(folder / "cache"))
        data = class_data(find_java())
        recorded = folder / "classes"
        jvm = start_jvm(find_java(), folder, (), Launch(flags=recording_flags(recorded)))
        try:
            Making(data, recorded).wait()
        finally:
            jvm.stop()
        assert set(data.archive.parent.iterdir()) == set(data.files)
        return data


@pytest.fixture
def archive(made, monkeypatch):
    """This archive, in the user's cache; a test may change it."""
    monkeypatch.setenv(CACHE, str(made.archive.parent))
    content = made.archive.read_bytes()
    yield made.archive
    made.archive.chmod(0o644)
    made.archive.write_bytes(content)


@pytest.fixture
def recorded(tmp_path):
    path = tmp_path / "classes"
    path.write_text("java/lang/Object id: 0\n")
    return path


def stand_in(folder, script):
    """Make a shell script that stands in for Java; return the class data of its JVMs."""
    executable = folder / "bin" / "java"
    executable.parent.mkdir()
    executable.write_text(f"#!/bin/sh\n{script}\n")
    executable.chmod(0o755)
    return class_data(Java(executable, 21))


def said():
    """Return Java's version output, when Java is started as the lab starts it."""
    java = find_java()
    data = class_data(java)
    command = [java.executable, *data.flags(), "-cp", class_path((), data.first), "-version"]
    return subprocess.run(command, capture_output=True, text=True, check=True)


def start(folder, *flags):
    """Start and stop Spark's JVM; require that its log says nothing about an archive."""
    data = class_data(find_java())
    start_jvm(find_java(), folder, (), Launch(first=data.first, flags=(*data.flags(), *flags))).stop()
    assert not re.search("archive|shared|cds", (folder / "jvm.log").read_text())


def wait_for(happened):
    while not happened():
        time.sleep(0.01)


@pytest.mark.slow
def test_a_jvm_uses_the_archive(archive, tmp_path):
    assert "sharing" in said().stderr
    loaded = tmp_path / "loaded"
    start(tmp_path, f"-Xlog:class+load:file={loaded}")
    closures = [line for line in loaded.read_text().splitlines() if "$$closure$" in line]
    assert len(closures) > 100
    assert all("shared objects file" in line for line in closures)
    [jar] = class_data(find_java()).first
    assert jar.stat().st_mtime.is_integer()


@pytest.mark.slow
@pytest.mark.parametrize("damage", ["truncated", "flipped", "empty", "text"])
def test_a_broken_archive_is_ignored_without_a_word(archive, tmp_path, damage):
    good = archive.read_bytes()
    middle = len(good) // 2
    archive.chmod(0o644)
    archive.write_bytes(
        {
            "truncated": good[:middle],
            "flipped": good[:middle] + bytes(255 - byte for byte in good[middle : middle + 64]) + good[middle + 64 :],
            "empty": b"",
            "text": b"no archive\n" * 1000,
        }[damage]
    )
    shown = said()
    assert shown.stdout == ""
    assert "sharing" not in shown.stderr
    start(tmp_path)


def test_without_an_archive_nothing_is_asked_of_java():
    assert class_data(find_java()).flags() == ()
    assert class_data(find_java()).first == ()


@pytest.mark.parametrize("missing", [0, 1])
def test_an_archive_is_used_together_with_its_closures_alone(cache, missing):
    data = class_data(find_java())
    cache.mkdir()
    for file in data.files:
        file.touch()
    assert data.first == (data.closures,)
    data.files[missing].unlink()
    assert not data.made
    assert data.first == ()
    assert data.flags() == ()


def test_another_java_class_path_flag_or_date_has_another_archive(tmp_path, monkeypatch):
    jar = tmp_path / "a.jar"
    jar.write_text("a")
    java = find_java()
    found = [class_data(java), class_data(java, (jar,)), class_data(replace(java, executable=tmp_path / "java"))]
    os.utime(jar, (1, 1))
    found.append(class_data(java, (jar,)))
    monkeypatch.setattr(module, "JVM_FLAGS", ())
    found.append(class_data(java))
    found.append(class_data(java, closures=False))
    assert len({data.archive for data in found}) == 6


def test_executors_on_other_machines_would_not_find_the_closures(tmp_path):
    with socket.create_server(("127.0.0.1", 0)) as cluster:
        for master, written in (("local[2]", True), (f"spark://127.0.0.1:{cluster.getsockname()[1]}", False)):
            plan = plan_launch(read_settings({SPARK_MASTER: master}), find_java(), tmp_path, (), None, lambda: ())
            assert (plan.data.closures is not None) == written, master


@needs_shell
def test_a_making_that_is_stopped_leaves_no_process_and_no_file(tmp_path, cache, recorded):
    data = stand_in(tmp_path, f"echo $$ > {tmp_path}/pid; exec sleep 60")
    pid = tmp_path / "pid"
    making = Making(data, recorded)
    wait_for(lambda: pid.exists() and pid.read_text())
    making.stop()
    assert list(cache.iterdir()) == []
    with pytest.raises(ProcessLookupError):
        os.kill(int(pid.read_text()), 0)


@needs_shell
def test_of_two_processes_at_once_one_makes_it(tmp_path, cache, recorded):
    data = stand_in(tmp_path, f"echo $$ >> {tmp_path}/pids; exec sleep 60")
    pids = tmp_path / "pids"
    first = Making(data, recorded)
    wait_for(lambda: pids.exists() and pids.read_text())
    Making(data, recorded).wait()
    assert len(pids.read_text().splitlines()) == 1
    assert [path.suffix for path in cache.iterdir()] == [".making"]
    first.stop()


@needs_shell
def test_what_java_has_not_made_to_its_end_is_not_kept(tmp_path, cache, recorded):
    data = stand_in(tmp_path, f"echo half > {cache}/*.making/*.jsa; touch half.jsa; exit 1")
    Making(data, recorded).wait()
    assert list(cache.iterdir()) == [data.failure_file]
    assert data.failure == "Java ended with exit code 1."


@needs_shell
def test_what_java_could_not_make_is_tried_again_a_day_later_or_when_somebody_says_so(
    tmp_path, cache, recorded, monkeypatch
):
    data = stand_in(tmp_path, f"echo $$ >> {tmp_path}/pids; exec sleep 60")
    monkeypatch.setattr(module, "MAKING_SECONDS", 0.4)
    for _ in range(2):
        Making(data, recorded).wait()
    pids = tmp_path / "pids"
    assert len(pids.read_text().split()) == 1
    assert data.failure == "Java was not done after 0.2 seconds."
    assert not data.wanted
    with pytest.raises(ProcessLookupError):
        os.kill(int(pids.read_text()), 0)
    yesterday = time.time() - module.FAILED_SECONDS - 1
    os.utime(data.failure_file, (yesterday, yesterday))
    Making(data, recorded).wait()
    assert len(pids.read_text().split()) == 2
    data.failure_file.unlink()
    Making(data, recorded).wait()
    assert len(pids.read_text().split()) == 3


@needs_shell
def test_the_doctor_says_that_an_archive_cannot_be_made_here(tmp_path, cache, recorded, monkeypatch):
    data = stand_in(tmp_path, "exit 7")
    Making(data, recorded).wait()
    monkeypatch.setattr("lab.commands.doctor.class_data", lambda _: data)
    found = str(next(finding for finding in findings(start=False) if finding.what == "Class data"))
    assert "Java ended with exit code 7. The lab runs without it" in found
    assert str(data.failure_file) in found


@needs_shell
def test_a_list_that_goes_on_being_written_is_taken_up_to_its_last_whole_line(tmp_path, recorded):
    data = stand_in(tmp_path, f"cp classes {tmp_path}/seen; exit 1")
    with recorded.open("a") as file:
        file.write("java/lang/Str")
    Making(data, recorded).wait()
    assert (tmp_path / "seen").read_text() == "java/lang/Object id: 0\n"


def test_a_cache_that_cannot_be_written_is_no_error(cache, recorded):
    cache.write_text("a file")
    data = class_data(find_java())
    Making(data, recorded).wait()
    assert not data.made
    assert data.flags() == ()


@needs_shell
def test_what_nobody_uses_any_more_is_deleted(tmp_path, cache, recorded):
    cache.mkdir(parents=True)
    old, used, jars = cache / "class-data-1.jsa", cache / "class-data-2.jsa", cache / "s3-client-1"
    killed, running = cache / "class-data-3.making", cache / "class-data-4.making"
    forgotten, alone = cache / "class-data-5.failed", cache / "class-data-6.jar"
    for path in (old, used, forgotten, alone, old.with_suffix(".jar"), used.with_suffix(".jar")):
        path.touch()
    for path in (jars, killed, running):
        path.mkdir()
    for path in (old, jars, killed, forgotten, alone, old.with_suffix(".jar"), used.with_suffix(".jar")):
        os.utime(path, (1, 1))
    data = stand_in(tmp_path, "exit 1")
    Making(data, recorded).wait()
    assert set(cache.iterdir()) == {used, used.with_suffix(".jar"), jars, running, data.failure_file}


@needs_shell
def test_for_all_users_only_what_was_half_made_is_deleted(tmp_path, recorded, monkeypatch):
    folder = tmp_path / "installed"
    folder.mkdir()
    monkeypatch.setattr(module, "INSTALLED", folder)
    data = stand_in(tmp_path, "exit 1")
    assert data.archive.parent == folder
    old, killed = folder / "class-data-1.jsa", data.archive.with_suffix(".making")
    old.touch()
    killed.mkdir()
    for path in (old, killed):
        os.utime(path, (1, 1))
    Making(data, recorded).wait()
    assert set(folder.iterdir()) == {old, data.failure_file}


@pytest.mark.slow
def test_the_engine_discards_an_archive_that_java_cannot_use_and_ends_the_making_of_another_one(cache, tmp_path):
    # In its own process, since each process has one SparkContext.
    code = """
from lab.engine.class_data import class_data
from lab.engine.engine import Engine
from lab.engine.java import find_java

data = class_data(find_java())
data.archive.parent.mkdir(parents=True)
data.archive.write_text("no archive")
data.closures.write_text("no jar")
engine = Engine()
engine.wait()
engine.wait_until_warm()
print("discarded" if not data.made and engine._making is None else "kept")
engine.stop()
engine.wait()
engine.wait_until_warm()
making = engine._making
while making._process is None:
    pass
engine.stop()
print(making._process.poll(), list(data.archive.parent.iterdir()))
"""
    root = Path(__file__).resolve().parent.parent
    found = subprocess.run([sys.executable, "-c", code], cwd=root, capture_output=True, text=True, check=True)
    assert found.stdout.splitlines() == ["discarded", "-9 []"]
