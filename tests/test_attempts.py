"""A class's files graded without Spark: whose each file is, which attempt counts, and whose log files were used."""

import csv
import io
import os
from datetime import UTC, datetime

import pytest
from notebooks import changed, notebook, right
from test_arrivals import put

from lab.dataset import SHIPPED
from lab.handin.grader import batch
from lab.handin.grader.alike import MAX_LISTED
from lab.handin.grader.batch import grade_all
from lab.handin.grader.report import page, table
from lab.handin.grader.rerun import Rerun
from lab.handin.grader.walk import arrivals_in
from lab.handin.notebook import METADATA, to_bytes
from lab.variants import dataset_for

CODE = "9b"
NOT_RUN = "Not counted, and not run"
MOODLE = "Jane Doe_12345_assignsubmission_file_"


@pytest.fixture
def grading(tmp_path):
    """Return a function that puts notebooks into a folder and grades it; runs are recorded, and have no results."""

    def grade(files, class_code="", **options):
        for place, made in files.items():
            put(tmp_path, place)
            (tmp_path / place).write_bytes(made if isinstance(made, bytes) else to_bytes(made))
        grade.runs = []

        def run(submission, dataset):
            grade.runs.append((submission.file, dataset.seed))
            return Rerun()

        return grade_all(arrivals_in([tmp_path]).found, run, class_code, **options)

    return grade


def foreign(text="", dataset=SHIPPED):
    """Return a notebook without the lab's metadata about its owner; a different text makes it a different notebook."""
    made = notebook(claims=right(dataset) if text == "claims" else {}, dataset=dataset)
    del made.metadata[METADATA]
    made.cells[0].source += text
    return made


def test_attempts_of_one_learner_stand_together_and_the_newest_counts(grading):
    graded = grading(
        {
            "doejane_123_456_lab8.ipynb": foreign("1"),
            "doejane_LATE_123_457_lab8-1.ipynb": foreign("2"),
            "lab8-Bob-Copy1.ipynb": foreign("3"),
            "lab8-Bob.ipynb": foreign("4"),
            "lab8-Eva-2.ipynb": foreign("5"),
            "lab8-Eva.ipynb": foreign("6"),
        }
    )
    assert [(each.file, each.learner, each.counts) for each in graded] == [
        ("doejane_LATE_123_457_lab8-1.ipynb", "doejane", True),
        ("doejane_123_456_lab8.ipynb", "doejane", False),
        ("lab8-Bob-Copy1.ipynb", "Bob", True),
        ("lab8-Bob.ipynb", "Bob", False),
        ("lab8-Eva-2.ipynb", "Eva-2", True),
        ("lab8-Eva.ipynb", "Eva", False),
    ]
    assert [file for file, _ in grading.runs] == [each.file for each in graded if each.counts]
    assert graded[1].error.startswith(f"{NOT_RUN}: the attempt doejane_LATE_123_457_lab8-1.ipynb is newer")


def test_without_numbers_the_time_of_the_file_tells_the_newest(grading, tmp_path):
    files = {f"{MOODLE}/a/lab8.ipynb": foreign("1"), f"{MOODLE}/b/lab8.ipynb": foreign("2")}
    grading(files)
    for name, time in zip(files, (2_000_000_000, 1_000_000_000), strict=True):
        os.utime(tmp_path / name, (time, time))
    assert [(each.file, each.counts) for each in grading({})] == list(zip(files, (True, False), strict=True))


def test_different_people_are_not_attempts_of_one(grading):
    graded = grading(
        {
            # Two learners whose names end in numbers, and one who has handed in a friend's notebook.
            "lab8-Twin-1.ipynb": foreign("1"),
            "lab8-Twin-2.ipynb": foreign("2"),
            "Ada_1_assignsubmission_file_/lab8.ipynb": notebook(name="Ada"),
            "Bob_2_assignsubmission_file_/lab8.ipynb": notebook(name="Ada"),
            "one/lab8-Ada.ipynb": notebook(name="Ada"),
            "other/lab8-Ada.ipynb": notebook(name="Ada"),
            "lab8.ipynb": foreign("4"),
            "lab8 (1).ipynb": foreign("5"),
        },
        attempts="all",
    )
    assert all(each.counts for each in graded)
    assert len({each.file for each in graded}) == 8
    bob = next(each for each in graded if each.file.startswith("Bob"))
    assert "Moodle has it from Bob, the notebook was made for Ada." in bob.notes
    assert any(note.startswith("The file is the same as Ada_1") for note in bob.notes)


def test_a_number_in_a_name_is_no_attempt_unless_there_is_a_first_one(grading):
    some = {"lab8-Twin-1.ipynb": foreign("1"), "lab8-Twin-2.ipynb": foreign("2")}
    assert all(each.counts for each in grading(some))
    named = {"lab8-Kim.ipynb": notebook(name="Kim"), "lab8-Kim-1.ipynb": notebook(name="Kim 1")}
    assert all(each.counts for each in grading(named))
    graded = grading({"lab8-Twin.ipynb": foreign("3")})
    assert [each.file for each in graded if not each.counts] == ["lab8-Twin-1.ipynb", "lab8-Twin.ipynb"]


