"""Votes on the pages, without a browser: the teacher's page, a learner's bar, and the demonstration afterwards."""

import re

import pytest
from apptest import AppTest
from classes import learner_id
from paging import learner_of, open_page, press, words

from lab.course.vote import ROUNDS, Vote
from lab.course.votes import Votes
from lab.errors import LabError
from lab.learner.real_thing import SHOWINGS, show
from lab.lesson.predictions import LATE_START, PREDICTIONS
from lab.lesson.steps import STEPS, answering
from lab.settings import CLASS_CODE
from lab.ui.parts import parts
from lab.ui.teacher import projector
from lab.ui.teacher.question import question_of

PAGE = "pages/vote.py"
MARKUP = "![x](http://example.org/x.png) **b** <i>"


@pytest.fixture(autouse=True)
def no_vote(classroom):
    """Remove the current vote and past votes, before and after a test."""

    def clear():
        if vote := parts().votes.look():
            parts().votes.end(vote)
        parts().votes.forget_past()

    clear()
    yield
    clear()


@pytest.fixture
def teacher(app):
    """The page Vote; a person alone at their machine is also the teacher."""
    app.run()
    app.switch_page(PAGE).run()
    assert not app.exception
    return app


def everything(app):
    shown = [*app.markdown, *app.header, *app.caption, *app.info, *app.success, *app.warning, *app.error]
    return words(shown) + words_of_bars(app)


def words_of_bars(app):
    return " ".join(each.proto.text for each in app.get("progress"))


def cast(*choices, number=1):
    """Cast votes of some learners."""
    for place, choice in enumerate(choices):
        parts().votes.cast(learner_id(0xF00 + place), parts().votes.look().question.id, number, choice)


# --- the teacher's page


def test_a_vote_from_the_question_to_the_past(teacher):
    app = teacher
    app.radio(key="question-prediction").set_value("sorted-stream").run()
    assert "what will Spark do when you sort a stream?" in everything(app)
    press(app, "open-prediction")
    cast(0, 2, 2)
    app.run()
    assert "3 of" in everything(app)
    assert "%" not in everything(app)
    press(app, "vote-close")
    assert "The vote is closed." in everything(app)
    assert "%" not in everything(app)
    press(app, "vote-reopen")
    press(app, "vote-close")
    press(app, "vote-reveal")
    assert "2 votes, 67 %" in words_of_bars(app)
    assert "right" not in everything(app)
    press(app, "vote-vote-again")
    assert "%" not in everything(app)
    cast(2, 2, 2, number=2)
    press(app, "vote-close")
    press(app, "vote-reveal")
    assert "First vote: 2 votes, 67 %" in words_of_bars(app)
    assert "Second vote: 3 votes, 100 %" in words_of_bars(app)
    assert "1 changed their choice (A to C: 1)" in everything(app)
    assert ":material/check: right" in everything(app)
    press(app, "vote-end")
    [past] = [each for each in app.expander if "sort a stream" in each.label]
    assert "Second vote: 3 votes, 100 %" in words_of_bars(past)
    press(app, "forget-votes")
    assert "There is none yet." in everything(app)


def test_a_question_of_ones_own_is_text_and_a_wrong_one_loses_nothing(teacher):
    app = teacher
    app.radio(key="question-kind").set_value("A question of your own").run()
    app.text_input(key="own-text").set_value(MARKUP)
    app.text_area(key="own-choices").set_value("one")
    press(app, "open-own")
    assert "this one has 1" in words(app.error)
    assert app.text_input(key="own-text").value == MARKUP
    app.text_area(key="own-choices").set_value(f"one\n{MARKUP}\n")
    press(app, "open-own")
    assert parts().votes.look().question.choices == ("one", MARKUP)
    drawn = " ".join(str(each.value) for each in app.markdown)
    assert "![x](" not in drawn
    assert "<i>" not in drawn
    cast(1)
    for move in (Vote.close, Vote.reveal):
        parts().votes.change(parts().votes.look(), move)
    app.run()
    drawn = " ".join(str(each.value) for each in app.markdown)
    assert "![x](" not in drawn
    # The lab neither knows the right answer nor has anything to run.
    assert not {"vote-tell", "vote-run"} & {each.key for each in app.button}


def test_what_is_right_can_be_said_after_one_round(teacher):
    parts().votes.open(question_of("empty-table"))
    for move in (Vote.close, Vote.reveal):
        parts().votes.change(parts().votes.look(), move)
    teacher.run()
    press(teacher, "vote-tell")
    assert ":material/check: right" in everything(teacher)
    assert "vote-vote-again" not in {each.key for each in teacher.button}


