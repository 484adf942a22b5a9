"""The smallest log on which an answer is wrong."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lab.engine.observe import Table
from lab.formulas import ALL
from lab.judge import smallest as smallest_log
from lab.judge.smallest import MAX_RECORDS, SMALL, Example, as_text, fewest_deliveries, log_of, smallest
from lab.learner.trial import try_answer
from lab.lesson.steps import STEPS
from lab.oracle import REPORT_COLUMNS, volume_report
from lab.records import LogFile, Record

TOLERANCE = 0.005


@pytest.fixture(autouse=True, scope="module")
def enough_time():
    """Give the search time, so that the clock does not decide its result; other tests let it try only one log."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(smallest_log, "SECONDS", 120.0)
        yield


def report(volumes):
    return Table(REPORT_COLUMNS, tuple(volumes.items()))


def wrong_by(compute):
    """Return a search function for a wrong way to compute the report."""

    def try_on(file):
        got, right = compute([file]), volume_report([file])
        same = got.keys() == right.keys() and all(abs(got[server] - right[server]) < TOLERANCE for server in right)
        return None if same else Example((file.records,), report(right), report(got))

    return try_on


@pytest.mark.parametrize("formula", ALL, ids=lambda formula: formula.id)
def test_every_wrong_formula_shows_on_a_log_of_at_most_three_records(formula):
    found = smallest(wrong_by(formula.volumes))
    assert len(found.deliveries[0]) <= 3


def test_the_right_formula_is_wrong_on_no_log():
    log = [Record("s1", 2, 1), Record("s2", 1, 4)]
    assert smallest(wrong_by(volume_report), log) is None


@given(
    st.lists(st.builds(Record, st.sampled_from(["s1", "s2", "s3"]), st.integers(0, 2), st.integers(1, 20)), max_size=40)
)
def test_what_shows_on_no_small_log_is_found_in_the_one_that_was_delivered(log):
    # Wrong where s3 has two records of one time unit, which is so in none of the small logs.
    def try_on(file):
        times = [record.timestamp for record in file.records if record.serverID == "s3"]
        return Example((file.records,), report({}), report({})) if len(times) > len(set(times)) else None

    found = smallest(try_on, log)
    if try_on(LogFile("x", tuple(log))) is None:
        assert found is None
    else:
        (records,) = found.deliveries
        assert len(records) == 2
        assert set(records) <= set(log)


def test_what_cannot_be_made_small_is_not_shown():
    log = [Record("s3", 2, time) for time in range(1, MAX_RECORDS + 2)]

    def try_on(file):
        return Example((file.records,), report({}), report({})) if len(file.records) > MAX_RECORDS else None

    assert smallest(try_on, log) is None


def test_after_its_seconds_it_is_over():
    clock, tried = itertools.count(step=100), []
    assert smallest(tried.append, clock=lambda: next(clock)) is None
    assert 0 < len(tried) < len(SMALL)


DELIVERIES = tuple(map(log_of, ("s1 0 1", "s1 0 3, s2 0 2", "s1 2 4", "s2 0 5, s2 0 5")))


def wrong_after(is_wrong):
    """Return a search function for a query that goes wrong after the first delivery for which `is_wrong` is true."""

    def try_on(deliveries):
        ends = (end for end in range(1, len(deliveries) + 1) if is_wrong(deliveries[:end]))
        end = next(ends, 0)
        return Example(tuple(deliveries[:end]), report({}), report({})) if end else None

    return try_on


@pytest.mark.parametrize(
    ("is_wrong", "expected"),
    [
        (lambda _: False, None),
        (lambda _: True, DELIVERIES[:1]),
        # Two equal records in one delivery: the earlier deliveries had nothing to do with it.
        (lambda deliveries: len(set(deliveries[-1])) < len(deliveries[-1]), DELIVERIES[3:]),
        (lambda deliveries: len(deliveries) > 1, DELIVERIES[:2]),
        (lambda deliveries: DELIVERIES[3] in deliveries and DELIVERIES[1] in deliveries, DELIVERIES[1:]),
    ],
)
def test_a_query_is_shown_the_fewest_deliveries_after_which_it_is_wrong(is_wrong, expected):
    found = fewest_deliveries(wrong_after(is_wrong), DELIVERIES)
    assert (found.deliveries if found else None) == expected


def test_after_its_seconds_the_deliveries_until_then_are_shown():
    clock = itertools.count(step=200)
    found = fewest_deliveries(wrong_after(lambda tried: DELIVERIES[3] in tried), DELIVERIES, lambda: next(clock))
    assert found.deliveries == DELIVERIES
    assert found.log == "s1,0,1\n\ns1,0,3\ns2,0,2\n\ns1,2,4\n\ns2,0,5\ns2,0,5"


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
    monkeypatch.setattr(smallest_log, "SECONDS", 120.0)
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


WRONG_QUERIES = {
    "update mode": (
        ("volume-query", '"complete"', '"update"'),
        ("s1,2,1\n\ns1,2,3", "serverID avgVolume\ns1 0.6667", "serverID avgVolume\ns1 1\ns1 0.6667"),
    ),
    "another order": (
        ("sev0-query", '"timestamp", "serverID"', '"serverID"'),
        ("s1,0,3\ns2,0,2", "serverID timestamp\ns2 2\ns1 3", "serverID timestamp\ns1 3\ns2 2"),
    ),
    "equal records once": (
        ("sev0-query", "batch.orderBy", "batch.dropDuplicates().orderBy"),
        ("s2,0,5\ns2,0,5", "serverID timestamp\ns2 5\ns2 5", "serverID timestamp\ns2 5"),
    ),
}


@pytest.mark.parametrize("name", WRONG_QUERIES)
def test_a_wrong_query_comes_with_the_deliveries_that_show_it(classroom, monkeypatch, name):
    monkeypatch.setattr(smallest_log, "SECONDS", 120.0)
    (step_id, right, wrong), shown = WRONG_QUERIES[name]
    step, engine = STEPS[step_id], classroom.engine
    assert right in step.code
    _, feedback = try_answer(step, step.code.replace(right, wrong), engine.root, engine.run_folder)
    assert feedback.outcome == "wrong"
    assert (feedback.log, feedback.expected, feedback.got) == shown


def test_a_query_that_writes_elsewhere_has_no_such_log(classroom):
    step, engine = STEPS["sev0-query"], classroom.engine
    text = step.code.replace(".csv(", ".json(")
    assert text != step.code
    _, feedback = try_answer(step, text, engine.root, engine.run_folder)
    assert (feedback.outcome, feedback.log) == ("wrong", "")