def test_the_best_counts_if_that_is_asked_for_and_all_are_run(grading, monkeypatch):
    points = {"lab8-Bob.ipynb": 50, "lab8-Bob (1).ipynb": 20, "lab8-Bob (2).ipynb": 50}
    real = batch.grade

    def grade(submission, dataset, run):
        found = real(submission, dataset, run)
        first, *rest = found.results
        return batch.replace(found, results=(batch.replace(first, points=points[submission.file]), *rest))

    monkeypatch.setattr(batch, "grade", grade)
    graded = grading({file: foreign(file) for file in points}, attempts="best")
    assert [(each.file, each.points, each.counts) for each in graded] == [
        ("lab8-Bob (2).ipynb", 50, True),
        ("lab8-Bob.ipynb", 50, False),
        ("lab8-Bob (1).ipynb", 20, False),
    ]
    assert "Not counted: the attempt lab8-Bob (2).ipynb counts, which is the best." in graded[1].notes
    assert all(each.counts for each in grading({}, attempts="all"))


def test_what_is_no_notebook_is_not_needed_beside_one_of_the_same_learner(grading):
    graded = grading(
        {
            f"{MOODLE}/lab8.ipynb": foreign("1"),
            f"{MOODLE}/lab8.pdf": b"%PDF",
            "Bob_2_assignsubmission_file_/lab8.py": b"x = 1",
            "Eva/lab8.ipynb": foreign("2"),
            "Eva/s115.csv": b"",
            "lab8-Zoe.ipynb": foreign("3"),
            "lab8-Zoe (1).ipynb": b"{",
        }
    )
    found = {each.file: each for each in graded}
    assert {file for file, each in found.items() if not each.counts} == {f"{MOODLE}/lab8.pdf", "Eva/s115.csv"}
    assert found[f"{MOODLE}/lab8.pdf"].error.startswith(f"Not needed, for {MOODLE}/lab8.ipynb is there. lab8.pdf is")
    assert found["Bob_2_assignsubmission_file_/lab8.py"].learner == "Bob"
    # The broken file may be the attempt that was meant.
    assert "not JSON" in found["lab8-Zoe (1).ipynb"].error


def test_the_report_tells_what_counts_and_whose_log_files_were_used(grading):
    graded = grading({"lab8-Bob.ipynb": foreign("1"), "lab8-Bob (1).ipynb": foreign("2")})
    rows = list(csv.DictReader(io.StringIO(table(graded), newline="")))
    assert [(row["points"], row["counts"], row["log_files"]) for row in rows] == [
        *[("0", "yes", "those of the lab")] * 5,
        *[("", "no", "")] * 5,
    ]
    text = page(graded, datetime(2025, 4, 1, tzinfo=UTC), ("Left out: 1 <b>.",))
    assert "2 notebooks,\n1 of which is not counted." in text
    assert "(not counted)" in text
    assert "Log files: those of the lab" in text
    assert "Left out: 1 &lt;b&gt;." in text


# --- whose log files


@pytest.mark.parametrize(
    ("place", "entered"),
    [
        ("lab8-JaneDoe.ipynb", "Jane Doe"),
        ("lab8-Jane-Doe.ipynb", "Jane Doe"),
        ("lab8-jane_doe.ipynb", "JaneDoe"),
        ("lab8-Doe Jane.ipynb", "Jane Doe"),
        ("lab8-JD.ipynb", "JD"),
        (f"{MOODLE}/lab8-JD.ipynb", "Jane Doe"),
        ("doejane_123_456_lab8.ipynb", "Jane Doe"),
    ],
)
def test_of_several_ways_to_write_a_name_the_one_whose_log_files_fit_is_taken(grading, place, entered):
    own = dataset_for(CODE, entered)
    made = foreign("")
    made.metadata[METADATA] = {"seed": own.seed}
    (graded,) = grading({place: made}, CODE)
    assert grading.runs[0][1] == own.seed
    assert graded.log_files.lower() == f"of {entered.lower()}"
    assert not any("log files" in note for note in graded.notes)


def test_without_a_seed_the_claimed_results_tell_and_else_it_is_noted(grading):
    own = dataset_for(CODE, "JaneDoe")
    (graded,) = grading({"lab8-Jane Doe.ipynb": foreign("claims", own)}, CODE)
    assert (graded.seed, graded.log_files) == (own.seed, "of JaneDoe")
    (graded,) = grading({"lab8-Jane Doe.ipynb": foreign("")}, CODE)
    assert (graded.seed, graded.log_files) == (dataset_for(CODE, "Jane Doe").seed, "of Jane Doe, as far as is known")
    assert any("such as JaneDoe, Jane-Doe, Jane_Doe, name the file" in note for note in graded.notes)
    (graded,) = grading({"lab8-Jane Doe.ipynb": b"{"}, CODE)
    assert graded.error


# --- which are the same


@pytest.mark.parametrize(("others", "said"), [(1, ""), (MAX_LISTED + 1, ""), (19, " and 16 more")])
def test_of_many_that_are_the_same_some_are_listed(grading, others, said):
    made = notebook(changed("volume-report", " + 1", " + 2"))
    made.metadata[METADATA] = {}
    files = {}
    for number in range(others + 1):
        made.cells[0].source = f"{number}"
        files[f"lab8-P{chr(65 + number)}.ipynb"] = to_bytes(made)
    note = next(note for note in grading(files)[0].notes if note.startswith("The code of every step"))
    shown = MAX_LISTED if said else others
    listed = ", ".join(f"lab8-P{chr(66 + number)}.ipynb" for number in range(shown))
    assert note == f"The code of every step is the same as in {listed}{said}."