def test_two_pages_of_the_teacher_that_press_at_once(teacher):
    press(teacher, "open-prediction")
    seen = parts().votes.look()
    closed = parts().votes.change(seen, Vote.close)
    # The page still shows the old state of the vote: its press comes too late, and changes nothing.
    teacher.button(key="vote-close").click().run()
    assert not teacher.exception
    assert parts().votes.look() == closed


def test_the_projector_has_the_address_the_number_and_no_forms(teacher, monkeypatch):
    app = teacher
    press(app, "open-prediction")
    cast(0, 1)
    app.toggle(key=projector.PROJECTOR).set_value(True).run()
    shown = everything(app)
    assert re.search(r"2 of \d+ have voted", shown)
    assert "%" not in shown
    [code] = app.get("image")
    assert "QR code of http" in str(code.proto)
    assert "Only this machine reaches this address." in shown
    assert not app.text_input
    press(app, "vote-end")
    assert "No question is open now." in everything(app)


@pytest.mark.parametrize(
    ("url", "address"),
    [
        ("https://lab.example.org/vote", "https://lab.example.org/v"),
        ("https://lab.example.org/course/vote/", "https://lab.example.org/course/v"),
        ("http://localhost:8501", "http://localhost:8501/v"),
        ("https://vote.example.org/", "https://vote.example.org/v"),
    ],
)
def test_the_address_is_where_this_browser_has_the_lab(monkeypatch, url, address):
    monkeypatch.setattr("streamlit.runtime.context.ContextProxy.url", property(lambda _: url))
    assert projector.short_address() == address


def test_a_store_that_cannot_be_asked_is_a_sentence(teacher, monkeypatch):
    press(teacher, "open-prediction")

    def fail(*_):
        raise LabError("What you write cannot be kept in it (gone).", "See to that database.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.store.survey.Survey.of", fail)
        patch.setattr("lab.store.survey.Survey.changed", fail)
        teacher.run()
        assert not teacher.exception
        assert "The store cannot be asked now." in everything(teacher)
    teacher.run()
    assert "The store cannot be asked now." not in everything(teacher)


def test_without_the_key_a_class_server_has_no_such_page(app, monkeypatch):
    monkeypatch.setenv(CLASS_CODE, "the class of the vote")
    app.run()
    with pytest.raises(ValueError, match="Could not find a navigation page"):
        app.switch_page(PAGE).run()
    page = AppTest.from_file(f"../{PAGE}", default_timeout=60).run()
    assert "This page is for the teacher" in words(page.info)
    assert not page.header
    monkeypatch.delenv(CLASS_CODE)


# --- the bar


def test_a_learner_votes_on_any_page_and_may_change_it(app):
    open_page(app, "results")
    assert "Your teacher asks" not in everything(app)
    vote = parts().votes.open(question_of("sorted-stream"))
    app.run()
    assert "Your teacher asks the class. Vote here." in words(app.info)
    cast_key = f"cast-{vote.question.id}-1"
    press(app, cast_key)
    assert "Choose something first." in words(app.warning)
    app.radio(key=f"choice-{vote.question.id}-1").set_value(0)
    press(app, cast_key)
    assert "You voted for **A. sort the rows of each batch**" in words(app.success)
    app.radio(key=f"choice-{vote.question.id}-1").set_value(2)
    press(app, cast_key)
    assert parts().votes.tally(vote).rounds == ((0, 0, 1),)
    # The vote is on other pages, too, and a screen reader does not hear of it again.
    open_page(app, "schema")
    assert "You voted for **C. refuse to start the query**" in words(app.success)
    app.run()
    assert "%" not in everything(app)

    closed = parts().votes.change(vote, Vote.close)
    app.run()
    assert "Your teacher has not shown the votes yet." in everything(app)
    assert "%" not in everything(app)
    revealed = parts().votes.change(closed, Vote.reveal)
    app.run()
    assert "1 vote, 100 %" in words_of_bars(app)
    assert ":blue-badge[your vote]" in everything(app)
    assert ":material/check: right" not in everything(app)
    again = parts().votes.change(revealed, Vote.vote_again)
    app.run()
    assert "You have discussed it." in everything(app)
    assert "%" not in everything(app)
    assert again.round == ROUNDS
    parts().votes.end(again)
    app.run()
    assert "You have discussed it." not in everything(app)


