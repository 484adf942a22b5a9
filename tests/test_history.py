"""What a learner did, and how long it took: nothing is lost or counted twice, and all of it can be forgotten."""

import json

import pytest
from clocks import Clock
from hypothesis import given
from hypothesis import strategies as st
from paging import learner_of, open_page, press

from lab.errors import LabError
from lab.judge.feedback import Feedback
from lab.learner.history import HISTORY, MAX_EVENTS, MAX_MESSAGE, History, StepHistory
from lab.learner.progress import Progress
from lab.learner.retrospective import MAX_CHARACTERS, Retrospective
from lab.learner.time_spent import PAUSE_SECONDS, SAVE_SECONDS, TIME, TimeSpent, in_words
from lab.lesson.steps import STEPS
from lab.store import Document, Store

ME = "1" * 32
STEP, OTHER_STEP = STEPS["schema"], STEPS["read-stream"]
WRONG = Feedback("wrong", "The columns are in another order.", "column-order")
PASSED = Feedback("passed", "Right.")


class Kept:
    """A store that counts what is saved, and can refuse to save."""

    def __init__(self):
        self.documents = {}
        self.saves = []
        self.broken = False

    def save(self, kind, key, value):
        if self.broken:
            raise LabError("The disk is full.", "")
        self.documents[kind, key] = json.loads(json.dumps(value))
        self.saves.append((kind, value))


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def kept():
    return Kept()


@pytest.fixture
def store(tmp_path):
    store = Store(f"sqlite:///{tmp_path}/lab.sqlite")
    yield store
    store.close()


# --- what happened


def test_the_events_of_a_step_come_back_in_order(store, clock):
    progress = Progress(store, ME, clock)
    begun = clock.now
    progress.history.attempted(STEP, WRONG)
    clock.wait(60)
    progress.open_hint(STEP)
    clock.wait(60)
    progress.show_solution(STEP)
    progress.write(STEP, "x")
    progress.replace(STEP, STEP.starter)
    progress.history.attempted(STEP, PASSED)
    clock.wait(60)
    progress.history.attempted(STEP, PASSED)
    for known in (progress, Progress(store, ME, clock)):
        history = known.history.of(STEP)
        kinds = [(event.kind, event.at - begun) for event in history.events]
        assert kinds == [
            ("attempt", 0),
            ("hint", 60),
            ("solution", 120),
            ("reset", 120),
            ("attempt", 120),
            ("attempt", 180),
        ]
        first = history.events[0]
        assert (first.outcome, first.mistake, first.message) == ("wrong", "column-order", WRONG.message)
        assert history.events[1].hint == 1
        assert (history.count, history.attempts) == (6, 3)
        assert (history.tried_at, history.passed_at) == (begun, begun + 120)
        assert known.history.of(OTHER_STEP) == StepHistory()


def test_each_hint_and_the_solution_are_opened_once(store, clock):
    progress = Progress(store, ME, clock)
    for _ in range(5):
        progress.open_hint(STEP)
        progress.show_solution(STEP)
    assert [event.hint for event in progress.history.of(STEP).events if event.kind == "hint"] == [1, 2, 3]
    assert [event.kind for event in progress.history.of(STEP).events].count("solution") == 1


def test_an_answer_in_which_nothing_was_written_is_no_attempt(kept, clock):
    history = History(kept.save, {}, clock=clock)
    history.attempted(STEP, Feedback("not attempted", "Write something."))
    assert history.of(STEP) == StepHistory()
    assert kept.saves == []


def test_a_history_is_bounded_and_counts_all(kept, clock):
    history = History(kept.save, {}, clock=clock)
    history.attempted(STEP, PASSED)
    for number in range(MAX_EVENTS + 5):
        history.attempted(STEP, Feedback("error", f"{number} " + "x" * 10_000))
    known = history.of(STEP)
    assert (len(known.events), known.count, known.attempts) == (MAX_EVENTS, MAX_EVENTS + 6, MAX_EVENTS + 6)
    assert known.events[-1].message.startswith(f"{MAX_EVENTS + 4} ")
    assert max(len(event.message) for event in known.events) == MAX_MESSAGE + 1
    # The pass is still known, although its event is gone.
    assert known.passed_at == clock.now
    assert History(kept.save, kept.documents, clock=clock).of(STEP).passed_at == clock.now


