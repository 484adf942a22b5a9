"""The grades of a class in other formats: for an LMS, for Gradescope, and as a page for each learner."""

import csv
import io
import json
import os
import re
import zipfile
from datetime import UTC, datetime
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.handin.grader.grading import Grade, ResultGrade, not_graded, printable
from lab.handin.reports.feedback import feedback_page, feedback_zip
from lab.handin.reports.formats import FORMATS, files_of
from lab.handin.reports.gradescope import NOT_GRADED, gradescope_zip, results_of
from lab.handin.reports.packing import MAX_NAME, Packing, usable_name
from lab.handin.reports.wide import COLUMNS, wide_csv
from lab.handin.reports.words import LATER
from lab.lesson.results import GROUPS

AT = datetime(2026, 4, 1, 12, 30, tzinfo=UTC)
GOLDEN = Path(__file__).parent / "golden"
EVIL = "</pre><script>alert(1)</script>"
TEACHERS_ALONE = "The same code as lab8-Bob.ipynb"
NAMES = st.text(max_size=300)


def graded(file, learner, points=(25, 20, 0, None), claimed="s1 1.2\ns2 1.25", reason="A reason."):
    results = tuple(
        ResultGrade(group.id, each or 0, reason, claimed, "s1 1", graded=each is not None)
        for group, each in zip(GROUPS, points, strict=True)
    )
    return Grade(file, learner, "shipped", results, (TEACHERS_ALONE,), seconds=12.3, log_files="those of the lab")


CLASS = (
    graded("class.zip/Jane Doe_123_assignsubmission_file_/lab8.ipynb", "Jane Doe", (25, 25, 25, 25)),
    graded("roebob_4321_98765_lab8-Bob.ipynb", "Bob Roe"),
    graded("export/submission_777/lab8.ipynb", "Eva", (5, 0, 0, 0), reason="=HYPERLINK(1)"),
    not_graded("lab8-Zoë.ipynb", "lab8-Zoë.ipynb is empty.", "Zoë"),
    Grade("lab8-Old.ipynb", "Jane Doe", "", not_graded("x", "y").results, counts=False),
)


def rows(grades):
    return list(csv.DictReader(io.StringIO(wide_csv(grades).decode("utf-8-sig"), newline="")))


def unpacked(data):
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        assert archive.testzip() is None
        return {name: archive.read(name) for name in archive.namelist()}


def as_text(data):
    """Return a file as text; of a zip, each member below its name."""
    if data[:2] != b"PK":
        return data.decode("utf-8-sig")
    return "".join(f"--- {name}\n{text.decode()}\n" for name, text in unpacked(data).items())


@pytest.mark.parametrize("name", FORMATS)
def test_each_form_is_as_it_was(name):
    found = as_text(FORMATS[name].write(CLASS, AT)).replace("\r\n", "\n")
    golden = GOLDEN / f"grades-{name}.txt"
    if os.environ.get("LAB_WRITE_GOLDEN"):
        golden.write_text(found, encoding="utf-8", newline="\n")
    assert found == golden.read_text(encoding="utf-8")


@pytest.mark.parametrize("name", FORMATS)
def test_the_same_grades_give_the_same_bytes_and_nobody_gives_an_empty_form(name):
    write = FORMATS[name].write
    assert write(CLASS, AT) == write(CLASS, AT)
    assert as_text(write((), AT)) is not None


def test_a_row_a_learner_with_the_numbers_of_their_platforms():
    jane, bob, eva, zoe = rows(CLASS)
    assert tuple(jane) == tuple(COLUMNS)
    assert (jane["Identifier"], jane["Full name"], jane["ID"], jane["Grade"]) == (
        "Participant 123",
        "Jane Doe",
        "",
        "100",
    )
    assert (bob["ID"], bob["Student"], bob["Identifier"]) == ("4321", "Bob Roe", "")
    # A result that is not graded is not 0, and part of the points is not the grade.
    assert (bob["Grade"], bob["Graded"], bob[GROUPS[3].title], bob[GROUPS[2].title]) == ("", "in part", "", "0")
    assert (zoe["Grade"], zoe["Graded"]) == ("", "no")
    assert (eva["Grade"], eva["Graded"]) == ("5", "yes")