def test_a_press_that_comes_after_the_vote_was_closed_is_a_sentence(app):
    open_page(app, "results")
    vote = parts().votes.open(question_of("sorted-stream"))
    app.run()
    app.radio(key=f"choice-{vote.question.id}-1").set_value(0)
    # Another lab has closed the vote, and this lab does not know yet.
    Votes(lambda: parts().classroom.store, lambda: parts().classroom.entrance.class_code).change(vote, Vote.close)
    app.button(key=f"cast-{vote.question.id}-1").click().run()
    assert not app.exception
    assert "This vote is closed." in words(app.error)
    assert parts().votes.tally(vote).voted(1) == 0


# --- the demonstration


def test_every_prediction_can_be_run_and_every_one_with_choices_be_asked():
    assert set(SHOWINGS) == set(PREDICTIONS)
    for known in PREDICTIONS.values():
        if known.choices:
            asked = question_of(known.id)
            assert asked.choices[asked.right] == known.right


def test_one_press_runs_the_real_thing_on_its_page(teacher):
    app = teacher
    parts().votes.open(question_of("sorted-stream"))
    for move in (Vote.close, Vote.reveal):
        parts().votes.change(parts().votes.look(), move)
    app.run()
    press(app, "vote-run")
    run = learner_of(app).runs.last(STEPS["sev0-sorted"])
    assert run.failure
    shown = everything(app)
    assert "The class has voted on this: Sorting a stream." in shown.replace("**", "")
    assert "Spark refuses before it reads a row" in words(app.success)
    assert "SEV0 log" in words(app.title)
    # A prediction is not asked for again, and nothing runs by itself again.
    assert "predicted-sorted-stream" not in {each.key for each in app.button}
    # AppTest does not notice that the app has switched the page.
    open_page(app, "sev0_log")
    assert learner_of(app).runs.last(STEPS["sev0-sorted"]) is run
    press(app, "close-shown")
    assert "The class has voted on this" not in everything(app)


def test_what_fails_is_a_sentence_with_a_button_to_try_again(teacher, monkeypatch):
    app = teacher
    parts().votes.open(question_of("sorted-stream"))
    for move in (Vote.close, Vote.reveal):
        parts().votes.change(parts().votes.look(), move)
    app.run()

    def fail(*_):
        raise LabError("Spark is away.", "Bring it back.")

    with monkeypatch.context() as patch:
        patch.setattr("lab.ui.teacher.run_for_class.show", fail)
        press(app, "vote-run")
        assert "Spark is away." in words(app.error)
    open_page(app, "sev0_log")
    press(app, "show-again")
    assert "Spark refuses before it reads a row" in words(app.success)


@pytest.mark.slow
@pytest.mark.parametrize("prediction_id", list(PREDICTIONS))
def test_the_real_thing_shows_what_the_prediction_says(learner, prediction_id):
    show(learner, prediction_id)
    # A page may not wait longer for a delivery.
    assert learner.workspace.wait_until_read(60)
    assert learner.progress.prediction(prediction_id) == ""
    report, pairs = learner.runs.latest(answering("volume")), learner.workspace.dataset.pairs
    files = [{file.name for batch in report.batches for file in batch.files}] if report else []
    match prediction_id:
        case "first-pair":
            assert files == [set(pairs[0].files)]
        case "second-pair":
            assert files == [{*pairs[0].files, *pairs[1].files}]
        case "sorted-stream":
            assert learner.runs.last(STEPS["sev0-sorted"]).failure
        case "update-mode":
            assert learner.experiments.compared
        case "crash-restart" | "crash-checkpoint":
            assert learner.experiments.crash
            assert {"crash-restart", "crash-checkpoint"} <= {
                known for known in PREDICTIONS if learner.progress.prediction(known) is not None
            }
        case "header":
            assert (
                len(learner.runs.last(STEPS["schema-header"]).table)
                == len(learner.workspace.dataset.log_file(learner.workspace.dataset.files[0]).records) - 1
            )
        case "empty-table":
            assert report.batches == () or not files[0]
            assert "s1" not in learner.runs.last(STEPS["volume-show"]).text
        case known if known == LATE_START:
            peek = learner.runs.latest(STEPS["peek"])
            assert {file.name for file in peek.batches[0].files} == set(learner.workspace.dataset.files)
        case "after-stop":
            assert report.ended
            assert "s1" in learner.runs.last(STEPS["volume-show"]).text


def test_the_second_pair_goes_on_where_the_first_has_ended(learner):
    show(learner, "first-pair")
    begun = learner.runs.latest(answering("volume")).run_id
    show(learner, "second-pair")
    assert learner.runs.latest(answering("volume")).run_id == begun
