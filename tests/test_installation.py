"""Messages about an unsupported Python or system, and about a missing package."""

import re
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest

from lab.commands import installation

X64 = "Install the x64 Python"


@pytest.mark.parametrize(
    ("version", "state", "said"),
    [
        ((3, 10, 14), "missing", "The lab needs Python 3.11 to 3.14."),
        ((3, 11, 0), "ok", ""),
        ((3, 14, 9), "ok", ""),
        ((3, 15, 0), "note", "pandas must be compiled"),
        ((4, 0, 0), "note", "newer one than Python 3.11 to 3.14"),
    ],
)
def test_a_python_that_is_too_old_or_too_new_is_named_with_what_to_do(monkeypatch, version, state, said):
    monkeypatch.setattr(installation.sys, "version_info", version)
    found = installation.python()
    assert found.state == state
    assert said in found.advice
    assert bool(found.advice) == (state != "ok")


@pytest.mark.parametrize(
    ("system", "bits", "soabi", "said"),
    [
        ("win-amd64", 64, "cp313-win_amd64", None),
        ("win-arm64", 64, "cp313-win_arm64", X64),
        ("win32", 32, "cp313-win32", X64),
        ("macosx-11.0-universal2", 64, "cpython-313-darwin", None),
        ("linux-x86_64", 64, "cpython-311-x86_64-linux-gnu", None),
        ("linux-aarch64", 64, "cpython-311-aarch64-linux-gnu", None),
        ("linux-armv7l", 32, "cpython-311-arm-linux-gnueabihf", "of 64 bits"),
        ("linux-x86_64", 64, "cpython-311-x86_64-linux-musl", "Use a Linux with glibc"),
        ("linux-x86_64", 64, None, None),
    ],
)
def test_a_system_without_the_packages_is_named_with_what_to_do(monkeypatch, system, bits, soabi, said):
    monkeypatch.setattr(installation.sysconfig, "get_platform", lambda: system)
    monkeypatch.setattr(installation.sysconfig, "get_config_var", lambda _: soabi)
    kind = {"win": "win32", "mac": "darwin", "lin": "linux"}[system[:3]]
    monkeypatch.setattr(installation, "sys", SimpleNamespace(maxsize=2 ** (bits - 1) - 1, platform=kind))
    (found,) = installation.system()
    assert system in found.found
    if said:
        assert found.state == "missing"
        assert said in found.advice
    else:
        assert found.state == {"win32": "note", "darwin": "note", "linux": "ok"}[kind]


@pytest.mark.parametrize(("kind", "said"), [("win32", "under Wine"), ("darwin", "nobody has run the lab on macOS")])
def test_the_doctor_says_what_the_readme_says_of_a_system(monkeypatch, kind, said):
    monkeypatch.setattr(installation, "sys", SimpleNamespace(maxsize=2**63 - 1, platform=kind))
    (found,) = installation.system()
    assert said in found.found
    assert "2026-11-27" in found.found
    readme = (Path(__file__).resolve().parent.parent / "README.md").read_text(encoding="utf-8")
    assert "under Wine" in readme
    assert "2026-11-27" in readme


@pytest.mark.parametrize("command", ["doctor", "check"])
def test_without_the_packages_the_command_line_says_what_to_install(command):
    # Without site-packages, Python is as it is before anything is installed.
    done = subprocess.run([sys.executable, "-S", "-m", "lab", command], capture_output=True, text=True, check=False)
    assert done.returncode == 1
    assert "Traceback" not in done.stderr
    assert re.search(r"MISSING  (\w+) +No module named '\1'", done.stderr)
    assert "pip install -r requirements.txt" in done.stderr
    assert "ok       Python" in done.stderr


def test_a_defect_of_the_lab_is_not_taken_for_a_missing_package():
    with pytest.raises(ImportError, match=r"lab\.nowhere"):
        installation.hindrance(ModuleNotFoundError("No module named 'lab.nowhere'", name="lab.nowhere"))
