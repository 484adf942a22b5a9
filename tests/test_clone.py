"""A clone as git makes it on Windows, where git writes text files with CRLF by default."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

from lab import dataset

ROOT = Path(__file__).resolve().parent.parent
# A licence whose authors wrote it with CRLF.
MEANT = {"lab/handin/retrospective/fonts/OFL.txt"}


@pytest.fixture(scope="module")
def clone(tmp_path_factory):
    if shutil.which("git") is None or not (ROOT / ".git").exists():
        pytest.skip("the lab is no clone of git here, or git is missing")
    folder = tmp_path_factory.mktemp("clone") / "lab"
    command = ["git", "clone", "--quiet", "-c", "core.autocrlf=true", "-c", "core.eol=crlf", str(ROOT), str(folder)]
    subprocess.run(command, check=True)
    return folder


def test_no_file_has_crlf(clone):
    listed = subprocess.run(["git", "ls-files", "-z"], cwd=clone, capture_output=True, check=True).stdout
    names = [name.decode() for name in listed.split(b"\0") if name]
    assert len(names) > 100
    # For git, a file with a NUL byte is binary.
    text = [name for name in names if b"\0" not in (clone / name).read_bytes()]
    assert {name for name in text if b"\r\n" in (clone / name).read_bytes()} == MEANT


def test_its_log_files_are_the_ones_that_are_shipped(clone):
    for name in dataset.FILES:
        assert (clone / "data" / "LogData" / name).read_bytes() == dataset.SHIPPED.contents[name]


def test_it_gives_the_answer_key(clone):
    key = [
        subprocess.run(
            [sys.executable, "-m", "lab", "results"], cwd=folder, capture_output=True, text=True, check=True
        ).stdout
        for folder in (ROOT, clone)
    ]
    assert key[0] == key[1]
