"""All variables that the lab reads: one place reads them, a bad value gets a sentence, and the documents name all."""

import ast
import re
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.__main__ import main
from lab.commands.judging import COULD_NOT_RUN
from lab.errors import LabError
from lab.settings import STORE, VARIABLES, Settings, read_settings
from lab.startup import _SQLITE_FILE, hindrances
from lab.store.database import engine_of
from lab.ui.server import require_valid_settings

ROOT = Path(__file__).resolve().parent.parent
DEPLOYMENT = (ROOT / "docs" / "deployment.md").read_text(encoding="utf-8")
NAMES = {variable.name for variable in VARIABLES}
# Only compose reads these.
OF_COMPOSE = {"LAB_DOMAIN", "LAB_MEMORY"}
# With these, a process of the lab passes instructions to a process that it starts.
BETWEEN_PROCESSES = {"LAB_SETUP_CELLS", "LAB_SNAPSHOTS", "LAB_SECONDS"}
BAD = {
    "LAB_BUCKET": "s3://X",
    "LAB_STORE": "mysql://host/lab",
    "LAB_CLASS_CODE": "x" * 41,
    "LAB_LOG_DATA": "/nowhere/logs",
    "LAB_TEACHER_KEY": "too-short",
    "LAB_MAX_LEARNERS": "many",
    "LAB_PER_ADDRESS": "0",
    "LAB_FRAME_ANCESTORS": "moodle.example.edu",
    "LAB_CONFINE": "no",
    "LAB_RUN_FOLDER": "~nobody-of-this-name/runs",
    "LAB_CACHE": "~nobody-of-this-name",
    "SPARK_MASTER": "mesos://host:5050",
    "SPARK_CONF_DIR": "/nowhere/conf",
}


def named(sentences):
    """Return the variables that the sentences are about."""
    return [said.rpartition("For example: ")[2].partition("=")[0] for said in sentences]


def test_nothing_set_is_every_default():
    assert read_settings({}) == Settings()
    assert read_settings({variable.name: " " for variable in VARIABLES}) == Settings()


def test_each_variable_sets_a_field_of_its_own():
    assert [variable.field for variable in VARIABLES] == [field.name for field in fields(Settings)]
    for variable in VARIABLES:
        settings = read_settings({variable.name: f" {variable.example} "})
        assert str(getattr(settings, variable.field)) == variable.example
    with pytest.raises(FrozenInstanceError):
        settings.bucket = "another"


def test_every_example_is_valid(tmp_path):
    examples = {variable.name: variable.example for variable in VARIABLES} | {
        "SPARK_CONF_DIR": str(tmp_path),
        "LAB_LOG_DATA": str(ROOT / "tests" / "course_log_data"),
    }
    assert hindrances(examples) == ()


@pytest.mark.parametrize(("name", "value"), BAD.items())
def test_each_bad_value_is_a_sentence_with_an_example(name, value):
    (said,) = hindrances({name: value})
    assert said.endswith(f" For example: {name}={next(each.example for each in VARIABLES if each.name == name)}")
    secret = name in {"LAB_CLASS_CODE", "LAB_TEACHER_KEY"}
    assert (value not in said) if secret else (value in said or "mysql" in said)


@pytest.mark.parametrize(
    ("value", "bad"),
    [
        ("http://moodle.example.edu", "http://moodle.example.edu"),
        ("https://moodle.example.edu/", "https://moodle.example.edu/"),
        ("https://moodle.example.edu/course", "https://moodle.example.edu/course"),
        ("https://*.example.edu", "https://*.example.edu"),
        ("https://a.edu, https://b.edu", "https://a.edu,"),
        ("https://a.edu; script-src *", "https://a.edu;"),
        ("https://A.edu", "https://A.edu"),
        ("https://u@a.edu", "https://u@a.edu"),
        ("https://a.edu:", "https://a.edu:"),
        ("https://a..edu", "https://a..edu"),
        ("https://" + "a." * 127 + "edu", "https://a."),
        ("*", "*"),
        ("'self'", "'self'"),
    ],
)
def test_only_addresses_of_sites_may_show_the_lab(value, bad):
    (said,) = hindrances({"LAB_FRAME_ANCESTORS": value})
    assert bad in said.partition(", in which ")[2]
    assert said.endswith("For example: LAB_FRAME_ANCESTORS=https://moodle.example.edu")


