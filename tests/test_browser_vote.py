"""A class votes: a teacher, two learners, and a phone without JavaScript, each in its own browser."""

import re

import browsing
import pytest
from browsing import START_WAIT, Server, cell, people, press
from playwright.sync_api import expect
from test_axe import AXE, FIND, SCHEMES, found

from lab.settings import CLASS_CODE, STORE, TEACHER_KEY
from lab.ui.vote.page import NAME

pytestmark = pytest.mark.slow

CODE, KEY = "streams-27", "the-key-of-the-teacher"
QUESTION = "what will Spark do when you sort a stream?"
# The badge, whose icon has a name; not the button that reveals what is right.
RIGHT = re.compile(r"^(check)?\s*right$")
CHOICES = ("A. sort the rows of each batch", "C. refuse to start the query")


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    store = f"sqlite:///{tmp_path_factory.mktemp('votes')}/lab.sqlite"
    server = Server(**{CLASS_CODE: CODE, TEACHER_KEY: KEY, STORE: store})
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said)


@pytest.fixture
def person(browser):
    """Yield a function that opens an address in a new person's browser."""
    with people(browser, viewport={"width": 1280, "height": 720}) as opened:
        yield opened


def come_in(page, name):
    browsing.come_in(page, name, CODE)


def bar(page):
    return page.locator(".st-key-vote-bar")


def vote(page, choice):
    bar(page).get_by_text(choice).first.click()
    bar(page).get_by_role("button", name="Vote").click()
    expect(bar(page).get_by_text(f"You voted for {choice}")).to_be_visible()


def vote_by_phone(page, choice):
    page.get_by_label(choice).check()
    page.get_by_role("button", name="Vote").click()
    expect(page.get_by_text(f"You voted for {choice}")).to_be_visible()


def without_votes(*pages):
    """Require that no page shows how the class has voted."""
    for page in pages:
        assert not re.search(r"\d\s*%|\b\d votes?,", page.locator("main").first.inner_text())


def test_a_vote_before_and_after_a_discussion_and_then_the_real_thing(server, person):
    teacher = person(f"{server.url}/lab/teacher?key={KEY}")
    learners = [person(f"{server.url}/{path}") for path in ("schema", "results")]
    for learner, name in zip(learners, ("Ada", "Grace <b>"), strict=True):
        come_in(learner, name)
    phone = person(f"{server.url}/{NAME}", viewport={"width": 320, "height": 640}, java_script_enabled=False)
    expect(phone.get_by_text("No question is open now.")).to_be_visible()
    teacher.goto(f"{server.url}/vote")
    # This is the last element of the page; before it is there, a redraw may replace what is pressed.
    expect(teacher.get_by_role("heading", name="Past votes")).to_be_visible()
    teacher.get_by_text("SEV0 log: Sorting a stream").click()
    expect(teacher.get_by_text(QUESTION)).to_be_visible()
    press(teacher, "open-prediction")
    expect(teacher.get_by_text("0 of 2 have voted.")).to_be_visible()
    the_first_vote(teacher, learners, phone)
    the_projector(server, teacher)
    the_first_votes_are_revealed(teacher, learners, phone)
    the_second_vote(teacher, learners, phone)
    the_real_thing(teacher)
    the_end(teacher, learners)


def the_first_vote(teacher, learners, phone):
    for learner in learners:
        expect(bar(learner).get_by_text(QUESTION)).to_be_visible()
        vote(learner, CHOICES[0])
    a_phone_joins(phone, CHOICES[0])
    expect(teacher.get_by_text("3 of 3 have voted.")).to_be_visible()
    without_votes(teacher, *learners, phone)


def the_projector(server, teacher):
    teacher.get_by_text("For the projector").click()
    large = teacher.locator(".st-key-vote-large")
    expect(large.get_by_role("img", name=f"QR code of {server.url}/{NAME}")).to_be_visible()
    # The picture may be redrawn at the moment of the check.
    teacher.wait_for_function(
        "[...document.querySelectorAll('.st-key-vote-large img')].some(each => each.getBoundingClientRect().width > 200)"
    )
    expect(teacher.get_by_text(f"{server.url.removeprefix('http://')}/{NAME}")).to_be_visible()
    without_votes(teacher)
    assert "Ada" not in teacher.content()


def the_first_votes_are_revealed(teacher, learners, phone):
    press(teacher, "vote-close")
    expect(bar(learners[0]).get_by_text("The vote is closed.")).to_be_visible()
    without_votes(teacher, *learners)
    press(teacher, "vote-reveal")
    for page in (teacher, *map(bar, learners)):
        expect(page.get_by_text("3 votes, 100 %")).to_be_visible()
        # Before the second vote, nobody is told what is right.
        expect(page.get_by_text(RIGHT)).to_have_count(0)
    phone.get_by_role("link", name="Look again").click()
    expect(phone.get_by_text("3 votes, 100 %")).to_be_visible()


