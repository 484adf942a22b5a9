"""The export of a course without names: its rows, its files read back, its summary, and its document."""

import io
import random
import re
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pandas as pd
import pytest
from classes import RIGHT, Now, attempt, come, fill, learner_id
from hypothesis import given
from hypothesis import strategies as st

from lab.course.collect import collect
from lab.course.export import COLUMNS, MAX_NUMBER, Fact, facts_of, facts_of_votes, learners_in, numbers_for
from lab.course.export_files import read_csv, to_csv, to_parquet
from lab.course.summary import summary
from lab.course.watch import Watch
from lab.dataset import SHIPPED
from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.learner.history import HISTORY, MAX_EVENTS
from lab.learner.kept import PREDICTION
from lab.lesson.steps import EXERCISES, mistakes_of
from lab.store import Store
from lab.store.tables import hashed

ROOT = Path(__file__).resolve().parent.parent
FIRST, SECOND = EXERCISES[:2]
WRONG = Feedback("wrong", "It has it as a date.", mistake=mistakes_of(FIRST)[0].id)
NAME, CODE = "Ada Lovelace", "secret_of_ada = 1"


@pytest.fixture
def clock():
    return Now()


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    yield store
    store.close()


def collected(store, code="", **more):
    return collect(store.survey, code, datetime.now(UTC) - timedelta(days=1), **more).facts


def event(kind="attempt", at=100.0, worked=10.0, **about):
    return {"kind": kind, "at": at, "worked": worked, **about}


def history(*events, attempts=None):
    return {"events": list(events), "count": len(events), "attempts": len(events) if attempts is None else attempts}


# --- rows


def test_a_learner_is_rows_without_a_name_a_code_or_a_typed_text(store, clock):
    ada = come(store, 1, clock, NAME, "class 9b")
    ada.history.hint_opened(FIRST, 1)
    clock.wait(30)
    attempt(ada, FIRST, WRONG, CODE)
    ada.history.solution_shown(FIRST)
    attempt(ada, FIRST, RIGHT, CODE)
    ada.predict("sorted-stream", "refuse to start the query")
    ada.predict("header", "an error")
    ada.predict("empty-table", "")
    ada.predict("first-pair", "a typed text")
    ada.write_reason("header", "a reason")
    facts = collected(store)
    (number,) = {fact.learner for fact in facts}
    assert [(fact.kind, fact.about, fact.number, fact.outcome, fact.mistake) for fact in facts] == [
        ("hint", FIRST.id, 1, "", ""),
        ("attempt", FIRST.id, 1, "wrong", WRONG.mistake),
        ("solution", FIRST.id, 0, "", ""),
        ("attempt", FIRST.id, 2, "passed", ""),
        ("prediction", "first-pair", 0, "wrong", ""),
        ("prediction", "sorted-stream", 0, "right", ""),
        ("prediction", "header", 0, "wrong", ""),
        ("prediction", "empty-table", 0, "skipped", ""),
    ]
    assert [fact.since_begin for fact in facts[:4]] == [0, 30, 30, 30]
    written = to_csv(facts).decode() + str(to_parquet(facts))
    for word in (NAME, "Ada", "9b", CODE, "secret", "typed", "reason", WRONG.message, hashed(learner_id(1))[:8]):
        assert word not in written.replace("a typed", "").replace("have typed", "")
    # Each export numbers the learners anew.
    assert {fact.learner for fact in collected(store)} != {number}


def test_a_number_that_was_predicted_is_right_by_the_learners_own_log_files():
    said = {(PREDICTION, "first-pair"): "0.15"}
    asked = []

    def dataset():
        asked.append(1)
        return SHIPPED

    (fact,) = facts_of(1, said, dataset)
    assert fact.outcome in {"right", "wrong"}
    assert asked
    asked.clear()
    facts_of(1, {(PREDICTION, "header"): "one row too few"}, dataset)
    assert not asked


def test_of_very_many_attempts_the_newest_keep_their_numbers():
    events = [event(at=100.0 + each, outcome="wrong") for each in range(MAX_EVENTS)]
    facts = facts_of(1, {(HISTORY, FIRST.id): history(*events, attempts=MAX_EVENTS + 50)})
    assert (facts[0].number, facts[-1].number) == (51, MAX_EVENTS + 50)


@given(st.lists(st.text(max_size=5), unique=True, max_size=50), st.integers())
def test_each_learner_has_a_number_of_their_own(keys, seed):
    numbers = numbers_for(keys, random.Random(seed))
    assert set(numbers) == set(keys)
    assert len(set(numbers.values())) == len(keys)
    assert all(1 <= number <= MAX_NUMBER for number in numbers.values())