@given(NAMES, NAMES)
def test_no_cell_is_a_formula_and_each_learner_one_row(name, reason):
    [row] = rows([printable(graded("lab8.ipynb", name, reason=reason))])
    for value in row.values():
        assert not value.lstrip().startswith(("=", "+", "-", "@"))
        assert "\n" not in value


def test_gradescope_has_the_points_and_the_reasons_of_each_and_no_zero_that_nobody_earned():
    found = unpacked(gradescope_zip(CLASS, AT))
    assert set(found) == {
        "Jane Doe_123_assignsubmission_file_/results.json",
        "roebob_4321_98765_lab8-Bob/results.json",
        "submission_777/results.json",
        NOT_GRADED,
    }
    assert json.loads(found["submission_777/results.json"])["score"] == 5
    assert "lab8-Zoë.ipynb is empty." in found[NOT_GRADED].decode()
    partly = results_of(CLASS[1])
    assert (partly["score"], partly["output"]) == (45, "45 of 100 points, 1 result not graded yet.")
    assert [test.get("score") for test in partly["tests"]] == [25, 20, 0, None]
    assert [test.get("max_score") for test in partly["tests"]] == [25, 25, 25, None]
    assert [test.get("status") for test in partly["tests"]] == ["passed", "failed", "failed", None]
    assert all(test["visibility"] == "visible" and test["name"] and test["output"] for test in partly["tests"])


def test_feedback_lies_where_moodle_looks_for_it_and_says_nothing_that_is_for_the_teacher():
    found = unpacked(feedback_zip(CLASS, AT))
    assert "Jane Doe_123_assignsubmission_file_/feedback-lab8.html" in found
    assert len(found) == 4
    whole = "".join(page.decode() for page in found.values())
    assert TEACHERS_ALONE not in whole
    assert "Look at it yourself" not in whole
    assert LATER in whole
    for form in FORMATS:
        assert TEACHERS_ALONE not in as_text(FORMATS[form].write(CLASS, AT))


def test_a_page_of_feedback_fetches_nothing_and_runs_nothing():
    text = feedback_page(graded(f"{EVIL}.ipynb", EVIL, claimed=EVIL, reason=EVIL), AT)
    assert "<script" not in text.lower()
    assert "&lt;script&gt;" in text
    assert not re.search(r"(?: src=| href=|url\()", text)
    assert "default-src 'none'" in text


@given(st.lists(st.tuples(NAMES, NAMES.filter(bool)), max_size=8))
def test_every_system_can_unpack_every_name_and_none_is_lost(names):
    packing = Packing(AT)
    for number, (folder, name) in enumerate(names):
        packing.add(folder, name, str(number).encode())
    found = unpacked(packing.data())
    assert sorted(map(int, found.values())) == list(range(len(names)))
    assert len({name.casefold() for name in found}) == len(names)
    for place in found:
        assert not place.startswith("/")
        for part in place.split("/"):
            assert part not in {"", ".", ".."}
            assert part == part.strip(" .")
            assert not re.search(r'[<>:"\\|?*\x00-\x1f]', part)


@given(NAMES)
def test_a_name_is_cut_and_keeps_its_ending(text):
    assert len(usable_name(f"{text * 4}.ipynb").encode()) <= MAX_NAME + 1
    assert usable_name(f"{text}.ipynb").endswith("ipynb")
    assert usable_name("con.txt") == "_con.txt"
    assert usable_name("..") == "_"


def test_names_of_every_language_stay():
    assert (
        usable_name("Żółć 李 O'Brien–Müller_12_assignsubmission_file_")
        == "Żółć 李 O'Brien–Müller_12_assignsubmission_file_"
    )


def test_the_page_gives_all_of_it_under_the_names_of_the_command():
    assert [file.name for file in files_of(CLASS, AT)] == [
        "grades.html", "grades-lms.csv", "grades-gradescope.zip", "grades-feedback.zip", "grades.csv",
    ]  # fmt: skip
