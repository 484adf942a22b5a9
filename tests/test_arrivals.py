"""Finding a class's files: folders, zips, and files that are no notebooks. No file is skipped in silence."""

import io
import os
import struct
import zipfile
from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notebooks import read_submission

from lab.errors import LabError
from lab.handin.grader import walk, zips
from lab.handin.grader.arrivals import MAX_BYTES, bytes_of
from lab.handin.grader.kinds import refusal
from lab.handin.grader.walk import arrivals_in


def put(folder, *names):
    for name in names:
        path = folder / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_bytes(b"{}")


def zipped(path, files, compression=zipfile.ZIP_DEFLATED):
    with zipfile.ZipFile(path, "w", compression) as archive:
        for name, content in files.items():
            archive.writestr(name, content)
    return path


def rows(found):
    """Return the first sentence of each file's refusal by file name; empty for a file that is read."""
    return {each.file: each.refusal.partition(". ")[0] for each in found}


def test_folders_are_walked_and_files_are_called_by_their_folders(tmp_path):
    put(
        tmp_path,
        "Jane Doe_1_assignsubmission_file_/lab8.ipynb",
        "lab8-Zoe.ipynb",
        "lab8-Ada.IPYNB",
        "Bob/in/lab8.ipynb.txt",
    )
    found = arrivals_in([tmp_path])
    assert rows(found.found) == dict.fromkeys(
        ("Bob/in/lab8.ipynb.txt", "Jane Doe_1_assignsubmission_file_/lab8.ipynb", "lab8-Ada.IPYNB", "lab8-Zoe.ipynb"),
        "",
    )
    assert found.left_out == ()


def test_what_is_no_notebook_has_a_row_that_says_what_to_ask_for(tmp_path):
    put(
        tmp_path,
        "lab8-A.py",
        "lab8-B.pdf",
        "lab8-C.html",
        "lab8-D.docx",
        "lab8-E.rar",
        "lab8-F",
        "lab8-G.json",
        "lab8-H.xyz",
    )
    (tmp_path / "folder.ipynb").mkdir()
    found = arrivals_in([tmp_path]).found
    assert len(found) == 9
    for arrival in found:
        assert arrival.name in arrival.refusal
        assert "Ask for" in arrival.refusal or "name it so" in arrival.refusal
    said = rows(found)
    assert said["lab8-A.py"] == "lab8-A.py is a Python script, in which the results are missing"
    assert said["folder.ipynb"] == "There is no notebook in the folder folder.ipynb"


def test_what_systems_put_there_is_left_out_and_counted(tmp_path):
    put(
        tmp_path,
        "lab8-Ada.ipynb",
        "._lab8-Ada.ipynb",
        ".ipynb_checkpoints/lab8-Ada-checkpoint.ipynb",
        "__MACOSX/lab8-Ada.ipynb",
        "Thumbs.db",
        "retrospective.pdf",
        "grades.csv",
        "grades.html",
    )
    found = arrivals_in([tmp_path], [tmp_path / "grades.csv", tmp_path / "grades.html"])
    assert rows(found.found) == {"lab8-Ada.ipynb": ""}
    assert found.left_out == (
        "Left out: 4 hidden files and folders (._lab8-Ada.ipynb, .ipynb_checkpoints, Thumbs.db and 1 more).",
        "Left out: 1 retrospective, which is yours to read (retrospective.pdf).",
        "Left out: 2 files of the grader's own report (grades.csv, grades.html).",
    )


@pytest.mark.skipif(os.name == "nt", reason="making links takes rights on Windows")
def test_links_are_not_followed_round_and_round(tmp_path):
    put(tmp_path, "Ada/lab8.ipynb")
    (tmp_path / "Ada" / "again").symlink_to(tmp_path, target_is_directory=True)
    (tmp_path / "lab8-Bob.ipynb").symlink_to(tmp_path / "nowhere.ipynb")
    (tmp_path / "lab8-Eva.ipynb").symlink_to(tmp_path / "Ada" / "lab8.ipynb")
    os.mkfifo(tmp_path / "lab8-Pip.ipynb")
    assert rows(arrivals_in([tmp_path]).found) == {
        "Ada/again": "again is a link to a folder, which is not followed",
        "Ada/lab8.ipynb": "",
        "lab8-Bob.ipynb": "lab8-Bob.ipynb is a link that leads nowhere",
        "lab8-Eva.ipynb": "",
        "lab8-Pip.ipynb": "lab8-Pip.ipynb is not a file",
    }


