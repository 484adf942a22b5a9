"""The local file system in Java: compiled from today's source, like Hadoop's own, and without its needs on Windows."""

import json
import os
import shutil
import subprocess
import sys
import zipfile
from pathlib import Path
from xml.etree import ElementTree as ET

import pyspark
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from jvm import java_classes
from py4j.protocol import Py4JJavaError

from lab.bucket.folder import spark_address
from lab.engine.java import Launch
from tools import lab_jar

ROOT = Path(__file__).resolve().parent.parent
NAMES = ("a", "b", "d", "d/a", "d/e", "d/e/f", "with blank", "ü:€%20")

REPLACE = True

needs_posix = pytest.mark.skipif(os.name == "nt", reason="Hadoop's own local file system does not run on Windows")


@pytest.fixture(scope="module")
def java(tmp_path_factory):
    """The classes of a JVM without a running Spark; it may start programs, since Hadoop's own needs chmod."""
    with java_classes(tmp_path_factory.mktemp("java"), Launch(outside=True)) as classes:
        yield classes


class Files:
    """A file system in a folder; each action returns a value, or the name of the error."""

    def __init__(self, java, system, folder):
        self.java, self.system, self.folder = java, system, folder
        system.initialize(java.java.net.URI("file:///"), java.org.apache.hadoop.conf.Configuration())
        folder.mkdir(exist_ok=True)

    def path(self, name):
        base = self.java.org.apache.hadoop.fs.Path(spark_address(self.folder))
        path = base
        for part in filter(None, name.split("/")):
            # A path of three parts, since a name may contain a colon.
            path = self.java.org.apache.hadoop.fs.Path(path, self.java.org.apache.hadoop.fs.Path(None, None, part))
        return path

    def do(self, action, *values):
        try:
            return getattr(self, action)(*values)
        except Py4JJavaError as error:
            name = error.java_exception.getClass().getName()
            # This is chmod's error for a missing file.
            return name.replace("org.apache.hadoop.util.Shell$ExitCodeException", "java.io.FileNotFoundException")

    def write(self, name, text):
        stream = self.system.create(self.path(name), REPLACE)
        stream.write(bytearray(text, "utf-8"))
        stream.close()

    def write_new(self, name):
        self.system.create(self.path(name), not REPLACE).close()

    def make(self, name):
        return self.system.mkdirs(self.path(name))

    def rename(self, name, other):
        return self.system.rename(self.path(name), self.path(other))

    def delete(self, name, recursive):
        return self.system.delete(self.path(name), recursive)

    def restrict(self, name, mode):
        self.system.setPermission(self.path(name), self.java.org.apache.hadoop.fs.permission.FsPermission(mode))

    def status(self, name):
        return self.described(self.system.getFileStatus(self.path(name)))

    def names(self, name):
        return sorted(self.described(each) for each in self.system.listStatus(self.path(name)))

    def described(self, status):
        path = status.getPath().toString().removeprefix(f"file:{self.folder}")
        return (
            path,
            status.isDirectory(),
            None if status.isDirectory() else status.getLen(),
            status.getPermission().toString(),
        )

    def there(self):
        return {
            path.relative_to(self.folder).as_posix(): (path.stat().st_mode, path.is_file() and path.read_bytes())
            for path in self.folder.rglob("*")
        }


def own(java, folder):
    return Files(java, java.lab.engine.LocalFiles(), folder)


def hadoops(java, folder):
    return Files(java, java.org.apache.hadoop.fs.RawLocalFileSystem(), folder)


# --- the jar


def test_the_jar_was_made_of_todays_source():
    with zipfile.ZipFile(lab_jar.JAR) as jar:
        manifest = jar.read(lab_jar.MANIFEST).decode()
    assert f"Source-Hash: {lab_jar.source_hash()}\n" in manifest, "run tools/lab_jar.py"


@pytest.mark.slow
def test_the_source_gives_the_classes_of_the_jar(tmp_path):
    javac = shutil.which("javac")
    if javac is None:
        pytest.skip("no Java compiler was found; on Debian: apt-get install default-jdk-headless")
    with zipfile.ZipFile(lab_jar.JAR) as jar:
        inside = {name: jar.read(name) for name in jar.namelist()}
    made_by = inside.pop(lab_jar.MANIFEST).decode()
    assert {name: inside.pop(name) for name in lab_jar.defaults()} == lab_jar.defaults()
    classes = lab_jar.compile_classes(javac, tmp_path)
    # The version of the class file format: 61 is Java 17, the oldest that the lab accepts.
    assert {content[6:8] for content in inside.values()} == {(61).to_bytes(2)}
    assert set(classes) == set(inside)
    # Another compiler may generate other instructions for the same source.
    if made_by == lab_jar.manifest(lab_jar.compiler_version(javac)):
        assert classes == inside


def properties(content):
    read = ET.fromstring(content)  # noqa: S314 - a file of ours or of Spark's
    return {each.findtext("name"): each.findtext("value") for each in read.iter("property")}


