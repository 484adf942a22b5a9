"""Java sees only its own folders: tested with the kernel's rules alone, and with Spark past the vocabulary."""

import os
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest
from py4j.protocol import Py4JJavaError

from lab.commands import doctor
from lab.engine import confine
from lab.engine.confinement import Confinement, find_confinement, home_of
from lab.engine.java import find_java
from lab.errors import LabError
from lab.settings import CONFINE, Settings, read_settings

HERE = find_confinement(find_java().executable, Settings())
can_confine = pytest.mark.skipif(bool(HERE.hindrance), reason=HERE.hindrance)


@pytest.fixture
def outside():
    """A folder of this user that the lab's Java does not know, with a file in it."""
    with tempfile.TemporaryDirectory(prefix="outside-") as folder:
        (Path(folder) / "ids.csv").write_text("the key of a learner\n", encoding="utf-8")
        shutil.copy("/usr/bin/env", Path(folder) / "env")
        yield Path(folder)


def python(code, *paths, read=(), write=()):
    """Run the code in a confined Python, which may also load its libraries; return the finished process."""
    libraries = [Path(sys.base_prefix), Path(sys.prefix)]
    command = HERE.command(
        [os.path.realpath(sys.executable), "-I", "-S", "-c", code, *map(str, paths)], libraries, read, write
    )
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


# --- what the kernel allows


@can_confine
def test_a_folder_that_was_not_named_can_be_neither_listed_nor_read_nor_written(outside, tmp_path):
    tries = (
        "import os, sys\n"
        "folder = sys.argv[1]\n"
        "for action in (lambda: os.listdir(folder), lambda: open(folder + '/ids.csv').read(),\n"
        "               lambda: open(folder + '/new', 'w'), lambda: os.mkdir(folder + '/d'),\n"
        "               lambda: os.rename(folder + '/ids.csv', sys.argv[2] + '/ids.csv'),\n"
        "               lambda: os.remove(folder + '/ids.csv'), lambda: os.execv(folder + '/env', ['env'])):\n"
        "    try: action(); print('done')\n"
        "    except OSError as error: print(type(error).__name__)\n"
    )
    done = python(tries, outside, tmp_path, write=[tmp_path])
    assert done.stdout.split() == ["PermissionError"] * 7, done.stderr
    assert {path.name for path in outside.iterdir()} == {"env", "ids.csv"}


@can_confine
def test_a_folder_to_write_can_be_read_and_renamed_in_and_one_to_read_only_read(outside, tmp_path):
    (tmp_path / "a").mkdir()
    (tmp_path / "b").mkdir()
    code = (
        "import os, sys\n"
        "read, write = sys.argv[1:]\n"
        "open(write + '/a/f', 'w').write('x')\n"
        "os.rename(write + '/a/f', write + '/b/g')\n"
        "print(open(read + '/ids.csv').read().strip(), os.listdir(write + '/b'))\n"
        "try: open(read + '/new', 'w')\n"
        "except PermissionError: print('only to read')\n"
    )
    done = python(code, outside, tmp_path, read=[outside], write=[tmp_path])
    assert done.stdout.splitlines() == ["the key of a learner ['g']", "only to read"], done.stderr


@can_confine
def test_no_other_process_can_be_looked_into(tmp_path):
    code = (
        "import sys\n"
        "for file in ('environ', 'maps', 'mem'):\n"
        "    try: open(f'/proc/{sys.argv[1]}/{file}', 'rb').read(1); print('read')\n"
        "    except OSError: print('closed')\n"
        "print(open('/proc/self/environ').read(1) != '')\n"
    )
    done = python(code, os.getpid())
    assert done.stdout.split() == ["closed", "closed", "closed", "True"], done.stderr


@can_confine
def test_a_path_that_is_not_there_is_passed_over(tmp_path):
    assert python("print('well')", read=[tmp_path / "nowhere"]).stdout == "well\n"


@can_confine
def test_links_out_of_a_java_are_followed(tmp_path):
    home, elsewhere = tmp_path / "jvm", tmp_path / "etc"
    (home / "bin").mkdir(parents=True)
    elsewhere.mkdir()
    (home / "bin" / "java").touch()
    (home / "conf").symlink_to(elsewhere)
    (home / "inside").symlink_to(home / "bin")
    assert home_of(home / "bin" / "java") == (home, elsewhere)


# --- what Spark can do, asked directly


