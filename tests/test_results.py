"""The check of the four results, on hand-made observations."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab import dataset
from lab.engine.observe import Batch, Observations
from lab.formulas import FORMULAS
from lab.lesson.results import GROUPS, check
from lab.records import read_log_file

VOLUME_FIRST, VOLUME_SECOND, LOG_FIRST, LOG_SECOND = GROUPS
BOTH = [dataset.FIRST.files, dataset.SECOND.files]


def observed(*deliveries, seen=None, run="r"):
    """Return observations with a new run of the query, which has read each delivery in one batch."""
    seen = seen or Observations()
    seen.started(run, run, "a query")
    for number, names in enumerate(deliveries):
        files = tuple(dataset.SHIPPED.log_file(name) for name in names)
        seen.finished(run, Batch(number, datetime.now(UTC), 0, None, (), files))
    return seen


def said(group, answer, *deliveries):
    return check(group, answer, observed(*deliveries).runs)


@pytest.mark.parametrize(
    "answer",
    [
        "s1 1.2\ns2 1.25",
        "s2,1.25\ns1,1.2\n",
        "s1: 6/5\ns2: 5/4",
        "+--------+---------+\n|serverID|avgVolume|\n|      s1|      1.2|\n|      s2|     1.25|\n+--------+---------+",
        "<pre>\ns1 1.20\ns2 1.254\n</pre>",
    ],
)
def test_the_ways_to_write_a_right_volume(answer):
    assert said(VOLUME_FIRST, answer, *BOTH).outcome == "passed"


def test_each_group_is_checked_at_its_own_time():
    assert said(VOLUME_SECOND, "s1 1.3\ns2 1.5", *BOTH).outcome == "passed"
    assert said(VOLUME_SECOND, "s1 1.2\ns2 1.25", *BOTH).outcome == "wrong"


@pytest.mark.parametrize("formula", FORMULAS, ids=lambda formula: formula.id)
@pytest.mark.parametrize("group", [VOLUME_FIRST, VOLUME_SECOND], ids=["first", "second"])
def test_a_wrong_number_is_traced_to_its_formula(group, formula):
    files = [dataset.SHIPPED.log_file(name) for name in group.files(dataset.SHIPPED)]
    answer = "\n".join(f"{server} {volume:.2f}" for server, volume in formula.volumes(files).items())
    feedback = said(group, answer, *BOTH)
    assert feedback.outcome == "wrong"
    assert formula.sentence in feedback.message


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        ("s1 1.2\ns2 1.3", "wrong", "5 SEV2 records, and its records reach from t2 to t5, which is 4 time units"),
        ("s1 1.2", "wrong", "s2 is missing"),
        ("s1 1.2\ns2 1.25\ns3 1", "wrong", "names s3; it has s1, s2"),
        ("s1 1.2\ns1 1.2", "wrong", "s1 stands there twice"),
        ("s1 much", "error", "Line 1: 'much' is not a number. Expected one line a row"),
        ("s1 1/0\ns2 1", "error", "'1/0' is not a number"),
        ("hello", "error", "Line 1, 'hello', is not a server and a value"),
        ("s1 1.2 extra", "error", "Line 1"),
        ("   \n", "not attempted", "Write one line a row"),
        ("s1 nan\ns2 nan", "error", "'nan' is not a number"),
        ("s1 inf\ns2 1", "error", "'inf' is not a number"),
    ],
)
def test_what_is_said_of_a_volume(answer, outcome, words):
    feedback = said(VOLUME_FIRST, answer, *BOTH)
    assert feedback.outcome == outcome
    assert words in feedback.message


RIGHT_LOG = "s1 1\ns1 3\ns2 3\ns1 5\ns2 5"


@pytest.mark.parametrize(
    ("answer", "outcome", "words"),
    [
        (RIGHT_LOG, "passed", "5 rows"),
        (RIGHT_LOG.replace(" ", ","), "passed", ""),
        (RIGHT_LOG.replace(" ", " t"), "passed", ""),
        ("s1 1\ns2 3\ns1 3\ns1 5\ns2 5", "wrong", "row 2 is 's2 3', expected 's1 3'"),
        ("s1 1\ns1 3", "wrong", "2 of 5 rows; 's2 3' is missing"),
        (RIGHT_LOG + "\ns1 9", "wrong", "No SEV0 record stands behind 's1 9'"),
        (RIGHT_LOG + "\ns1 1", "wrong", "No SEV0 record stands behind 's1 1'"),
        ("s1 1.5", "error", "Line 1: '1.5' is not a timestamp"),
    ],
)
def test_what_is_said_of_a_log(answer, outcome, words):
    feedback = said(LOG_FIRST, answer, *BOTH)
    assert feedback.outcome == outcome
    assert words in feedback.message


def test_a_log_whose_pair_fell_into_two_batches_comes_in_two_sorted_runs():
    split = [("s115.csv",), ("s215.csv",), ("s1610.csv", "s2610.csv")]
    assert said(LOG_FIRST, "s1 1\ns1 3\ns1 5\ns2 3\ns2 5", *split).outcome == "passed"
    assert said(LOG_FIRST, RIGHT_LOG, *split).outcome == "wrong"


@pytest.mark.parametrize("group", GROUPS, ids=lambda group: group.id)
def test_nothing_delivered_is_not_attempted(group):
    feedback = check(group, "s1 1", ())
    assert feedback.outcome == "not attempted"
    assert "s115.csv" in feedback.message


def test_half_a_pair_is_named():
    message = said(VOLUME_SECOND, "s1 1", dataset.FIRST.files, ("s1610.csv",)).message
    assert "has not read s2610.csv yet" in message
    assert "page Volume report" in message


def test_files_that_came_too_early_count_and_are_named():
    feedback = said(VOLUME_FIRST, "s1 1.3\ns2 1.5", dataset.FILES)
    assert feedback.outcome == "passed"
    assert "had also read s1610.csv, s2610.csv by then" in feedback.message


def test_a_wrong_answer_for_files_that_came_too_early_says_how_to_have_the_pair_alone():
    feedback = said(VOLUME_FIRST, "s1 1.2\ns2 1.25", dataset.FILES)
    assert feedback.outcome == "wrong"
    assert "had also read s1610.csv, s2610.csv by then" in feedback.message
    assert "empty the live folder, restart the query" in feedback.message


def test_the_run_in_which_exactly_the_files_were_read_counts_first():
    seen = observed(*BOTH, run="first")
    observed(dataset.FILES, seen=seen, run="restarted")
    assert check(VOLUME_FIRST, "s1 1.2\ns2 1.25", seen.runs).outcome == "passed"


def test_a_file_with_bad_lines_among_what_was_read_is_named():
    seen = Observations()
    seen.started("r", "r", "a query")
    bad = read_log_file("odd.csv", b"s1,9,1\n")
    files = (*(dataset.SHIPPED.log_file(name) for name in dataset.FIRST.files), bad)
    seen.finished("r", Batch(0, datetime.now(UTC), 0, None, (), files))
    feedback = check(VOLUME_FIRST, "s1 1.2\ns2 1.25", seen.runs)
    assert feedback.outcome == "error"
    assert (
        "also read odd.csv, in which not every line is a record (odd.csv, line 1: '9' is not a severity"
        in feedback.message
    )


@given(st.text(), st.sampled_from(GROUPS))
def test_any_answer_gets_feedback(answer, group):
    feedback = said(group, answer, *BOTH)
    assert feedback.outcome != "passed"
    assert feedback.message