def test_depth_and_number_of_files_are_bounded(tmp_path, monkeypatch):
    put(tmp_path, "/".join([*"abcdefgh", "lab8-Ada.ipynb"]))
    (found,) = arrivals_in([tmp_path]).found
    assert "h lies more than 8 folders deep" in found.refusal
    monkeypatch.setattr(walk, "MAX_FILES", 4)
    with pytest.raises(LabError, match="more than 4 files and folders"):
        arrivals_in([tmp_path])


def test_what_is_named_is_meant_whatever_it_is_called(tmp_path):
    put(
        tmp_path,
        "Jane Doe_1_assignsubmission_file_/lab8.ipynb",
        "a/lab8.ipynb",
        "b/lab8.ipynb",
        ".hidden.ipynb",
        "odd.nb",
        "x.pdf",
    )
    moodle = tmp_path / "Jane Doe_1_assignsubmission_file_"
    names = [moodle / "lab8.ipynb", tmp_path / ".hidden.ipynb", tmp_path / "odd.nb", tmp_path / "x.pdf"]
    assert list(rows(arrivals_in(names).found).items()) == [
        ("Jane Doe_1_assignsubmission_file_/lab8.ipynb", ""),
        (".hidden.ipynb", ""),
        ("odd.nb", ""),
        ("x.pdf", "x.pdf is a page to read, which cannot be run"),
    ]
    both = [tmp_path / "a" / "lab8.ipynb", tmp_path / "b" / "lab8.ipynb"]
    assert list(rows(arrivals_in(both).found)) == ["a/lab8.ipynb", "b/lab8.ipynb"]
    assert len(arrivals_in([tmp_path / "a", *both]).found) == 2


def test_folders_that_are_named_stay_apart(tmp_path):
    """Two sections of a course may each have an Ada; a platform's folder name says whose a file is."""
    put(tmp_path, "one/lab8-Ada.ipynb", "other/lab8-Ada.ipynb", "Jane_1_assignsubmission_file_/lab8.ipynb")
    assert list(rows(arrivals_in([tmp_path / "one", tmp_path / "other"]).found)) == [
        "one/lab8-Ada.ipynb",
        "other/lab8-Ada.ipynb",
    ]
    assert list(rows(arrivals_in([tmp_path / "one"]).found)) == ["lab8-Ada.ipynb"]
    moodle = tmp_path / "Jane_1_assignsubmission_file_"
    assert list(rows(arrivals_in([moodle]).found)) == ["Jane_1_assignsubmission_file_/lab8.ipynb"]


def test_a_folder_with_nothing_in_it_is_refused_but_not_beside_others(tmp_path):
    put(tmp_path, "class/lab8-Ada.ipynb")
    empty = tmp_path / "empty"
    empty.mkdir()
    with pytest.raises(LabError, match="no notebook in the folder"):
        arrivals_in([empty])
    found = arrivals_in([tmp_path / "class", empty, tmp_path / ("x" * 300)]).found
    assert [each.file.replace("x" * 280, "") for each in found] == ["class/lab8-Ada.ipynb", "empty", "x" * 20]
    with pytest.raises(LabError, match="There is no notebook in the folder empty"):
        read_submission(empty)
    with pytest.raises(LabError, match="There is no file" if os.name == "nt" else "cannot be read"):
        read_submission(found[2].path)


# --- zips


def test_of_a_zip_the_notebooks_are_taken_and_the_rest_is_told(tmp_path):
    path = zipped(
        tmp_path / "class.zip",
        {
            "Jane Doe_1_assignsubmission_file_/lab8.ipynb": b"jane",
            "Jane Doe_1_assignsubmission_file_/data/s115.csv": b"x",
            "Bob Roe_2_assignsubmission_file_/report.pdf": b"x",
            "Eva_3_assignsubmission_file_/lab8.zip": b"x",
            "__MACOSX/._lab8.ipynb": b"x",
            "../../evil.ipynb": b"evil",
        },
    )
    found = arrivals_in([path])
    assert rows(found.found) == {
        "class.zip/Bob Roe_2_assignsubmission_file_/report.pdf": "report.pdf is a page to read, which cannot be run",
        "class.zip/Eva_3_assignsubmission_file_/lab8.zip": "lab8.zip is a zip in a zip, which is not opened",
        "class.zip/Jane Doe_1_assignsubmission_file_/lab8.ipynb": "",
        "class.zip/../../evil.ipynb": "",
    }
    read = {each.name: each for each in found.found}
    assert bytes_of(read["lab8.ipynb"]) == b"jane"
    assert read["lab8.ipynb"].notes == ("Not looked at in class.zip: 1 other file (s115.csv).",)
    assert bytes_of(read["evil.ipynb"]) == b"evil"
    assert [each.name for each in tmp_path.iterdir()] == ["class.zip"]
    assert found.left_out == ("Left out: 1 hidden file or folder (__MACOSX).",)


