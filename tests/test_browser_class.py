"""An hour of a class in browsers: a teacher and four learners, from the key to the export of the course."""

import csv
import io

import pytest
from browsing import START_WAIT, alert, cell, press, wait_for_text, write
from playwright.sync_api import expect
from test_browser_grading import ADA as HANDED_IN
from test_browser_grading import class_zip, downloaded
from test_browser_teacher import come_in, first_step, link_of, person, server  # noqa: F401 - fixtures
from test_browser_vote import bar, vote, without_votes
from test_presenter_browser import code, title

from lab.lesson.steps import STEPS

pytestmark = pytest.mark.slow

NAMES = ("Ada", "Grace", "Edsger", "Barbara")
WRONG = "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'"
SORTED, REFUSED = "A. sort the rows of each batch", "C. refuse to start the query"


def test_an_hour_of_a_class(server, person):  # noqa: F811
    learners = {name: person(f"{server.url}/schema") for name in NAMES}
    for name, page in learners.items():
        come_in(page, name)
    teacher = person(link_of(server))
    expect(teacher.get_by_role("heading", name="Class board")).to_be_visible()
    one_is_stuck_and_one_asks_for_help(teacher, learners)
    the_class_votes_twice(server, teacher, learners)
    the_stream_answers(teacher)
    a_learner_watches(server, teacher, learners["Ada"])
    what_was_handed_in_is_graded(teacher)
    the_course_is_exported(teacher)
    # A learner cannot reach the teacher's pages.
    for path in ("class-board", "vote", "presenter", "grading", "misunderstood"):
        learners["Edsger"].goto(f"{server.url}/{path}")
        expect(learners["Edsger"].get_by_text("Page not found")).to_be_visible()


def one_is_stuck_and_one_asks_for_help(teacher, learners):
    ada, grace = learners["Ada"], learners["Grace"]
    write(ada, "schema", WRONG)
    for tries in ("1 try", "2 tries", "3 times the same mistake"):
        press(ada, "run-schema")
        expect(first_step(teacher, "Ada")).to_contain_text(tries)
    expect(alert(ada, "schema")).to_contain_text("It is a counter, not a time of day")
    press(grace, "ask-for-help")
    expect(teacher.get_by_role("listitem").filter(has_text="Grace")).to_contain_text("on the page Schema")
    # Those who asked for help come first, then those who are stuck.
    assert teacher.locator(".lab-grid tbody button").all_inner_texts()[:2] == ["Grace", "Ada"]
    press(grace, "need-no-help")
    expect(teacher.get_by_text("Nobody has asked for help.")).to_be_visible()


def the_class_votes_twice(server, teacher, learners):  # noqa: F811
    pages = learners.values()
    teacher.goto(f"{server.url}/vote")
    expect(teacher.get_by_role("heading", name="Past votes")).to_be_visible()
    teacher.get_by_text("SEV0 log: Sorting a stream").click()
    press(teacher, "open-prediction")
    for page in pages:
        vote(page, SORTED)
    expect(teacher.get_by_text("4 of 4 have voted.")).to_be_visible()
    without_votes(teacher, *pages)
    press(teacher, "vote-close")
    press(teacher, "vote-reveal")
    for page in map(bar, pages):
        expect(page.get_by_text("4 votes, 100 %")).to_be_visible()
    press(teacher, "vote-vote-again")
    for page, choice in zip(pages, (REFUSED, REFUSED, REFUSED, SORTED), strict=True):
        # Until the choices of the new round appear, the old ones stand there with their votes.
        expect(bar(page).get_by_text("You have discussed it.")).to_be_visible()
        vote(page, choice)
    press(teacher, "vote-close")
    press(teacher, "vote-reveal")
    for page in (teacher, *map(bar, pages)):
        expect(page.get_by_text("Second vote: 3 votes, 75 %")).to_be_visible()


def the_stream_answers(teacher):
    press(teacher, "vote-run")
    come_in(teacher, "The teacher")
    expect(cell(teacher, "sev0-sorted").get_by_text("refused, as it should be")).to_be_visible(timeout=START_WAIT)
    teacher.get_by_role("link", name="Back to the vote").click()
    press(teacher, "vote-end")
    expect(teacher.get_by_role("button", name="Download the votes")).to_be_visible()


def a_learner_watches(server, teacher, ada):  # noqa: F811
    teacher.goto(f"{server.url}/presenter?step=schema")
    expect(title(teacher)).to_have_text("Declare the schema")
    teacher.get_by_text("Let the class watch").click()
    ada.goto(f"{server.url}/watch")
    expect(code(ada)).to_have_text(STEPS["schema"].starter)
    press(ada, "take-shown")
    wait_for_text(ada, "schema", STEPS["schema"].starter)


def what_was_handed_in_is_graded(teacher):
    teacher.goto(teacher.url.partition("/presenter")[0] + "/grading")
    expect(teacher.get_by_text("Nothing is graded yet")).to_be_visible()
    teacher.locator('input[type="file"]').set_input_files(
        {"name": "class.zip", "mimeType": "application/zip", "buffer": class_zip()}
    )
    expect(teacher.get_by_text("class.zip")).to_be_visible()
    press(teacher, "grade")
    expect(teacher.get_by_role("heading", name="Grades", exact=True)).to_be_visible(timeout=4 * START_WAIT)
    _, table = downloaded(teacher, "Table for Canvas or Moodle")
    assert f"{HANDED_IN},100,100," in table.decode("utf-8-sig")


def the_course_is_exported(teacher):
    teacher.get_by_role("link", name="What my class misunderstands").click()
    press(teacher, "collect-course")
    expect(teacher.get_by_role("heading", name="Steps")).to_be_visible()
    _, table = downloaded(teacher, "The course as CSV")
    text = table.decode("utf-8-sig")
    rows = list(csv.DictReader(io.StringIO(text)))
    assert not [name for name in (*NAMES, "teacher", "logSchema") if name in text]
    attempts = [row for row in rows if (row["kind"], row["about"], row["outcome"]) == ("attempt", "schema", "wrong")]
    assert len(attempts) == 3
    assert len({(row["learner"], row["mistake"]) for row in attempts}) == 1
    votes = {(row["about"], row["outcome"]): row["number"] for row in rows if row["kind"] == "vote"}
    assert votes == {
        ("sorted-stream-1", "wrong"): "4",
        ("sorted-stream-1", "right"): "0",
        ("sorted-stream-2", "wrong"): "1",
        ("sorted-stream-2", "right"): "3",
    }
