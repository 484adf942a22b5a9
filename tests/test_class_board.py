"""The class board as values: learners read from their documents, who needs help comes first, nobody is lost."""

from dataclasses import asdict

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lab.course.board import AWAY_SECONDS, MAX_MISTAKES, MOMENT_SECONDS, board
from lab.course.enrolled import SOLVED, Enrolled, StepProgress, Trouble, enrolled
from lab.learner.asking import Asked
from lab.learner.history import Event, StepHistory, _after
from lab.lesson.steps import EXERCISES
from lab.ui.teacher.class_board import without_name
from lab.ui.teacher.grid import learners_data, steps_data

NOW = 1_700_000_000.0
FIRST, SECOND = EXERCISES[:2]


def attempt(at, outcome="wrong", mistake="", message="No.", worked=0.0):
    return Event("attempt", at, worked, outcome, mistake, message)


def history(*events):
    known = StepHistory()
    for event in events:
        known = _after(known, event)
    # The form in which the store returns it.
    return {**asdict(known), "events": [asdict(event) for event in known.events]}


def learner(*events, **documents):
    """Return a learner by the events of the first step."""
    kept = {("history", FIRST.id): history(*events)} if events else {}
    return enrolled("a" * 64, kept | {(kind, ""): value for kind, value in documents.items()}, NOW)


def first(*events):
    return learner(*events).progress[0]


# --- the progress in a step


def test_who_has_done_nothing_has_not_begun():
    assert learner().progress == (StepProgress(),) * len(EXERCISES)
    assert learner(identity={"name": "Ada", "class_code": "x"}).name == "Ada"


def test_who_writes_tries_also_before_the_first_attempt():
    assert enrolled("a", {("answer", FIRST.id): None}, NOW).progress[0].state == "trying"
    assert first(Event("hint", 1, hint=1)).state == "trying"


def test_the_same_mistake_three_times_in_a_row_is_seen_and_when_it_began():
    made = [attempt(at, mistake="schema-date", message=f"No, {at}.") for at in (1, 2, 3)]
    assert first(*made[:2]).state == "trying"
    progress = first(attempt(0, mistake="other"), *made)
    assert (progress.state, progress.times, progress.since, progress.at, progress.attempts) == ("stuck", 3, 1, 3, 4)
    assert progress.trouble == Trouble(FIRST.id, "schema-date", "No, 3.")
    # A hint in between changes nothing; another mistake does.
    assert first(*made[:2], Event("hint", 2.5, hint=1), made[2]).state == "stuck"
    assert first(*made[:2], attempt(2.5, mistake="other"), made[2]).state == "trying"


def test_a_mistake_without_a_name_is_the_same_if_the_same_is_said():
    assert first(*[attempt(at, message="Expected 3 rows.") for at in (1, 2, 3)]).state == "stuck"
    assert first(*[attempt(at, message=f"Expected {at} rows.") for at in (1, 2, 3)]).state == "trying"


def test_what_the_lab_does_not_perform_holds_a_learner_up_and_is_not_called_wrong():
    progress = first(*[attempt(at, "not performed", message="eval is not performed.") for at in (1, 2, 3)])
    assert (progress.state, progress.trouble.performed) == ("stuck", False)


def test_a_step_is_solved_alone_with_hints_or_after_the_solution():
    passed = attempt(9, "passed")
    assert first(attempt(1), passed).state == "solved"
    assert first(attempt(1), attempt(2, "passed, with one thing to know")).state == "solved"
    assert first(Event("hint", 2, hint=1), passed).state == "helped"
    assert first(Event("hint", 2, hint=1), Event("solution", 3), passed).state == "shown"
    # Hints after the pass are no help, and attempts after the pass take nothing away.
    after = (Event("hint", 10, hint=1), Event("solution", 11), attempt(12))
    assert first(passed, *after).state == "solved"
    assert first(passed, *after).trouble is None


def test_who_goes_on_with_the_solution_is_past_the_step_and_who_tries_after_it_is_not():
    assert first(attempt(1), Event("solution", 2), Event("reset", 3)).state == "shown"
    assert first(attempt(1), Event("solution", 2), attempt(3)).state == "trying"


def test_a_history_without_the_time_of_its_success_is_one():
    kept = history(attempt(1), attempt(2, "passed")) | {"passed_at": None}
    assert enrolled("a", {("history", FIRST.id): kept}, NOW).progress[0].state == "solved"


@pytest.mark.parametrize(
    "asked", [{"at": 1e300, "page": ""}, {"at": True, "page": ""}, {"at": 1}, {"at": -1, "page": ""}, []]
)
def test_what_is_no_call_for_help_is_none(asked):
    assert learner(asked=asked).asked is None
    assert learner(asked={"at": 1, "page": "x" * 99}).asked == Asked(1, "x" * 40)


def test_a_step_takes_the_work_since_the_one_that_was_solved_before():
    kept = {
        ("history", SECOND.id): history(attempt(1, "passed", worked=60)),
        ("history", FIRST.id): history(
            attempt(2, worked=80), attempt(3, "passed", worked=200), attempt(4, "passed", worked=900)
        ),
        ("history", EXERCISES[2].id): history(Event("solution", 5), attempt(6, "passed", worked=250)),
        ("history", EXERCISES[3].id): history(attempt(7, "passed", worked=280)),
    }
    assert enrolled("a", kept, NOW).seconds == (140, 60, None, 30, *[None] * (len(EXERCISES) - 4))


