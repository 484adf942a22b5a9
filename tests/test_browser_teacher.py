"""A teacher and two learners in browsers of their own: the key, the board, help, a look at a learner's code."""

import re

import browsing
import pytest
from browsing import Server, alert, people, press, write
from playwright.sync_api import expect

from lab.lesson.steps import STEPS
from lab.settings import CLASS_CODE, STORE

pytestmark = pytest.mark.slow

CODE = "streams-27"
WRONG = "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'"
ADA, GRACE = "Ada *Lovelace*", "Grace <b>Hopper</b>"


@pytest.fixture
def server(tmp_path):
    server = Server(**{CLASS_CODE: CODE, STORE: f"sqlite:///{tmp_path}/lab.sqlite"})
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said)


@pytest.fixture
def person(browser):
    """Yield a function that opens an address in a new person's browser."""
    with people(browser) as opened:
        yield opened


def come_in(page, name):
    browsing.come_in(page, name, CODE)


def row(page, name):
    return page.locator(".lab-grid tbody tr", has=page.get_by_role("button", name=name, exact=True))


def first_step(page, name):
    return row(page, name).locator("td").first


def link_of(server):
    return next(found.group() for line in server.said if (found := re.search(r"http\S+/lab/teacher\?key=\S+", line)))


def test_a_lesson_with_the_board(server, person):
    ada = person(f"{server.url}/schema")
    assert "Your teacher can see your name" in ada.get_by_text("Your teacher can see").inner_text()
    come_in(ada, ADA)
    link = link_of(server)
    key = link.partition("key=")[2]

    # A wrong key is refused.
    teacher = person(f"{server.url}/lab/teacher?key={key[:-1]}")
    expect(teacher.get_by_text("That is not the teacher's key")).to_be_visible()
    teacher.goto(f"{server.url}/class-board")
    expect(teacher.get_by_text("Page not found")).to_be_visible()
    expect(teacher.get_by_text("Who asked for help")).to_have_count(0)

    # The key opens the board by the form and by a link; afterwards it is no longer in the address.
    teacher.goto(f"{server.url}/lab/teacher")
    teacher.get_by_label("The teacher's key").fill(key)
    teacher.get_by_role("button", name="Open").click()
    expect(teacher.get_by_role("heading", name="Class board")).to_be_visible()
    expect(teacher.get_by_text("Nobody has asked for help.")).to_be_visible()
    teacher.goto(link)
    expect(teacher.get_by_role("heading", name="Class board")).to_be_visible()
    assert teacher.url == f"{server.url}/class-board"
    assert key not in teacher.content()
    assert key not in teacher.evaluate("performance.getEntries().map(entry => entry.name).join()")
    assert key not in str(teacher.context.cookies())
    assert not [
        cookie for cookie in teacher.context.cookies() if "teacher" in cookie["name"] and not cookie["httpOnly"]
    ]
    expect(first_step(teacher, ADA)).to_contain_text("not begun")

    grace = person(f"{server.url}/schema")
    come_in(grace, GRACE)
    a_mistake_and_a_call_for_help(teacher, ada, grace)
    a_look_at_a_learner(teacher)

    # A learner without the key cannot reach the board, even while the teacher is there.
    ada.goto(f"{server.url}/class-board")
    expect(ada.get_by_text("Page not found")).to_be_visible()
    expect(ada.get_by_text("Who asked for help")).to_have_count(0)
    assert GRACE not in ada.content()

    # After the pass is returned, no page of the lab shows the board.
    teacher.get_by_role("link", name="Close the teacher's pages").click()
    expect(teacher.get_by_text("Who are you?")).to_be_visible()
    teacher.goto(f"{server.url}/class-board")
    expect(teacher.get_by_text("Page not found")).to_be_visible()


def a_mistake_and_a_call_for_help(teacher, ada, grace):
    write(grace, "schema", STEPS["schema"].code)
    press(grace, "run-schema")
    expect(first_step(teacher, GRACE)).to_contain_text("solved")
    write(ada, "schema", WRONG)
    for tries in ("1 try", "2 tries", "3 times the same mistake"):
        press(ada, "run-schema")
        expect(first_step(teacher, ADA)).to_contain_text(tries)
    expect(alert(ada, "schema")).to_contain_text("It is a counter, not a time of day")
    press(grace, "ask-for-help")
    expect(teacher.get_by_role("listitem").filter(has_text=GRACE)).to_contain_text("on the page Schema")
    # Those who asked for help come before those who are stuck.
    assert teacher.locator(".lab-grid tbody button").all_inner_texts() == [GRACE, ADA]
    press(grace, "need-no-help")
    expect(teacher.get_by_text("Nobody has asked for help.")).to_be_visible()
    expect(teacher.locator(".lab-grid tbody button").first).to_have_text(ADA)
    expect(teacher.get_by_text("1 learner:")).to_be_visible()


def a_look_at_a_learner(teacher):
    teacher.get_by_role("button", name=ADA, exact=True).click()
    expect(teacher.get_by_role("heading", name=ADA)).to_be_visible()
    expect(teacher.get_by_text("timestamp TIMESTAMP").first).to_be_visible()
    expect(teacher.locator('[data-testid="stAlert"]').first).to_contain_text("It is a counter, not a time of day")
    press(teacher, "back-to-class")
    expect(teacher.get_by_role("heading", name="Learners")).to_be_visible()

    # The projector view shows no names.
    teacher.get_by_text("For the projector").click()
    expect(teacher.get_by_role("heading", name="How far the class is")).to_be_visible()
    expect(teacher.get_by_text("Lovelace")).to_have_count(0)