ODD = (
    st.none()
    | st.booleans()
    | st.floats()
    | st.integers()
    | st.text(max_size=9)
    | st.sampled_from(["attempt", "wrong"])
)
EVENTS = st.fixed_dictionaries(
    {"kind": st.sampled_from(["attempt", "hint", "other"]), "at": ODD | st.floats(0, 1e12)},
    optional={"worked": ODD, "outcome": ODD, "mistake": ODD, "hint": ODD, "message": ODD},
)
DOCUMENTS = ODD | st.fixed_dictionaries(
    {"events": st.lists(EVENTS | ODD, max_size=5)}, optional={"count": ODD, "attempts": ODD}
)


@given(DOCUMENTS, ODD)
def test_whatever_stands_in_the_store_the_export_can_be_read_again(document, predicted):
    facts = facts_of(1, {(HISTORY, FIRST.id): document, (PREDICTION, "header"): predicted})
    assert read_csv("x.csv", to_csv(facts)) == facts
    to_parquet(facts)


def test_of_a_class_code_that_class_alone_is_in_it(store, clock):
    for number, code in enumerate(("9b", "9B ", "10a", "")):
        attempt(come(store, number, clock, f"Name {number}", code), FIRST, WRONG)
    assert len({fact.learner for fact in collected(store, "9b")}) == 2
    assert len({fact.learner for fact in collected(store)}) == 4


@pytest.mark.slow
def test_a_class_is_collected_in_parts_with_progress_and_further_rows(store, clock):
    fill(store, clock, 120)
    said = []
    votes = facts_of_votes([("header", 1, "right", 12), ("header", 1, "wrong", 30), ("own-1", 2, "", 5)])
    facts = collected(store, say=lambda *each: said.append(each), votes=votes)
    assert said == [(50, 120), (100, 120), (120, 120)]
    # Votes are secret, so these rows belong to nobody.
    assert facts[:3] == votes
    assert (learners_in(facts), summary(facts).learners) == (105, 105)
    assert read_csv("x.csv", to_csv(facts)) == facts
    assert [fact.learner for fact in facts] == sorted(fact.learner for fact in facts)


def test_nobody_is_an_export_too(store):
    assert collected(store) == ()
    assert read_csv("x.csv", to_csv(())) == ()
    assert len(pd.read_parquet(io.BytesIO(to_parquet(())))) == 0


# --- files

IDS = st.sampled_from([step.id for step in EXERCISES])
SECONDS = st.none() | st.integers(0, 999_999_999)
FACTS = st.builds(
    Fact,
    st.integers(0, MAX_NUMBER),
    st.sampled_from(["attempt", "hint", "solution", "reset", "prediction", "vote"]),
    IDS,
    st.integers(0, 400),
    st.sampled_from(
        ["", "passed", "passed, with one thing to know", "wrong", "error", "not performed", "right", "skipped"]
    ),
    st.sampled_from(["", "schema-date"]),
    SECONDS,
    SECONDS,
)


@given(st.lists(FACTS, max_size=20))
def test_both_files_hold_the_same_and_csv_is_read_again(facts):
    assert read_csv("x.csv", to_csv(facts)) == tuple(facts)
    table = pd.read_parquet(io.BytesIO(to_parquet(facts)))
    assert list(table.columns) == list(COLUMNS)
    assert list(table["learner"]) == [fact.learner for fact in facts]
    assert list(table["worked"].astype("Int64").astype(object).where(table["worked"].notna(), None)) == [
        fact.worked for fact in facts
    ]


HEAD = ",".join(COLUMNS)
GOOD = "1,attempt,schema,1,wrong,schema-date,10,20"


@pytest.mark.parametrize(
    ("data", "said"),
    [
        (b"", "does not begin with the columns of an export: learner, kind"),
        (b"\xff\xfe\x00", "no text in UTF-8"),
        (b"PAR1\x15\x04", "does not begin with the columns"),
        (f"{HEAD}\n1,attempt\n".encode(), "Line 2 of old.csv has 2 values, expected 8."),
        (
            f"{HEAD}\n{GOOD}\n{GOOD.replace('attempt', '<script>')}\n".encode(),
            "Line 3 of old.csv has '<script>' as kind",
        ),
        (f"{HEAD}\n{GOOD.replace('schema,', '=1+1,')}\n".encode(), "has '=1+1' as about"),
        (f"{HEAD}\n{GOOD.replace('10', '-1')}\n".encode(), "has '-1' as worked"),
        (f"{HEAD}\n{GOOD.replace('10', '²')}\n".encode(), "has '²' as worked"),
        (f"{HEAD}\n1000000{GOOD[1:]}\n".encode(), "has '1000000' as learner"),
        (f'{HEAD}\n"{GOOD}\n'.encode(), "is no CSV in line"),
        (b"x" * 20_000_001, "20 MB, more than an export has"),
        pytest.param(
            f"{HEAD}\n".encode() + f"{GOOD}\n".encode() * 200_001, "more than 200,000 rows", marks=pytest.mark.slow
        ),
    ],
)
def test_what_is_no_export_is_a_sentence_that_says_where(data, said):
    with pytest.raises(LabError) as refused:
        read_csv("old.csv", data)
    assert said in str(refused.value)
    assert "Take the CSV file that this page has given" in str(refused.value)


