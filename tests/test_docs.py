"""The documents name only what exists."""

import json
import re
from pathlib import Path

import pytest

from lab import __version__
from lab.__main__ import main
from lab.bucket.policy import OBJECT_ACTIONS
from lab.bucket.s3_errors import REFUSALS
from lab.engine.settings import JVM_FLAGS, spark_settings
from lab.handin.reports.wide import COLUMNS
from lab.learner.trial import try_answer
from lab.lesson.steps import STEPS
from lab.ui.shell import CLASS_PAGES, PAGES, TEACHERS_PAGES

ROOT = Path(__file__).resolve().parent.parent
README = (ROOT / "README.md").read_text()
TOUR = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8")
S3 = (ROOT / "docs" / "s3.md").read_text()


def test_the_map_names_every_room_and_no_other():
    rooms = {path.name + "/" * path.is_dir() for path in (ROOT / "lab").iterdir()} - {"__init__.py", "__pycache__/"}
    drawn = re.search(r"\nlab/\n((?:  .*\n)+)", README).group(1)
    assert {line.split()[0] for line in drawn.splitlines()} == rooms


def test_every_page_is_in_the_table_and_in_the_folder():
    assert {f"{name}.py" for name, _, _ in (*PAGES, *CLASS_PAGES, *TEACHERS_PAGES)} == {
        path.name for path in (ROOT / "pages").glob("*.py")
    }
    for _, title, _ in (*PAGES, *CLASS_PAGES, *TEACHERS_PAGES):
        assert f"\n| {title} |" in README


def test_every_command_is_in_the_readme(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    commands = re.search(r"\{(.+?)\}", capsys.readouterr().out).group(1).split(",")
    for command in commands:
        assert f"python -m lab {command}" in README


def test_links_and_pictures_lead_somewhere():
    for document in [ROOT / "README.md", ROOT / "CONTRIBUTING.md", *ROOT.glob("docs/*.md")]:
        for target in re.findall(r"\]\(([^)#]+)", document.read_text()):
            assert (document.parent / target).exists(), (document, target)


def test_the_tour_of_the_code_leads_to_what_is_there():
    """Each file that the tour names exists, and so does each name that it mentions with a file."""
    for file, name in re.findall(r"`((?:lab|pages|tests|docs|\.ci|\.github)/[\w./-]*)`(?::\s+`(\w+)`)?", TOUR):
        assert (ROOT / file).exists(), file
        if name:
            text = (ROOT / file).read_text(encoding="utf-8")
            assert re.search(rf"^\s*(?:async )?(?:def|class) {name}\b|^{name}\b.*=", text, re.MULTILINE), (file, name)


def test_the_tour_names_the_mistakes_by_their_files():
    there = {path.name for path in (ROOT / "lab" / "lesson" / "mistakes").glob("*.py")}
    of_mistakes = there - {"__init__.py", "mistake.py", "statements.py"}
    assert {name for name in of_mistakes if f"`{name}`" not in TOUR} == set()


def test_the_answer_of_the_tour_passes(classroom):
    (answer,) = re.findall(r"write `(logSchema = .+?)`", TOUR)
    engine = classroom.engine
    assert try_answer(STEPS["schema"], answer, engine.root, engine.run_folder)[1].outcome == "passed"


def test_every_policy_in_the_documents_is_what_the_command_prints(capsys):
    policies = [json.loads(block) for block in re.findall(r"```json\n(.+?)```", S3, re.DOTALL) if "Statement" in block]
    assert main(["s3-setup", "s3://my-bucket/lab", "--print-policy"]) == 0
    one = json.loads(capsys.readouterr().out)
    assert main(["s3-setup", "s3://my-bucket/lab", "--learner", "ada", "grace", "--print-policy"]) == 0
    assert policies == [one, json.loads(capsys.readouterr().out)["ada"]]
    assert set(re.findall(r"^\| `(s3:\w+)`", S3, re.MULTILINE)) == {"s3:ListBucket", *OBJECT_ACTIONS}


def test_a_server_takes_the_rules_of_the_documents(embedded):
    (rules,) = [block for block in re.findall(r"```json\n(.+?)```", S3, re.DOTALL) if '"Rules"' in block]
    name, rules = "rules-by-test", json.loads(rules)
    embedded.connection.ask(lambda s3: s3.create_bucket(Bucket=name))
    embedded.connection.ask(lambda s3: s3.put_bucket_lifecycle_configuration(Bucket=name, LifecycleConfiguration=rules))
    kept = embedded.connection.ask(lambda s3: s3.get_bucket_lifecycle_configuration(Bucket=name))
    assert kept["Rules"] == rules["Rules"]


def test_every_refusal_of_s3_is_in_the_table():
    for refusal in REFUSALS:
        assert f"\n| {refusal.what.format(place='s3://…')} |" in S3, refusal.what


def test_the_version_is_the_same_everywhere():
    assert f'version = "{__version__}"' in (ROOT / "pyproject.toml").read_text()


def test_every_setting_has_a_reason_and_stands_once(tmp_path):
    settings = [*JVM_FLAGS, *spark_settings(tmp_path)]
    assert all(setting.reason for setting in settings)
    assert len({setting.name for setting in settings}) == len(settings)


def test_the_columns_of_the_table_for_platforms_are_in_its_document():
    text = (ROOT / "docs" / "teaching.md").read_text(encoding="utf-8")
    for name, words in COLUMNS.items():
        assert f"\n| {name} | {words} |" in text
