"""What is imported is declared, and what is declared is pinned to what is installed here."""

import ast
import re
import sys
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.commands import installation

ROOT = Path(__file__).resolve().parent.parent
# Imported where it is used alone, with a sentence that says what to install.
OPTIONAL = {"playwright": "lab/commands/bench/browser.py"}


def declared(name):
    """The requirements of a file, with those of the files that it names."""
    file = ROOT / name
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from declared((file.parent / line[3:]).resolve().relative_to(ROOT))
        elif line and not line.startswith("#"):
            yield Requirement(line)


def names(file):
    return {canonicalize_name(requirement.name) for requirement in declared(file)}


def imported(*places):
    """The packages that the files below some places import, each with one of those files."""
    distributions = packages_distributions()
    files = [file for place in places for file in (ROOT / place).glob("**/*.py")] + [ROOT / "streamlit_app.py"]
    own = {file.stem for file in files} | {"lab", "tools"}
    found = {}
    for file in files:
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
            modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
            if isinstance(node, ast.ImportFrom) and not node.level:
                modules = [node.module]
            for top in {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - own:
                (distribution,) = set(distributions.get(top, [top]))
                found[canonicalize_name(distribution)] = file.relative_to(ROOT).as_posix()
    return found


def test_what_the_lab_imports_is_declared():
    found = imported("lab", "pages")
    assert {name: file for name, file in found.items() if name not in names("requirements.txt")} == OPTIONAL


def test_what_tests_and_tools_import_is_declared():
    found = imported("tests", "tools")
    assert {name: file for name, file in found.items() if name not in names("tests/requirements.txt")} == {}


def test_the_next_import_that_nobody_declared_would_be_found(tmp_path, monkeypatch):
    (tmp_path / "lab").mkdir()
    (tmp_path / "lab" / "new.py").write_text("def f():\n    import PIL.Image\n    from websockets import client\n")
    (tmp_path / "streamlit_app.py").write_text("from .lab import new\nimport json, absent\n")
    monkeypatch.setattr(f"{__name__}.ROOT", tmp_path)
    assert imported("lab") == {
        "pillow": "lab/new.py",
        "websockets": "lab/new.py",
        "absent": "streamlit_app.py",
    }


def test_every_dependency_is_pinned_to_what_is_tested_here():
    for requirement in declared("requirements.txt"):
        (pin,) = requirement.specifier
        assert pin.operator == "=="
        if not requirement.marker or requirement.marker.evaluate():
            assert version(requirement.name) == pin.version, requirement


def test_no_learner_installs_what_tests_need():
    lab = names("requirements.txt")
    assert not lab & {"pytest", "hypothesis", "playwright", "psycopg", "pypdfium2", "vl-convert-python"}
    assert lab < names("tests/requirements.txt")


@pytest.mark.parametrize(
    ("machine", "system", "expected"),
    [
        ("x86_64", "darwin", "48.0.1"),
        ("arm64", "darwin", "50.0.2"),
        ("x86_64", "linux", "50.0.2"),
        ("AMD64", "win32", "50.0.2"),
    ],
)
def test_each_machine_gets_one_cryptography_of_which_there_is_a_wheel(machine, system, expected):
    environment = {**default_environment(), "platform_machine": machine, "sys_platform": system}
    found = [
        str(requirement.specifier)
        for requirement in declared("requirements.txt")
        if requirement.name == "cryptography" and requirement.marker.evaluate(environment)
    ]
    assert found == [f"=={expected}"]


def test_the_versions_of_python_are_the_same_everywhere():
    oldest, too_new = (".".join(map(str, each)) for each in (installation.OLDEST, installation.TOO_NEW))
    newest = f"{installation.TOO_NEW[0]}.{installation.TOO_NEW[1] - 1}"
    project = (ROOT / "pyproject.toml").read_text(encoding="utf-8")
    assert f'requires-python = ">={oldest},<{too_new}"' in project
    assert f'target-version = "py{oldest.replace(".", "")}"' in project
    assert f'python_version = "{oldest}"' in project
    assert f"You need Python {oldest} to {newest}" in (ROOT / "README.md").read_text(encoding="utf-8")
    workflow = (ROOT / ".github" / "workflows" / "systems.yml").read_text(encoding="utf-8")
    assert re.findall(r"python: \[(.+)\]", workflow) == [f'"{oldest}", "{newest}"']
