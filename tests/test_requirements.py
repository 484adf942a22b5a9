"""All imports are declared, all declared packages are pinned to the installed versions, and all lists agree."""

import ast
import re
import subprocess
import sys
import tomllib
from importlib import import_module
from importlib.metadata import packages_distributions, version
from pathlib import Path

import pytest
import yaml
from packaging.markers import default_environment
from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

from lab.commands import installation
from lab.extras import needing

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
EXTRAS = PROJECT["optional-dependencies"]
# Computed once, since it reads every file of every package.
DISTRIBUTIONS = packages_distributions()
# The only places where the lab imports packages of an extra.
PLACES = {
    "grade": {"lab/handin/grader/report.py"},
    "s3": {f"lab/bucket/{name}.py" for name in (
        "chain", "connection", "credentials", "provision", "s3", "s3_server", "s3_storage")},
}  # fmt: skip


def declared(name):
    """Yield the requirements of a file, and those of the files that it includes."""
    file = ROOT / name
    for line in file.read_text(encoding="utf-8").splitlines():
        if line.startswith("-r "):
            yield from declared((file.parent / line[3:]).resolve().relative_to(ROOT))
        elif line and not line.startswith("#"):
            yield Requirement(line)


def names(file):
    return {canonicalize_name(requirement.name) for requirement in declared(file)}


def imported(*places):
    """Return the packages that the files below some places import, each with one of these files."""
    files = [file for place in places for file in (ROOT / place).glob("**/*.py")] + [ROOT / "streamlit_app.py"]
    own = {file.stem for file in files} | {"lab", "tools"}
    return {name: file.relative_to(ROOT).as_posix() for file in files for name in imported_by(file, own)}


def imported_by(file, own=frozenset()):
    """Yield the packages that a file imports anywhere; `own` are modules that belong to no package."""
    for node in ast.walk(ast.parse(file.read_text(encoding="utf-8"))):
        modules = [alias.name for alias in node.names] if isinstance(node, ast.Import) else []
        if isinstance(node, ast.ImportFrom) and not node.level:
            modules = [node.module]
        for top in {module.partition(".")[0] for module in modules} - sys.stdlib_module_names - own:
            (distribution,) = set(DISTRIBUTIONS.get(top, [top]))
            yield canonicalize_name(distribution)


def test_what_the_lab_imports_is_declared():
    found = imported("lab", "pages")
    assert {name: file for name, file in found.items() if name not in names("requirements.txt")} == {}


@pytest.mark.slow
def test_who_has_no_extra_misses_none_but_where_its_absence_is_a_sentence():
    for extra, places in PLACES.items():
        for file in set((ROOT / "lab").rglob("*.py")) | set((ROOT / "pages").glob("*.py")):
            used = {canonicalize_name(Requirement(text).name) for text in EXTRAS[extra]} & set(imported_by(file))
            assert not used or file.relative_to(ROOT).as_posix() in places


WITHOUT = """
import sys
absent = "boto3 botocore moto werkzeug flask cryptography psycopg playwright"
sys.modules.update(dict.fromkeys(absent.split()))
import lab.__main__, lab.ui.server, lab.ui.frame, lab.ui.hand_in, lab.ui.retrospective, lab.learner.learner
from lab.bucket.choice import choose
from lab.errors import LabError
from lab.settings import Settings
choose(Settings()).bucket
for bucket in ("embedded", "s3://my-bucket/lab"):
    try: choose(Settings(bucket=bucket))
    except LabError as error: print(error)
"""


def test_without_the_extras_the_lab_is_there_and_says_which_one_a_bucket_needs():
    done = subprocess.run([sys.executable, "-c", WITHOUT], capture_output=True, text=True, check=False, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    assert [re.sub("boto(core|3)", "boto", line) for line in done.stdout.splitlines()] == [
        f"LAB_BUCKET={bucket} needs the package boto, which is not installed. In the clone of the lab, run: "
        'pip install -e ".[s3]"'
        for bucket in ("embedded", "s3://my-bucket/lab")
    ]


def test_a_module_of_the_lab_that_is_missing_is_a_defect_and_no_extra():
    with pytest.raises(ModuleNotFoundError), needing("s3", "This"):
        raise ModuleNotFoundError("No module named 'lab.nowhere'", name="lab.nowhere")


@pytest.mark.parametrize(
    ("file", "extras"),
    [
        ("requirements.txt", ["grade", "s3"]),
        ("tests/requirements.txt", ["grade", "s3", "postgres", "test"]),
        (".ci/requirements.txt", ["dev"]),
    ],
)
def test_each_file_of_requirements_is_what_the_project_declares(file, extras):
    own = PROJECT["dependencies"] if file != ".ci/requirements.txt" else []
    wanted = [*own, *(text for extra in extras for text in EXTRAS[extra])]
    found = {str(requirement) for requirement in declared(file)}
    assert found == {str(Requirement(text)) for text in wanted if not text.startswith(PROJECT["name"])}


def test_each_extra_that_names_another_one_names_one_that_is_there():
    for text in (text for texts in EXTRAS.values() for text in texts if text.startswith(PROJECT["name"])):
        assert Requirement(text).extras <= set(EXTRAS)


def test_the_container_has_the_driver_that_was_tested():
    (driver,) = EXTRAS["postgres"]
    assert f'"{driver}"' in (ROOT / "Containerfile").read_text(encoding="utf-8")


def test_the_console_script_is_the_command_line():
    ((_, place),) = PROJECT["scripts"].items()
    module, _, name = place.partition(":")
    assert callable(getattr(import_module(module), name))


def test_the_hooks_before_a_commit_are_those_of_ci():
    hooks = yaml.safe_load((ROOT / ".pre-commit-config.yaml").read_text(encoding="utf-8"))["repos"]
    entries = [hook["entry"] for repository in hooks for hook in repository["hooks"]]
    lines = (ROOT / ".ci" / "run").read_text(encoding="utf-8").splitlines()
    assert entries == ["ruff check", "ruff format --check", "mypy"]
    for entry in entries:
        assert any(line.startswith(entry) for line in lines)
    assert "bash .ci/run" in (ROOT / ".github" / "workflows" / "ci.yml").read_text(encoding="utf-8")


@pytest.mark.slow
def test_what_tests_and_tools_import_is_declared():
    tested, known = names("tests/requirements.txt"), names(".ci/requirements.txt")
    more = {name: file for name, file in imported("tests", "tools").items() if name not in tested}
    assert {name: file for name, file in more.items() if name not in known or not file.startswith("tools/")} == {}


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