def test_what_cannot_be_kept_has_not_happened(kept, clock):
    history = History(kept.save, {}, clock=clock)
    kept.broken = True
    with pytest.raises(LabError):
        history.hint_opened(STEP, 1)
    assert history.of(STEP) == StepHistory()


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(["events", "kind", "at", "hint", "outcome", "count", "seconds", "last"]), inner, max_size=5
        )
    ),
    max_leaves=12,
)


@given(JSON, JSON, JSON)
def test_whatever_another_version_has_stored_is_read_without_an_error(history, time, written):
    documents = {(HISTORY, "schema"): history, (TIME, ""): time, ("retrospective", ""): written}

    class Stored:
        lost = ""

        def generation(self):
            return 0

        def load(self, _):
            return {place: Document(value, 1) for place, value in documents.items()}

        def save(self, _, place, value, seen):
            return Document(value, seen + 1)

    progress = Progress(Stored(), ME)
    known = progress.history.of(STEP)
    assert known.count >= len(known.events)
    assert progress.time.seconds >= 0
    progress.time.sign()
    progress.history.attempted(STEP, PASSED)
    assert progress.history.of(STEP).events[-1].outcome == "passed"


# --- how long it took


def test_time_between_signs_counts_but_not_a_pause(kept, clock):
    time = TimeSpent(kept.save, {}, clock)
    time.sign()
    assert time.seconds == 0
    clock.wait(120)
    time.sign()
    clock.wait(PAUSE_SECONDS)
    time.sign()
    assert time.seconds == 120 + PAUSE_SECONDS
    clock.wait(PAUSE_SECONDS + 1)
    time.sign()
    assert time.seconds == 120 + PAUSE_SECONDS
    clock.wait(30)
    time.sign()
    assert time.seconds == 150 + PAUSE_SECONDS


def test_a_clock_that_is_set_back_takes_nothing_away(kept, clock):
    time = TimeSpent(kept.save, {}, clock)
    time.sign()
    for step in (60, -3600, 60):
        clock.wait(step)
        time.sign()
    assert time.seconds == 120


@given(st.lists(st.tuples(st.integers(0, 900), st.booleans()), max_size=40))
def test_two_tabs_count_as_one_person(moves):
    """No second counts twice, whichever of two tabs a sign of activity comes from."""
    clock, kept = Clock(), Kept()
    time = TimeSpent(kept.save, {}, clock)
    begun = clock.now
    expected = 0
    time.sign()
    for seconds, both in moves:
        clock.wait(seconds)
        time.sign()
        if both:
            time.sign()
        expected += seconds if seconds <= PAUSE_SECONDS else 0
    assert time.seconds == expected <= clock.now - begun


@given(st.lists(st.integers(1, 700), min_size=1, max_size=60), st.integers(0, 700))
def test_a_crash_loses_at_most_half_a_minute(gaps, away):
    clock, kept = Clock(), Kept()
    time = TimeSpent(kept.save, {}, clock)
    time.sign()
    for seconds in gaps:
        clock.wait(seconds)
        time.sign()
    again = TimeSpent(kept.save, kept.documents, clock)
    assert time.seconds - SAVE_SECONDS <= again.seconds <= time.seconds
    clock.wait(away)
    again.sign()
    time.sign()
    assert again.seconds <= time.seconds


def test_typing_is_not_a_second_write_for_each_key(kept, clock):
    time = TimeSpent(kept.save, {}, clock)
    for _ in range(600):
        clock.wait(0.5)
        time.sign()
    assert time.seconds == pytest.approx(299.5)
    assert len(kept.saves) <= 300 / SAVE_SECONDS + 1


def test_who_has_only_opened_a_page_is_not_kept(kept, clock):
    TimeSpent(kept.save, {}, clock).sign()
    assert kept.saves == []


def test_a_store_that_refuses_does_not_stop_the_learner_and_gets_it_later(kept, clock):
    time = TimeSpent(kept.save, {}, clock)
    time.sign()
    kept.broken = True
    for _ in range(3):
        clock.wait(60)
        time.sign()
    assert (time.seconds, kept.saves) == (180, [])
    kept.broken = False
    time.sign()
    assert kept.documents[TIME, ""] == {"seconds": 180.0, "last": clock.now}