def test_several_sites_may_show_the_lab_but_not_any_number():
    sites = [f"https://lms-{number}.example.edu:8443" for number in range(11)]
    assert read_settings({"LAB_FRAME_ANCESTORS": "  ".join(sites[:10])}).frame_ancestors == " ".join(sites[:10])
    (said,) = hindrances({"LAB_FRAME_ANCESTORS": " ".join(sites)})
    assert "11 sites. Name 10 at most." in said


def test_what_several_rooms_refuse_is_said_at_once():
    assert named(hindrances(BAD)) == [
        "LAB_TEACHER_KEY", "LAB_MAX_LEARNERS", "LAB_PER_ADDRESS", "LAB_FRAME_ANCESTORS", "LAB_CONFINE",
        "LAB_RUN_FOLDER", "LAB_CACHE",
    ]  # fmt: skip
    rooms = {
        name: BAD[name]
        for name in BAD
        if name.startswith("SPARK") or name in {"LAB_BUCKET", "LAB_STORE", "LAB_LOG_DATA"}
    }
    assert named(hindrances(rooms)) == [
        "LAB_BUCKET", "LAB_STORE", "LAB_LOG_DATA", "SPARK_MASTER", "SPARK_CONF_DIR",
    ]  # fmt: skip


def test_no_password_is_said():
    for url in ("mysql://u:secret@host/lab", "postgresql+nosuch://u:secret@h/l", "postgresql://u:secret@h:port/l"):
        (said,) = hindrances({"LAB_STORE": url})
        assert "secret" not in said


def test_what_is_secret_does_not_get_into_a_log():
    key = "the-key-of-the-teacher"
    settings = read_settings(
        {"LAB_STORE": "postgresql://u:secret@h/l", "LAB_CLASS_CODE": "streams-27", "LAB_TEACHER_KEY": key}
    )
    assert key not in repr(settings)
    assert "secret" not in repr(settings)
    assert "streams-27" not in repr(settings)


def test_a_driver_that_is_not_installed_is_named_with_what_installs_it(monkeypatch):
    def missing(*_, **__):
        raise ModuleNotFoundError("No module named 'psycopg'", name="psycopg")

    monkeypatch.setattr("lab.store.database.create_engine", missing)
    (said,) = hindrances({"LAB_STORE": "postgresql+psycopg://host/lab"})
    assert "LAB_STORE=postgresql+psycopg://… needs the package psycopg, which is not installed" in said
    assert 'pip install -e ".[postgres]"' in said


@given(st.dictionaries(st.sampled_from(sorted(NAMES)), st.text(st.characters(exclude_characters="\x00"), max_size=30)))
def test_whatever_is_set_is_read_or_refused_with_its_name(environment):
    try:
        read_settings(environment)
    except LabError as error:
        said = error.what
    else:
        return
    assert any(f"{name} is " in said for name in environment)


def test_no_command_starts_with_a_setting_that_is_not_valid(monkeypatch, capsys):
    monkeypatch.setenv("LAB_MAX_LEARNERS", "many")
    monkeypatch.setenv("LAB_CONFINE", "no")
    assert main(["results"]) == COULD_NOT_RUN
    printed = capsys.readouterr()
    assert printed.out == ""
    assert named(printed.err.splitlines()) == ["LAB_MAX_LEARNERS", "LAB_CONFINE"]


def test_no_server_starts_with_one_either(monkeypatch):
    require_valid_settings()
    monkeypatch.setenv("LAB_PER_ADDRESS", "-1")
    with pytest.raises(SystemExit, match=r"The lab does not start:\nLAB_PER_ADDRESS is '-1'"):
        require_valid_settings()


def test_nor_one_that_must_confine_java_and_cannot(monkeypatch):
    monkeypatch.setattr("lab.engine.confinement._hindrance", lambda: "There is none here")
    monkeypatch.setenv("LAB_CONFINE", "auto")
    require_valid_settings()
    monkeypatch.setenv("LAB_CONFINE", "required")
    with pytest.raises(SystemExit, match="The lab does not start:\nThere is none here, and LAB_CONFINE says"):
        require_valid_settings()