@given(
    st.dictionaries(
        st.tuples(st.sampled_from(["history", "identity", "asked", "answer"]), st.sampled_from(["", FIRST.id])),
        st.recursive(st.none() | st.booleans() | st.integers() | st.text() | st.floats(), st.lists),
    )
)
def test_whatever_stands_in_the_store_is_a_learner(documents):
    known = enrolled("a", documents, NOW)
    assert len(known.progress) == len(known.seconds) == len(EXERCISES)


# --- the board


troubles = st.builds(
    Trouble, st.sampled_from([step.id for step in EXERCISES]), st.sampled_from(["", "a", "b"]), st.text(max_size=2)
)
times = st.floats(NOW - 3 * MOMENT_SECONDS, NOW)
progress = st.one_of(
    st.builds(StepProgress, st.sampled_from(["not begun", *sorted(SOLVED)])),
    st.builds(StepProgress, st.just("trying"), st.integers(1, 9), troubles, st.integers(1, 2), times, times),
    st.builds(StepProgress, st.just("stuck"), st.integers(3, 9), troubles, st.integers(3, 9), times, times),
)
learners = st.lists(
    st.builds(
        Enrolled,
        st.text("0123456789abcdef", min_size=4, max_size=6),
        st.text(max_size=4),
        progress=st.tuples(*[progress] * len(EXERCISES)),
        seconds=st.tuples(*[st.none() | st.floats(0, 9999)] * len(EXERCISES)),
        asked=st.none() | st.builds(Asked, times, st.just("Schema")),
        moved=times,
        last=times,
    ),
    max_size=12,
    unique_by=lambda each: each.key,
)


def rank(row):
    if row.away:
        return 4
    if row.learner.asked:
        return 0
    return 1 if row.learner.is_stuck else 3 if row.learner.is_done else 2


@settings(max_examples=30)
@given(learners)
def test_nobody_is_lost_and_every_step_counts_everybody(class_):
    made = board(class_, NOW)
    assert sorted(row.learner.key for row in made.rows) == sorted(each.key for each in class_)
    assert [column.step_id for column in made.columns] == [step.id for step in EXERCISES]
    assert all(sum(column.counts.values()) == len(class_) for column in made.columns)
    assert {row.learner.key for row in made.rows if row.away} == {
        each.key for each in class_ if NOW - each.last > AWAY_SECONDS
    }


@settings(max_examples=30)
@given(learners, st.randoms())
def test_who_needs_help_first_comes_first_in_whatever_order_they_are_read(class_, random):
    made = board(class_, NOW)
    ranks = [rank(row) for row in made.rows]
    assert ranks == sorted(ranks)
    asked = [row.learner.asked.at for row in made.queue]
    assert asked == sorted(asked)
    assert list(made.queue) == list(made.rows[: len(made.queue)])
    moved = [row.learner.moved for row in made.rows if rank(row) == 2]
    assert moved == sorted(moved)
    shuffled = random.sample(class_, len(class_))
    assert board(shuffled, NOW) == made


@settings(max_examples=30)
@given(learners)
def test_the_mistakes_of_the_moment_are_those_that_most_have(class_):
    made = board(class_, NOW)
    counts = [mistake.count for mistake in made.mistakes]
    assert counts == sorted(counts, reverse=True)
    assert len(counts) <= MAX_MISTAKES
    for mistake in made.mistakes:
        having = {
            each.key
            for each in class_
            for progress in each.progress
            if progress.trouble and progress.trouble.key == mistake.trouble.key and NOW - progress.at <= MOMENT_SECONDS
        }
        assert mistake.count == len(having)
        assert mistake.example in having


def test_an_empty_class_is_a_board_too():
    made = board([], NOW)
    assert (made.rows, made.queue, made.mistakes, made.here) == ((), (), (), 0)
    assert {column.median for column in made.columns} == {None}


def test_the_median_is_that_of_those_who_have_solved_it():
    class_ = [
        Enrolled(str(n), seconds=(seconds, *[None] * (len(EXERCISES) - 1)))
        for n, seconds in enumerate((60, None, 600, 90))
    ]
    column = board(class_, NOW).columns[0]
    assert (column.median, column.timed) == (90, 3)
    assert board(class_, NOW).columns[1].median is None


# --- what is shown of it


@settings(max_examples=30)
@given(learners)
def test_the_projector_shows_no_name_and_no_key(class_):
    named = [
        Enrolled(f"key-{each.key}", f"name-{each.key}", progress=each.progress, asked=each.asked, last=each.last)
        for each in class_
    ]
    shown = str(steps_data(board(named, NOW)))
    assert "name-" not in shown
    assert "key-" not in shown


@settings(max_examples=30)
@given(learners)
def test_the_table_has_a_row_for_everybody_in_the_order_of_the_board(class_):
    made = board(class_, NOW)
    shown = learners_data(made)
    assert [row["key"] for row in shown["rows"]] == [row.learner.key for row in made.rows]
    assert {len(row["cells"]) for row in shown["rows"]} <= {len(EXERCISES)}
    assert len(shown["head"]) == len(shown["foot"]) == len(EXERCISES) + 1


def test_a_name_in_an_example_is_taken_out():
    assert (
        without_name("# Ada LOVELACE, group 2\nlogSchema = 3  # ada", "Ada Lovelace")
        == "# …, group 2\nlogSchema = 3  # …"
    )
    # A name of one letter would remove that letter from the code.
    assert without_name("a = b", "a b") == "a = b"
    assert without_name("x", "") == "x"
