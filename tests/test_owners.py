"""Whose a file is, judged by its name and its folder."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.handin.grader.owners import MAX_NAME, Owner, owner_in, spellings, split_names, squashed, without_count
from lab.variants import canonical_name

MOODLE = "Jane Doe_12345_assignsubmission_file_"


@pytest.mark.parametrize(
    ("place", "owner"),
    [
        ("lab8-Ada.ipynb", Owner("Ada")),
        ("empty-lab8-Ada-Lovelace.ipynb", Owner("Ada-Lovelace")),
        ("Lab8.ipynb", Owner()),
        ("notebook.ipynb", Owner()),
        ("lab88-Ada.ipynb", Owner()),
        ("lab8-YOURNAME.ipynb", Owner()),
        ("Lab_8_First.ipynb", Owner("First")),
        ("lab8 First Last.ipynb", Owner("First Last")),
        ("lab8\u2013Jane\u2014Doe.ipynb", Owner("Jane-Doe")),
        ("lab8_jane_doe.ipynb.txt", Owner("jane doe")),
        ("Jane Doe lab8.ipynb", Owner("Jane Doe")),
        ("lab8-12345.ipynb", Owner("12345")),
        # Outside of Canvas, a number may belong to the name.
        ("lab8-student-1.ipynb", Owner("student-1")),
        ("lab8-Ada (1).ipynb", Owner("Ada", attempt=(0, 1))),
        ("lab8-Ada(3).ipynb", Owner("Ada", attempt=(0, 3))),
        ("lab8-Jane Doe-Copy1.ipynb", Owner("Jane Doe", attempt=(0, 1))),
        ("lab8-Jane Doe - Copy.ipynb", Owner("Jane Doe", attempt=(0, 1))),
        ("lab8-Jane Doe - Copy (2).ipynb", Owner("Jane Doe", attempt=(0, 2))),
        ("Copy of lab8-Jane.ipynb", Owner("Jane", attempt=(0, 1))),
        ("lab8-Jane_v2.ipynb", Owner("Jane", attempt=(0, 2))),
        ("lab8-Jane_final.ipynb", Owner("Jane", attempt=(0, 99))),
        (f"{MOODLE}/lab8.ipynb", Owner("", "Jane Doe", "Moodle 12345")),
        (f"class.zip/{MOODLE}/src/lab8-JD.ipynb", Owner("JD", "Jane Doe", "Moodle 12345")),
        (f"{MOODLE}lab8-JD.ipynb", Owner("JD", "Jane Doe", "Moodle 12345")),
        ("doejane_123_456_lab8.ipynb", Owner("", "doejane", "Canvas 123", (456, 0))),
        ("doejane_LATE_123_456_lab8-JaneDoe-1.ipynb", Owner("JaneDoe", "doejane", "Canvas 123", (456, 1))),
        ("doejane_123_456_lab8.zip/lab8.ipynb", Owner("", "doejane", "Canvas 123", (456, 0))),
        (
            "Lab 8_jdoe_attempt_2026-11-20-10-15-30_lab8-JD.ipynb",
            Owner("JD", "jdoe", "Blackboard jdoe", (20261120101530, 0)),
        ),
        ("Lab_8_jdoe_attempt_2026-11-20-10-15-30.txt", Owner("", "jdoe", "Blackboard jdoe", (20261120101530, 0))),
        (
            "x/Lab 8_jdoe_attempt_2026-11-20-10-15-30_a.zip/b/lab8.ipynb",
            Owner("", "jdoe", "Blackboard jdoe", (20261120101530, 0)),
        ),
        # Otherwise a term and its year would look like an account, the same one for everybody.
        ("spring_2025_lab8-Jane.ipynb", Owner("Jane")),
        ("lab8_2025_001_Jane.ipynb", Owner("2025 001 Jane")),
        ("x" * 3_000, Owner()),
    ],
)
def test_whose_a_file_is(place, owner):
    assert owner_in(place) == owner


@given(st.text(max_size=80))
def test_no_name_is_too_odd_and_what_is_found_is_bounded(place):
    owner = owner_in(place)
    assert len(owner.name) <= MAX_NAME
    assert owner.name == owner.name.strip()


_WORDS = st.lists(st.sampled_from(["Jane", "Doe", "Zoë", "Łukasz", "Ada"]), min_size=2, max_size=3)


@given(_WORDS, st.sampled_from([" ", "-", "_", ""]), st.sampled_from(["", "-Copy1", " - Copy", " (1)"]))
def test_however_a_name_is_written_in_a_file_the_entered_one_is_among_its_spellings(words, joint, copy):
    named = owner_in(f"lab8-{joint.join(words)}{copy}.ipynb").named
    assert squashed(named) == squashed(" ".join(words))
    entered = {canonical_name(each) for each in spellings(named)}
    if joint or "Łukasz" not in words[1:]:  # only in plain letters do capitals show where a word begins
        assert canonical_name(" ".join(words)) in entered


def test_spellings_begin_with_the_name_as_it_stands_and_are_each_there_once():
    assert spellings("Ada") == ("Ada",)
    assert spellings("JaneDoe")[:3] == ("JaneDoe", "Jane Doe", "Jane-Doe")
    assert "Jane Doe" in spellings("Doe, Jane")
    assert spellings("--") == ("--",)
    assert "jane doe" in split_names("doejane")


@pytest.mark.parametrize(
    ("name", "parts"),
    [("Jane-1", ("Jane", 1)), ("Jane", ("Jane", 0)), ("-1", ("-1", 0)), ("Jane-2025", ("Jane-2025", 0))],
)
def test_a_number_at_the_end_of_a_name(name, parts):
    assert without_count(name) == parts


@given(st.integers(0, 10**9), st.text("abÅß李 .-_0123456789", max_size=20))
def test_a_folder_of_gradescope_says_which_submission_it_is_whatever_lies_in_it(number, file):
    found = owner_in(f"export.zip/assignment_5_export/submission_{number}/{file}.ipynb")
    assert (found.account, found.listed) == (f"Gradescope {number}", "")


def test_a_notebook_from_gradescope_is_of_who_is_named_in_it():
    found = owner_in("assignment_5_export/submission_777/lab8-Jane Doe.ipynb")
    assert (found.named, found.listed, found.account) == ("Jane Doe", "", "Gradescope 777")
    assert owner_in("submission_777.ipynb").account == ""