def test_every_change_is_a_sign(store, clock):
    progress = Progress(store, ME, clock)
    changes = (
        lambda: progress.write(STEP, "a"),
        lambda: progress.write_result("volume-first", "s1 1"),
        lambda: progress.write_scratch("1"),
        lambda: progress.predict("first-pair", "1"),
        lambda: progress.open_hint(STEP),
        lambda: progress.write_retrospective(Retrospective("Ada")),
    )
    for change in changes:
        clock.wait(60)
        change()
    assert progress.time.seconds == 60 * (len(changes) - 1)
    # No change is no sign of activity.
    clock.wait(60)
    progress.write(STEP, "a")
    progress.write_retrospective(Retrospective("Ada"))
    assert progress.time.seconds == 60 * (len(changes) - 1)


def test_forgetting_forgets_all_of_it(store, clock):
    progress = Progress(store, ME, clock)
    progress.open_hint(STEP)
    clock.wait(100)
    progress.write_retrospective(Retrospective("Ada", takeaways="Much."))
    assert (progress.time.seconds, progress.history.of(STEP).count) == (100, 1)
    progress.forget()
    for known in (progress, Progress(store, ME, clock)):
        assert (known.time.seconds, known.history.of(STEP)) == (0, StepHistory())
        assert known.retrospective == Retrospective()
    assert store.load(ME) == {}
    clock.wait(100)
    progress.time.sign()
    assert progress.time.seconds == 0


def test_a_submission_is_an_attempt_and_a_run_is_a_sign(learner):
    before = learner.progress.history.of(STEP).count
    learner.progress.write(STEP, "logSchema = 1")
    learner.submit(STEP)
    learner.progress.write(STEP, STEP.code)
    learner.submit(STEP)
    known = learner.progress.history.of(STEP)
    assert (before, known.count) == (0, 2)
    assert [event.outcome for event in known.events][1] == "passed"
    assert known.events[0].outcome in {"wrong", "error"}
    assert known.events[0].message == known.events[0].message.strip() != ""
    assert known.passed_at == known.events[1].at
    assert learner.progress.time.seconds > 0
    learner.start_over(forget=True)
    assert learner.progress.history.of(STEP) == StepHistory()
    assert learner.progress.time.seconds == 0


def test_a_solution_that_stands_in_is_in_the_history_once(learner):
    for _ in range(2):
        learner.prepare(OTHER_STEP)
        learner.start_over()
    assert [event.kind for event in learner.progress.history.of(STEP).events] == ["solution"]


@pytest.mark.parametrize(
    ("seconds", "words"),
    [
        (0, "less than a minute"),
        (59.9, "less than a minute"),
        (60, "1 min"),
        (3600, "1 h"),
        (5100, "1 h 25 min"),
        (90_000, "25 h"),
    ],
)
def test_times_are_said_in_hours_and_minutes(seconds, words):
    assert in_words(seconds) == words


def test_a_retrospective_is_kept_and_bounded(store):
    progress = Progress(store, ME)
    written = Retrospective("Zoë", "2 h", "a\n\nb", "x" * MAX_CHARACTERS)
    progress.write_retrospective(written)
    with pytest.raises(LabError, match='"Takeaways" has 20,001 characters, and may have 20,000'):
        progress.write_retrospective(Retrospective(takeaways="x" * (MAX_CHARACTERS + 1)))
    assert progress.retrospective == Progress(store, ME).retrospective == written


def test_a_page_that_is_opened_is_a_sign_and_one_that_is_drawn_again_is_not(app, monkeypatch):
    open_page(app, "start")
    time, clock = learner_of(app).progress.time, Clock()
    time.forget()
    monkeypatch.setattr(time, "_clock", clock)
    for page, expected in (("schema", 0), ("results", 60), ("schema", 120)):
        clock.wait(60)
        app.switch_page(f"pages/{page}.py").run()
        assert time.seconds == expected
    # Reruns by charts, other tabs and a restored connection do not count.
    for _ in range(3):
        clock.wait(60)
        app.run()
    assert time.seconds == 120
    press(app, "hint-schema")
    assert time.seconds == 300