def the_second_vote(teacher, learners, phone):
    press(teacher, "vote-vote-again")
    for learner in learners:
        expect(bar(learner).get_by_text("You have discussed it.")).to_be_visible()
        without_votes(learner)
        vote(learner, CHOICES[1])
    phone.get_by_role("link", name="Look again").click()
    vote_by_phone(phone, CHOICES[0])
    expect(teacher.get_by_text("3 of 3 have voted.")).to_be_visible()
    without_votes(teacher, phone)
    press(teacher, "vote-close")
    press(teacher, "vote-reveal")
    for page in (teacher, *map(bar, learners)):
        expect(page.get_by_text("Second vote: 2 votes, 67 %")).to_be_visible()
        expect(page.get_by_text("2 changed their choice (A to C: 2)")).to_be_visible()
        expect(page.get_by_text(RIGHT)).to_be_visible()
    phone.get_by_role("link", name="Look again").click()
    expect(phone.get_by_text("Second vote: 2 votes, 67 %")).to_be_visible()


def the_real_thing(teacher):
    """Run the demonstration with one press, on the teacher's workspace; a teacher without one enters a name first."""
    press(teacher, "vote-run")
    come_in(teacher, "The teacher")
    expect(cell(teacher, "sev0-sorted").get_by_text("refused, as it should be")).to_be_visible(timeout=START_WAIT)
    expect(teacher.locator(".st-key-shown-to-class").get_by_text("Spark refuses before it reads a row")).to_be_visible()


def the_end(teacher, learners):
    teacher.get_by_role("link", name="Back to the vote").click()
    press(teacher, "vote-end")
    expect(teacher.get_by_role("heading", name="Past votes")).to_be_visible()
    for learner in learners:
        expect(bar(learner).get_by_text(QUESTION)).to_have_count(0)
    with teacher.expect_download() as download:
        press(teacher, "download-votes")
    table = download.value.path().read_text(encoding="utf-8-sig")
    assert table.count("refuse to start the query") == 2
    assert "Ada" not in table


def a_phone_joins(phone, choice):
    """Join by the class code; a wrong code is refused, and the choice is kept."""
    phone.get_by_role("link", name="Look again").click()
    phone.get_by_label("Class code").fill("another")
    phone.get_by_label(choice).check()
    phone.get_by_role("button", name="Vote").click()
    expect(phone.get_by_text("That is not the code of this class.")).to_be_visible()
    expect(phone.get_by_label(choice)).to_be_checked()
    phone.get_by_label("Class code").fill(CODE)
    vote_by_phone(phone, choice)
    assert phone.evaluate("document.documentElement.scrollWidth") <= 320


def test_what_axe_finds_on_a_vote_and_that_nothing_is_wider_than_its_window(server, person):
    look = {"reduced_motion": "reduce"}
    teacher = person(f"{server.url}/lab/teacher?key={KEY}", viewport={"width": 1024, "height": 768}, **look)
    learner = person(f"{server.url}/schema", viewport={"width": 400, "height": 800}, **look)
    come_in(learner, "Ada")
    phone = person(f"{server.url}/{NAME}", viewport={"width": 320, "height": 640}, **look)
    teacher.goto(f"{server.url}/vote")
    expect(teacher.get_by_role("heading", name="Past votes")).to_be_visible()
    clean(teacher, learner, phone)
    teacher.get_by_text("A question of your own").click()
    teacher.get_by_label("Your question").fill("x" * 300)
    teacher.get_by_label("The choices").fill("\n".join(f"{letter * 119}" for letter in "abcdef"))
    press(teacher, "open-own")
    expect(teacher.get_by_text("have voted.")).to_be_visible()
    expect(bar(learner).get_by_role("button", name="Vote")).to_be_visible()
    clean(teacher, learner, phone)
    teacher.get_by_text("For the projector").click()
    expect(teacher.locator(".st-key-vote-large")).to_be_visible()
    clean(teacher)
    press(teacher, "vote-close")
    press(teacher, "vote-reveal")
    expect(bar(learner).get_by_text("0 votes, 0 %").first).to_be_visible()
    clean(teacher, learner, phone)
    press(teacher, "vote-end")
    expect(teacher.get_by_text("No question is open now.")).to_be_visible()


def plain_found(page):
    wrong = []
    for scheme in SCHEMES:
        page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
        wrong += page.evaluate(FIND)
    return wrong


def clean(*pages):
    for page in pages:
        is_plain = page.url.endswith(f"/{NAME}")
        if is_plain:
            page.get_by_role("link", name="Look again").click()
        page.evaluate(AXE)
        assert (plain_found(page) if is_plain else found(page)) == []
        wide = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        assert page.evaluate(wide) <= 0, page.url