def test_a_zip_without_a_notebook_is_one_row(tmp_path):
    (found,) = arrivals_in([zipped(tmp_path / "a.zip", {"a.py": b"", "b.py": b"", "c.py": b"", "d.py": b""})]).found
    assert found.refusal.startswith(
        "There is no notebook in a.zip; it holds 4 other files (a.py, b.py, c.py and 1 more). Ask for"
    )


@pytest.mark.parametrize("content", [b"", b"no zip", b"PK\x05\x06" + b"\xff" * 18])
def test_what_is_no_zip_is_a_sentence(tmp_path, content):
    path = tmp_path / "lab8.zip"
    path.write_bytes(content)
    assert "no zip that can be opened" in arrivals_in([path]).found[0].refusal


def test_zips_are_bounded_in_members_and_in_what_they_unpack_to(tmp_path, monkeypatch):
    bomb = zipped(tmp_path / "bomb.zip", {"lab8-A.ipynb": b" " * 5_000_000, "lab8-B.ipynb": b" " * (MAX_BYTES + 1)})
    first, second = arrivals_in([bomb]).found
    with pytest.raises(LabError, match="unpacks to more than 200 times its size"):
        bytes_of(first)
    with pytest.raises(LabError, match="more than the 10 MB of a notebook"):
        bytes_of(second)
    monkeypatch.setattr(zips, "MAX_UNPACKED", 10)
    assert "unpack to 15 MB" in arrivals_in([bomb]).found[0].refusal
    many = zipped(tmp_path / "many.zip", {f"{number}.ipynb": b"" for number in range(30)})
    monkeypatch.setattr(zips, "MAX_MEMBERS", 20)
    assert "many.zip has 30 files" in arrivals_in([many]).found[0].refusal
    monkeypatch.setattr(zips, "MAX_ZIP", 10)
    assert "zips up to 0 MB" in arrivals_in([many]).found[0].refusal
    long = zipped(tmp_path / "long.zip", {"a/" * 400 + "x.ipynb": b""})
    monkeypatch.setattr(zips, "MAX_ZIP", 10_000)
    assert "more than 500 characters" in arrivals_in([long]).found[0].refusal


def test_members_that_are_locked_or_packed_otherwise_are_sentences(tmp_path):
    path = zipped(tmp_path / "a.zip", {"lab8-A.ipynb": b"{}"})
    data = bytearray(path.read_bytes())
    at = data.index(b"PK\x01\x02")
    locked, packed = bytearray(data), bytearray(data)
    locked[at + 8] |= 1
    struct.pack_into("<H", packed, at + 10, 99)
    for changed, said in ((locked, "locked with a password"), (packed, "packed in a way")):
        path.write_bytes(changed)
        with pytest.raises(LabError, match=said):
            bytes_of(arrivals_in([path]).found[0])


_ZIP = io.BytesIO()
with zipfile.ZipFile(_ZIP, "w", zipfile.ZIP_DEFLATED) as _archive:
    _archive.writestr("Ada/lab8.ipynb", b'{"cells": []}' * 20)
    _archive.writestr("Ada/notes.txt", b"x")


@given(
    st.lists(st.tuples(st.integers(0, len(_ZIP.getvalue()) - 1), st.integers(0, 255)), max_size=4), st.integers(0, 100)
)
def test_a_damaged_zip_gives_a_sentence_or_bytes(tmp_path_factory, changes, cut):
    data = bytearray(_ZIP.getvalue())
    for at, value in changes:
        data[at] = value
    path = tmp_path_factory.getbasetemp() / "damaged.zip"
    path.write_bytes(data[: len(data) - cut])
    for arrival in arrivals_in([path]).found:
        if not arrival.refusal:
            with suppress(LabError):
                assert isinstance(bytes_of(arrival), bytes)


@given(st.text(max_size=20))
def test_every_refusal_names_the_file_and_the_next_step(name):
    said = refusal(name)
    assert said.startswith(name)
    assert "Ask for" in said or "name it so" in said