@can_confine
@pytest.mark.parametrize("action", ["read", "list", "stream", "SQL", "Hadoop"])
def test_spark_reads_no_file_outside(classroom, outside, action):
    spark = classroom.engine.root
    hadoop = spark._jvm.org.apache.hadoop.fs

    def do():
        if action == "read":
            spark.read.text(str(outside / "ids.csv")).collect()
        elif action == "list":
            spark.read.text(str(outside)).collect()
        elif action == "stream":
            query = spark.readStream.text(str(outside)).writeStream.format("noop").start()
            try:
                query.processAllAvailable()
            finally:
                query.stop()
        elif action == "SQL":
            open_minded = spark.newSession()
            open_minded.conf.set("spark.sql.runSQLOnFiles", "true")
            open_minded.sql(f"SELECT value FROM text.`{outside}/*`").collect()  # noqa: S608 - what might be smuggled in
        else:
            path = hadoop.Path(str(outside / "ids.csv"))
            path.getFileSystem(spark._jsc.hadoopConfiguration()).open(path)

    refusal = (
        "AccessDenied|AccessControl|Permission denied|may not read|FAILED_READ_FILE|FAILED_TO_CREATE_PLAN_FOR_DIRECT"
    )
    with pytest.raises(Exception, match=refusal):
        do()


@can_confine
def test_spark_writes_no_file_outside_and_any_inside(classroom, outside):
    spark = classroom.engine.root
    with pytest.raises(Py4JJavaError):
        spark.range(3).write.csv(str(outside / "out"))
    assert {path.name for path in outside.iterdir()} == {"env", "ids.csv"}
    inside = classroom.engine.run_folder / "confined"
    spark.range(3).write.csv(str(inside))
    assert spark.read.csv(str(inside)).count() == 3


@can_confine
def test_java_can_start_no_other_program(classroom):
    runtime = classroom.engine.root._jvm.Runtime.getRuntime()
    with pytest.raises(Py4JJavaError, match="Permission denied"):
        runtime.exec("/usr/bin/env")


def test_javas_environment_holds_nothing_of_the_labs(monkeypatch, classroom):
    """Code that gets past the vocabulary can read it: so it must hold no database password and no class code."""
    names = set(classroom.engine.root._jvm.System.getenv())
    assert not [name for name in names if name.startswith("LAB_")]
    assert "PATH" in {name.upper() for name in names}


# --- what a person can say about it


def test_without_confinement_a_command_stays_as_it_is():
    assert Confinement("There is none").command(["java"], (), (), ()) == ["java"]


def test_a_server_can_insist_on_it():
    with pytest.raises(LabError, match="There is none, and LAB_CONFINE says") as raised:
        Confinement("There is none", required=True).command(["java"], (), (), ())
    assert "unset LAB_CONFINE" in raised.value.advice


def test_it_can_be_switched_off():
    found = find_confinement(find_java().executable, read_settings({CONFINE: "OFF"}))
    assert found == Confinement("LAB_CONFINE is off, so Java sees all files of this user")


def test_another_value_is_a_sentence():
    with pytest.raises(LabError, match=r"LAB_CONFINE is 'no'\. Set it to one of auto, required, off"):
        read_settings({CONFINE: "no"})


@pytest.mark.parametrize(
    ("platform", "abi", "words"),
    [
        ("darwin", 7, "Only Linux can confine"),
        ("win32", 7, "Only Linux can confine"),
        ("linux", 1, "older than that of Linux 5.19"),
        ("linux", OSError(38, "Function not implemented"), r"no Landlock \(Function not implemented\)"),
    ],
)
def test_where_there_is_none_it_says_why(monkeypatch, platform, abi, words):
    def ask():
        if isinstance(abi, OSError):
            raise abi
        return abi

    monkeypatch.setattr(sys, "platform", platform)
    monkeypatch.setattr(confine, "abi", ask)
    found = find_confinement(Path("java"), Settings())
    assert not found.required
    with pytest.raises(AssertionError, match=words):
        raise AssertionError(found.hindrance)


@can_confine
def test_a_java_that_needs_files_elsewhere_is_not_confined(tmp_path):
    """For example a script, which needs the system's programs."""
    (tmp_path / "bin").mkdir()
    java = tmp_path / "bin" / "java"
    java.write_text("#!/bin/sh\nexec env true\n", encoding="utf-8")
    java.chmod(0o755)
    found = find_confinement(java, Settings(java_home=tmp_path))
    assert found.hindrance == "The Java of JAVA_HOME does not start when it sees its own folder alone"


def test_the_doctor_says_it(monkeypatch):
    monkeypatch.setattr(doctor, "find_confinement", lambda _: Confinement())
    assert str(doctor._confinement()).startswith("ok       Confined")
    monkeypatch.setattr(doctor, "find_confinement", lambda _: Confinement("There is none"))
    assert "There is none." in str(doctor._confinement())
    monkeypatch.setattr(doctor, "find_confinement", lambda _: Confinement("There is none", required=True))
    assert doctor._confinement().state == "missing"
