"""Questions some days later, made from the learner's own mistakes."""

import pytest
from hypothesis import given
from hypothesis import strategies as some
from paging import learner_of, open_page, press, words

from lab.learner.history import History
from lab.learner.recall import CHOICES, MAX_QUESTIONS, PAUSE_SECONDS, is_due, questions
from lab.lesson.mistakes import MISTAKES
from lab.lesson.steps import EXERCISES, STEPS

PLACES = sorted(
    {(program.step_id, mistake.id) for mistake in MISTAKES for program in mistake.programs if not program.before}
)
REPORT = STEPS["volume-report"]


def event(at, mistake="", outcome="wrong"):
    return {"kind": "attempt", "at": at, "outcome": outcome, "mistake": mistake, "message": f"told of {mistake}"}


def history(*met):
    """Return a history of these mistakes in steps; the position in the list is the time in seconds."""
    known = History(lambda *_: None, {})
    for step in EXERCISES:
        events = [event(at, mistake) for at, (step_id, mistake) in enumerate(met) if step_id == step.id]
        if events:
            known.adopt(step.id, {"events": events, "count": len(events), "attempts": len(events)})
    return known


@given(some.lists(some.sampled_from(PLACES), min_size=1, max_size=12), some.text(max_size=5))
def test_the_newest_mistakes_are_asked_about_first_and_each_once(met, seed):
    asked = questions(history(*met), seed)
    own = list(dict.fromkeys(reversed(met)))[:MAX_QUESTIONS]
    titles = {mistake.id: mistake.title for mistake in MISTAKES}
    assert [(known.step.id, known.right) for known in asked][: len(own)] == [
        (step_id, titles[mistake]) for step_id, mistake in own
    ]
    assert [known.told for known in asked][: len(own)] == [f"told of {mistake}" for _, mistake in own]
    assert len({(known.step.id, known.right) for known in asked}) == len(asked) <= MAX_QUESTIONS
    assert questions(history(*met), seed) == asked


@given(some.sampled_from(PLACES))
def test_every_question_has_its_right_answer_among_others_and_a_program_that_makes_the_mistake(place):
    asked = questions(history(place), "1")[0]
    assert asked.right in asked.choices
    assert len(set(asked.choices)) == len(asked.choices) <= CHOICES
    programs = [program for mistake in MISTAKES if mistake.title == asked.right for program in mistake.programs]
    assert asked.code in [program.text for program in programs if program.step_id == asked.step.id]


def test_who_met_two_mistakes_is_asked_about_others_of_the_steps_they_tried():
    asked = questions(history(("volume-report", "sev2-first"), ("schema", "type-not-called")), "1")
    assert len(asked) == MAX_QUESTIONS
    assert {known.step.id for known in asked} == {"schema", "volume-report"}
    assert [bool(known.told) for known in asked] == [True, True, False, False, False, False]


@pytest.mark.parametrize(
    ("met", "recalled_at", "now", "due"),
    [
        ((), 0, PAUSE_SECONDS, False),
        ((("volume-report", "sev2-first"),), 0, PAUSE_SECONDS - 1, False),
        ((("volume-report", "sev2-first"),), 0, PAUSE_SECONDS, True),
        ((("volume-report", "sev2-first"),), 1, PAUSE_SECONDS, False),
        # A learner without mistakes has no questions.
        ((("volume-report", ""),), 0, PAUSE_SECONDS, False),
    ],
)
def test_it_is_time_days_after_the_last_attempt_and_after_the_last_recall(met, recalled_at, now, due):
    assert is_due(history(*met), recalled_at, now) is due


@pytest.fixture
def returned(app):
    """A learner on the page Start, who made two mistakes long ago."""
    open_page(app, "start")
    learner = learner_of(app)
    for step_id, mistake in (("volume-report", "sev2-first"), ("schema", "type-not-called")):
        learner.progress.history.adopt(step_id, {"events": [event(1.0, mistake)], "count": 1, "attempts": 1})
    app.run()
    return learner


def test_one_goes_through_them_and_is_not_asked_again(app, returned):
    press(app, "recall-begin")
    assert "Question 1 of 6" in words(app.markdown)
    asked = app.session_state["recall-round"].questions
    for number, known in enumerate(asked):
        press(app, f"recall-answer-{number}")
        assert not app.session_state["recall-round"].shows
        wrong = next(choice for choice in known.choices if choice != known.right)
        app.radio(key=f"recall-choice-{number}").set_value(known.right if number else wrong).run()
        press(app, f"recall-answer-{number}")
        said = words(app.success) if number else words(app.info)
        assert known.right in said
        assert (f"the check said: {known.told}" in words(app.caption)) is bool(known.told)
        press(app, f"recall-next-{number}")
    assert "You knew 5 of 6." in words(app.markdown)
    assert f"{asked[0].step.title}: {asked[0].right}" in words(app.markdown)
    press(app, "recall-close")
    assert returned.progress.recalled_at > 0
    assert "Five minutes of recall" not in words(app.markdown)


def test_who_does_not_want_to_is_left_alone(app, returned):
    press(app, "recall-later")
    assert "Five minutes of recall" not in words(app.markdown)


def test_who_is_new_is_asked_nothing(app):
    open_page(app, "start")
    assert "Five minutes of recall" not in words(app.markdown)