def test_the_defaults_in_the_jar_are_some_of_hadoops_own():
    [hadoops_jar] = Path(pyspark.__file__).parent.glob("jars/hadoop-client-api-*.jar")
    with zipfile.ZipFile(hadoops_jar) as hadoop:
        for name, content in lab_jar.defaults().items():
            assert properties(content).items() <= properties(hadoop.read(name)).items()


def test_java_has_the_defaults_in_the_jar_and_no_others(java):
    java.org.apache.hadoop.mapred.JobConf()  # Hadoop reads mapred-default.xml and yarn-default.xml with this class
    configuration = java.org.apache.hadoop.conf.Configuration()
    expected = {name: value for content in lab_jar.defaults().values() for name, value in properties(content).items()}
    assert configuration.size() == len(expected)
    assert {name: configuration.getRaw(name) for name in expected} == expected


# --- what it does

MODES = st.sampled_from([0o777, 0o700, 0o755, 0o644])
NAME = st.sampled_from(NAMES)
ACTIONS = st.lists(
    st.one_of(
        st.tuples(st.just("write"), NAME, st.sampled_from(["", "x", "yy"])),
        st.tuples(st.just("write_new"), NAME),
        st.tuples(st.just("make"), NAME),
        st.tuples(st.just("rename"), NAME, NAME),
        st.tuples(st.just("delete"), NAME, st.booleans()),
        st.tuples(st.just("restrict"), NAME, MODES),
        st.tuples(st.just("status"), NAME),
        st.tuples(st.just("names"), NAME),
    ),
    min_size=1,
    max_size=8,
)


@pytest.mark.slow
@needs_posix
@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(ACTIONS)
def test_it_does_what_hadoops_own_does(java, tmp_path, actions):
    ours, theirs = own(java, tmp_path / "ours"), hadoops(java, tmp_path / "theirs")
    for files in (ours, theirs):
        shutil.rmtree(files.folder)
        files.folder.mkdir()
    for action in actions:
        assert ours.do(*action) == theirs.do(*action), action
        assert ours.there() == theirs.there(), action


@pytest.mark.slow
@pytest.mark.skipif(os.name == "nt", reason="on Windows, nobody can replace a file that is open")
def test_a_reader_of_a_file_that_is_replaced_keeps_the_old_one_and_no_third_is_left(java, tmp_path):
    files = own(java, tmp_path / "ours")
    files.write("a", "old")
    files.write("b", "new")
    reader = files.system.open(files.path("a"))
    assert files.rename("b", "a")
    assert bytes([reader.read(), reader.read(), reader.read()]) == b"old"
    reader.close()
    assert files.there().keys() == {"a"}
    assert (files.folder / "a").read_text() == "new"


@pytest.mark.slow
@needs_posix
def test_what_a_link_leads_to_is_described(java, tmp_path):
    files = own(java, tmp_path / "ours")
    files.write("a", "12345")
    (files.folder / "link").symlink_to("a")
    (files.folder / "nowhere").symlink_to("missing")
    assert files.status("link")[2] == 5
    assert [name for name, *_ in files.names("")] == ["/a", "/link"]


# --- on Windows


@pytest.mark.slow
@pytest.mark.skipif(sys.platform != "linux", reason="the stand-ins for programs are shell scripts, found as on Linux")
def test_the_lab_needs_no_program_and_nothing_of_hadoops_for_windows(tmp_path):
    """In its own process, in which Hadoop believes that it is on Windows; see as_windows.py."""
    programs, log = tmp_path / "programs", tmp_path / "started"
    programs.mkdir()
    stand_in = tmp_path / "stand-in"
    stand_in.write_text(f'#!/bin/bash\necho "${{0##*/}}" >> {log}\nexec "/usr/bin/${{0##*/}}" "$@"\n')
    stand_in.chmod(0o755)
    for program in Path("/usr/bin").iterdir():
        (programs / program.name).symlink_to(stand_in)
    done = subprocess.run(
        [sys.executable, ROOT / "tests" / "as_windows.py", tmp_path, programs],
        cwd=ROOT,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    said = [json.loads(line) for line in done.stdout.splitlines()]
    outcome = dict(said)
    # Hadoop's own file system fails as it does on Windows, so the flag has its effect.
    assert "NativeIO$Windows.access0" in outcome["hadoop: list"]
    # Hadoop looked for winutils.exe before the flag was set; on Windows, it says that HADOOP_HOME and hadoop.home.dir
    # are unset.
    assert "Not a Windows system" in outcome["hadoop: write"]
    assert {value for what, value in outcome.items() if what.startswith("lab: ")} == {"passed"}
    assert sum(what.startswith("lab: ") for what in outcome) == 8
    # The start inspects the machine twice, and a folder is deleted. Hadoop's own ran chmod up to 25 times a delivery.
    assert set(outcome["programs"]) <= {"setsid", "bash", "getconf", "rm"}
