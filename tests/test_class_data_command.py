"""`python -m lab class-data`: makes the archive at once, and puts it where all users of this Python find it."""

import os

import pytest

from lab.__main__ import main
from lab.commands import class_data as command
from lab.engine import class_data as module
from lab.engine.class_data import Making, class_data
from lab.engine.engine import Engine
from lab.engine.java import Java
from lab.errors import LabError

pytestmark = pytest.mark.skipif(os.name == "nt", reason="a stand-in for java is a shell script")

MAKES = 'name="$(basename "$PWD" .making)"; touch "$name.jar" "$name.jsa" with-closures'


class Started(Engine):
    """An engine whose Spark is ready at once, but which really makes the archive."""

    def wait(self, seconds=0):
        java = command.find_java()
        recorded = java.executable.parent / "classes"
        recorded.write_text("java/lang/Object id: 0\n")
        self._making = Making(class_data(java), recorded)


@pytest.fixture(autouse=True)
def installed(tmp_path, monkeypatch):
    """The folder of the archive for all users; the users' caches are empty, too."""
    monkeypatch.setenv("LAB_CACHE", str(tmp_path / "cache"))
    monkeypatch.setattr(module, "INSTALLED", tmp_path / "installed")
    monkeypatch.setattr(command, "lesson_engine", Started)
    return tmp_path / "installed"


@pytest.fixture
def stand_in(tmp_path, monkeypatch):
    """Return a function that makes a shell script the Java that makes archives."""

    def with_script(script):
        executable = tmp_path / "bin" / "java"
        executable.parent.mkdir()
        executable.write_text(f"#!/bin/sh\n{script}\n")
        executable.chmod(0o755)
        java = Java(executable, 21)
        monkeypatch.setattr(command, "find_java", lambda: java)
        return java

    return with_script


def test_it_is_made_in_the_users_cache_and_the_command_says_where(stand_in, tmp_path, capsys):
    java = stand_in(MAKES)
    assert main(["class-data"]) == 0
    archive = class_data(java).archive
    assert archive.exists()
    assert archive.is_relative_to(tmp_path / "cache")
    assert f"{archive} (0 MB" in capsys.readouterr().out


def test_for_all_it_is_made_where_a_user_with_an_empty_cache_finds_it(stand_in, installed, tmp_path, monkeypatch):
    java = stand_in(MAKES)
    assert main(["class-data", "--for-all"]) == 0
    assert sorted(path.suffix for path in installed.iterdir()) == [".jar", ".jsa"]
    assert not (tmp_path / "cache").exists()
    monkeypatch.setenv("LAB_CACHE", "/nowhere")
    assert class_data(java).made
    assert class_data(java).archive.parent == installed


def test_one_that_is_there_is_not_made_again(stand_in, installed, monkeypatch, capsys):
    stand_in(MAKES)
    assert main(["class-data", "--for-all"]) == 0
    monkeypatch.setattr(Started, "wait", lambda self: pytest.fail("Spark was started"))
    assert main(["class-data", "--for-all"]) == 0
    assert len(list(installed.iterdir())) == 2
    assert str(installed) in capsys.readouterr().out


def test_what_java_does_not_make_is_said(stand_in, capsys):
    stand_in("exit 1")
    assert main(["class-data"]) == 1
    assert "Java has not made" in capsys.readouterr().err


def test_what_java_did_not_make_is_tried_again_on_request(stand_in, capsys):
    java = stand_in("exit 1")
    assert main(["class-data"]) == 1
    java.executable.write_text(f"#!/bin/sh\n{MAKES}\n")
    assert class_data(java).failure
    assert main(["class-data"]) == 0
    assert not class_data(java).failure


def test_a_spark_that_does_not_start_is_said(stand_in, monkeypatch, capsys):
    def fail(_):
        raise LabError("There is no Java for Spark.", "Reinstall.")

    stand_in(MAKES)
    monkeypatch.setattr(Started, "wait", fail)
    assert main(["class-data"]) == 1
    assert "There is no Java" in capsys.readouterr().err


def test_a_folder_that_cannot_be_written_is_said(stand_in, installed, capsys):
    installed.write_text("a file")
    stand_in(MAKES)
    assert main(["class-data", "--for-all"]) == 1
    assert str(installed) in capsys.readouterr().err
