"""A step is one module: what the lab makes from the modules, and that a step can be added as CONTRIBUTING.md says."""

import re
import shutil
import subprocess
import sys
from pathlib import Path
from textwrap import dedent

import pytest

from lab.lesson.mistakes import MISTAKES
from lab.lesson.pages import PAGES
from lab.lesson.steps import EXERCISES, GROUPS, STEPS, check_of, mistakes_of, required

ROOT = Path(__file__).resolve().parent.parent
RECIPE = re.search(
    r"^## Add a step\n(.+?)^## ", (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8"), re.DOTALL | re.MULTILINE
)[1]
# Spark uses these words, too, or they name a page or a variable.
OTHER_WORDS = {"schema", "sev0", "stop"}


def files_naming(step_id):
    for folder in ("lab", "pages"):
        for path in (ROOT / folder).rglob("*.py"):
            if re.search(rf"""["']{step_id}["']""", path.read_text(encoding="utf-8")):
                yield path.relative_to(ROOT).as_posix()


@pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
def test_a_step_stands_in_its_module_and_on_its_page_and_nowhere_else(step):
    own = f"lab/lesson/steps/{step.id.replace('-', '_')}"
    named, page = set(files_naming(step.id)), f"pages/{step.page}.py"
    own_files = {path for path in named if path.startswith((f"{own}/", f"{own}."))}
    assert own_files
    assert page in named
    assert step.id in OTHER_WORDS or named == own_files | {page}


@pytest.mark.parametrize("step", EXERCISES, ids=lambda step: step.id)
def test_every_exercise_has_what_an_exercise_has(step):
    assert step.task
    assert len(step.hints) == 3
    assert step.why
    assert step.passed
    assert step.part
    assert callable(check_of(step))
    assert all(mistake.steps == (step,) for mistake in mistakes_of(step))
    assert {program.step_id for mistake in mistakes_of(step) for program in mistake.programs} <= {step.id}


def test_every_step_is_on_a_page_that_there_is_and_comes_after_what_it_needs():
    pages, order = [name for name, _, _ in PAGES], list(STEPS)
    for step in STEPS.values():
        assert step.page in pages
        assert all(order.index(known.id) < order.index(step.id) for known in required(step))
        assert all(pages.index(known.page) <= pages.index(step.page) for known in required(step))


def test_every_result_is_asked_of_the_step_that_has_it():
    for step in STEPS.values():
        assert {group.step_id for group in step.results} <= {step.id}
    assert [group.id for group in GROUPS] == ["volume-first", "volume-second", "log-first", "log-second"]


def test_no_mistake_is_lost_between_the_modules():
    assert {mistake.id for step in EXERCISES for mistake in mistakes_of(step)} <= {mistake.id for mistake in MISTAKES}


def follow(recipe, root):
    """Follow the recipe in a copy of the lab, and do nothing else."""
    for path, text in re.findall(r"`([\w/.]+)`:\n\n +```python\n(.+?)\n +```\n", recipe, re.DOTALL):
        module = root / "lab" / "lesson" / "steps" / path
        module.parent.mkdir(exist_ok=True)
        module.write_text(dedent(text) + "\n", encoding="utf-8")
    for path, line, added in re.findall(r"^ +\| `([^`]+)` \| `([^`]+)` \| `([^`]+)` \|$", recipe, re.MULTILINE):
        text, times = re.subn(
            rf"^( *){re.escape(line)}$", rf"\g<0>\n\g<1>{added}", (root / path).read_text("utf-8"), flags=re.MULTILINE
        )
        assert times
        (root / path).write_text(text, encoding="utf-8")


@pytest.fixture
def with_a_step(tmp_path):
    """Return a function that runs a Python module in a copy of the lab, to which the recipe has added a step."""
    for name in ("lab", "pages", "data", "tests", "streamlit_app.py", "pyproject.toml"):
        place = ROOT / name
        copy = shutil.copytree if place.is_dir() else shutil.copy
        copy(place, tmp_path / name)
    follow(RECIPE, tmp_path)

    def run(*arguments):
        done = subprocess.run(
            [sys.executable, "-m", *arguments], cwd=tmp_path, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stdout[-5000:]

    return run


@pytest.mark.slow
def test_a_step_that_is_added_as_the_recipe_says_is_everywhere(with_a_step):
    museum = "tests/test_pages.py::test_the_museum_shows_every_mistake_and_runs_it_apart"
    with_a_step("pytest", "-q", "-n0", "-p", "no:cacheprovider", "tests/added_step.py", museum)


@pytest.mark.slow
def test_the_recipe_is_written_as_the_linters_want_it(with_a_step):
    pytest.importorskip("ruff", reason="the linters come with pip install -r .ci/requirements.txt")
    with_a_step("ruff", "check", "--fix", "--no-cache", "lab/lesson/steps", "pages")
    with_a_step("ruff", "format", "--no-cache", "--check", "lab/lesson/steps", "pages")