def test_the_doctor_begins_with_it_and_looks_at_nothing_with_other_settings(monkeypatch, capsys):
    monkeypatch.setenv("LAB_CONFINE", "no")
    assert main(["doctor", "--no-start"]) == 1
    printed = capsys.readouterr().out
    assert "MISSING  Settings    LAB_CONFINE is 'no'." in printed
    assert "Store" not in printed


# --- one place


def test_nothing_else_of_the_lab_looks_into_the_environment_for_a_setting():
    found = {
        (file.relative_to(ROOT).as_posix(), name)
        for file in (ROOT / "lab").rglob("*.py")
        for node in ast.walk(ast.parse(file.read_text(encoding="utf-8")))
        for name in _asked(node)
    }
    assert {name for _, name in found} & NAMES == set()
    # A variable whose name is defined elsewhere may be read only in processes that the lab has started.
    assert {file for file, name in found if not name} <= {
        "lab/handin/execute.py",
        "lab/handin/kernel.py",
        "lab/handin/grader/kernel_recorder.py",
    }


def _asked(node):
    """Return the names of variables that an expression reads; an empty name where it is not a literal."""
    match node:
        case ast.Subscript(value=ast.Attribute(attr="environ"), slice=key, ctx=ast.Load()):
            pass
        case ast.Call(func=ast.Attribute(value=ast.Attribute(attr="environ"), attr="get"), args=[key, *_]):
            pass
        case ast.Call(func=ast.Attribute(attr="getenv"), args=[key, *_]):
            pass
        case _:
            return []
    return [key.value if isinstance(key, ast.Constant) else ""]


# --- documents


def rows(heading):
    """Return the rows of the first table below a heading, by their first cells."""
    table = re.search(r"(?:^\|.*\n)+", DEPLOYMENT.partition(f"\n{heading}")[2], re.MULTILINE).group()
    found = [[cell.strip() for cell in row.strip("|").split(" | ")] for row in table.splitlines()[2:]]
    return {name.strip("`"): rest for name, *rest in found}


def test_the_table_of_settings_is_that_of_the_lab():
    assert rows("## Every setting") == {
        variable.name: [variable.what, variable.otherwise, f"`{variable.example}`"] for variable in VARIABLES
    }


def test_what_compose_takes_is_a_setting_or_its_own():
    taken = set(re.findall(r"\$\{(\w+)", (ROOT / "compose.yaml").read_text(encoding="utf-8")))
    assert set(rows("**Variables.**")) == taken
    assert taken - NAMES == OF_COMPOSE


def test_every_variable_that_a_document_names_is_there():
    files = [ROOT / "README.md", ROOT / "SECURITY.md", ROOT / "compose.yaml", ROOT / "Containerfile"]
    files += [*ROOT.glob("docs/*.md"), *(ROOT / "lab").rglob("*.py")]
    named = {
        (name, file.relative_to(ROOT).as_posix())
        for file in files
        for name in re.findall(r"\bLAB_[A-Z_]*[A-Z]\b(?!-)", file.read_text(encoding="utf-8"))
    }
    others = {("LAB_BYTES", "lab/course/waiting.py")}
    assert {
        (name, file) for name, file in named if name not in NAMES | OF_COMPOSE | BETWEEN_PROCESSES
    } - others == set()


@pytest.mark.parametrize(
    "url", ["sqlite:///lab.sqlite", "sqlite:////srv/lab.sqlite", "sqlite:///C:\\lab\\a.sqlite", "sqlite:///:x"]
)
def test_a_file_of_sqlite_is_taken_without_sqlalchemy_and_by_it(url):
    assert _SQLITE_FILE.fullmatch(url)
    assert hindrances({STORE: url}) == ()
    engine = engine_of(url)
    assert engine.url.database not in {None, "", ":memory:"}
    engine.dispose()


@pytest.mark.parametrize("url", ["sqlite://", "sqlite:///", "sqlite:///:memory:", "mysql:///x", "sqlite:///a?b=c"])
def test_every_other_database_is_looked_at_by_sqlalchemy(url):
    assert not _SQLITE_FILE.fullmatch(url)