@given(st.binary(max_size=200))
def test_no_bytes_are_more_than_a_sentence(data):
    for before in (b"", f"{HEAD}\n".encode()):
        try:
            read_csv("x.csv", before + data)
        except LabError:
            continue


def test_a_spreadsheet_may_have_put_its_mark_before_it():
    assert len(read_csv("x.csv", f"\ufeff{HEAD}\r\n{GOOD}\r\n".encode())) == 1


# --- the summary


def facts_by(learner, *rows):
    """Return rows of one learner from: kind, step, number, outcome, mistake, seconds of work."""
    return [Fact(learner, kind, step.id, number, outcome, mistake, worked, worked) for kind, step, number, outcome, mistake, worked in rows]  # fmt: skip  # noqa: E501


def test_how_the_steps_went():
    ada = facts_by(1, ("attempt", FIRST, 1, "passed", "", 60), ("attempt", SECOND, 1, "wrong", "no-stream", 100), ("attempt", SECOND, 2, "passed", "", 160))  # fmt: skip  # noqa: E501
    eva = facts_by(2, ("hint", FIRST, 1, "", "", 10), ("attempt", FIRST, 1, "passed", "", 120))
    zoe = facts_by(3, ("attempt", FIRST, 1, "wrong", "schema-date", 20), ("solution", FIRST, 0, "", "", 30), ("attempt", FIRST, 2, "passed", "", 40), ("attempt", SECOND, 1, "passed", "", 100))  # fmt: skip  # noqa: E501
    found = summary([*ada, *eva, *zoe])
    first, second = found.steps[:2]
    assert found.learners == 3
    assert (first.tried, first.passed, first.at_first, first.attempts, first.hints, first.solutions) == (
        3,
        3,
        1,
        1,
        1,
        1,
    )
    # For a learner who has seen the solution, this step has no time; the next step's time counts from here.
    assert (first.median, first.timed) == (90, 2)
    assert (second.tried, second.at_first, second.attempts, second.median) == (2, 1, 1.5, 80)
    assert [(each.step_id, each.mistake, each.learners, each.attempts) for each in found.mistakes] == [
        (FIRST.id, "schema-date", 1, 1), (SECOND.id, "no-stream", 1, 1),
    ]  # fmt: skip
    assert (found.steps[-1].tried, found.steps[-1].attempts, found.steps[-1].median) == (0, None, None)


def test_mistakes_of_most_learners_come_first_and_questions_are_counted():
    rows = [
        *(Fact(each, "attempt", FIRST.id, 1, "wrong", "often") for each in (1, 2)),
        *(Fact(3, "attempt", FIRST.id, number, "wrong", "by-one") for number in range(1, 9)),
        *(
            Fact(each, "prediction", "header", outcome=outcome)
            for each, outcome in enumerate(("right", "wrong", "wrong", "skipped"))
        ),
        *facts_of_votes([("header", 1, "right", 12), ("header", 1, "wrong", 30)]),
    ]
    found = summary(rows)
    assert [(each.mistake, each.learners, each.attempts) for each in found.mistakes] == [
        ("often", 2, 2),
        ("by-one", 1, 8),
    ]
    assert [(each.kind, each.right, each.wrong, each.skipped) for each in found.questions] == [
        ("prediction", 1, 2, 1), ("vote", 12, 30, 0),
    ]  # fmt: skip


@given(st.lists(FACTS, max_size=30))
def test_no_rows_break_the_summary(facts):
    found = summary(facts)
    for step in found.steps:
        assert step.at_first <= step.passed <= step.tried <= found.learners
        assert step.timed <= step.passed


def test_the_summary_agrees_with_the_class_board(store, clock):
    fill(store, clock, 30)
    watched = Watch(lambda: store.survey, lambda: "", clock).look().board
    found = summary(collected(store))
    for column, step in zip(watched.columns, found.steps, strict=True):
        assert step.step_id == column.step_id
        assert step.passed == sum(column.counts.get(state, 0) for state in ("solved", "helped", "shown"))
        assert step.timed == column.timed
        assert (step.median is None) == (column.median is None)
        assert step.median is None or abs(step.median - column.median) <= 1


# --- its document


def test_the_document_names_every_column_and_no_other():
    text = (ROOT / "docs" / "course-export.md").read_text(encoding="utf-8")
    rows = dict(re.findall(r"^\| `(\w+)` \| (.+?) \|$", text, re.MULTILINE))
    assert rows == COLUMNS
