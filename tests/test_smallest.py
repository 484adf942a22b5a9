"""The smallest log on which an answer is wrong."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.observe import Table
from lab.formulas import ALL
from lab.lesson.checks.smallest import MAX_RECORDS, SMALL, Example, as_text, smallest
from lab.lesson.steps import STEPS
from lab.oracle import REPORT_COLUMNS, volume_report
from lab.records import LogFile, Record

TOLERANCE = 0.005


def report(volumes):
    return Table(REPORT_COLUMNS, tuple(volumes.items()))


def wrong_by(compute):
    """Tries a way to compute the report."""

    def try_on(file):
        got, right = compute([file]), volume_report([file])
        same = got.keys() == right.keys() and all(abs(got[server] - right[server]) < TOLERANCE for server in right)
        return None if same else Example(file.records, report(right), report(got))

    return try_on


@pytest.mark.parametrize("formula", ALL, ids=lambda formula: formula.id)
def test_every_wrong_formula_shows_on_a_log_of_at_most_three_records(formula):
    found = smallest(wrong_by(formula.volumes))
    assert len(found.records) <= 3


def test_the_right_formula_is_wrong_on_no_log():
    log = [Record("s1", 2, 1), Record("s2", 1, 4)]
    assert smallest(wrong_by(volume_report), log) is None


@given(
    st.lists(st.builds(Record, st.sampled_from(["s1", "s2", "s3"]), st.integers(0, 2), st.integers(1, 20)), max_size=40)
)
def test_what_shows_on_no_small_log_is_found_in_the_one_that_was_delivered(log):
    # Wrong where s3 has two records of one time unit: that is in none of the small logs.
    def try_on(file):
        times = [record.timestamp for record in file.records if record.serverID == "s3"]
        return Example(file.records, report({}), report({})) if len(times) > len(set(times)) else None

    found = smallest(try_on, log)
    if try_on(LogFile("x", tuple(log))) is None:
        assert found is None
    else:
        assert len(found.records) == 2
        assert set(found.records) <= set(log)


def test_what_cannot_be_made_small_is_not_shown():
    log = [Record("s3", 2, time) for time in range(1, MAX_RECORDS + 2)]

    def try_on(file):
        return Example(file.records, report({}), report({})) if len(file.records) > MAX_RECORDS else None

    assert smallest(try_on, log) is None


def test_after_its_seconds_it_is_over():
    clock, tried = itertools.count(), []
    assert smallest(tried.append, clock=lambda: next(clock)) is None
    assert 0 < len(tried) < len(SMALL)


def test_small_logs_come_with_the_smallest_first():
    sizes = list(map(len, SMALL))
    assert sizes == sorted(sizes)
    assert len(set(SMALL)) == len(SMALL)


def test_a_table_as_text():
    table = Table(("serverID", "avgVolume"), (("s1", 1 / 3), ("s2", None)))
    assert as_text(table) == "serverID avgVolume\ns1 0.3333\ns2 null"
    assert as_text(Table(("a",), ())) == "a\n(no rows)"
    assert len(as_text(Table(("a" * 9_000,), (("x" * 9_000,),) * 9_000))) < 3_000


def test_a_wrong_answer_comes_with_the_log_that_shows_it(learner, monkeypatch):
    monkeypatch.setattr("lab.lesson.checks.smallest.SECONDS", 120)
    step = STEPS["volume-report"]
    learner.prepare(step)
    learner.progress.write(step, step.code.replace(" + 1", ""))
    learner.submit(step)
    feedback = learner.progress.answer(step).feedback
    assert feedback.outcome == "wrong"
    assert feedback.log == "s1,2,1"
    assert feedback.expected == "serverID avgVolume\ns1 1"
    assert feedback.got.startswith("error\n")
    assert "divided by zero" in feedback.got
    log = STEPS["sev0"]
    learner.progress.write(log, log.code.replace("severity = 0", "severity < 2"))
    learner.submit(log)
    assert learner.progress.answer(log).feedback.log == "s1,1,1"
