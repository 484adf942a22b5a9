"""A teacher with two windows and a learner who watches: keys, fit on a projector, code that is taken, strangers."""

import re
import signal

import pytest
from browsing import START_WAIT, WAIT, Server, go, press, wait_for_text, write
from playwright.sync_api import expect
from test_axe import AXE, found
from test_browser_teacher import CODE, come_in

from lab.lesson.steps import STEPS
from lab.settings import CLASS_CODE, STORE

pytestmark = pytest.mark.slow

PROJECTORS = ({"width": 1280, "height": 720}, {"width": 1024, "height": 768})
PHONE = {"width": 400, "height": 800}
MINE = "logSchema = 'mine'"
# Elements with more content than they show, which would scroll.
SCROLLS = """() => [document.documentElement, ...document.querySelectorAll("body *")].filter((each) => {
    const { overflowX, overflowY } = getComputedStyle(each)
    const [down, across] = [each.scrollHeight - each.clientHeight, each.scrollWidth - each.clientWidth]
    const root = each === document.documentElement
    return ((root || /auto|scroll/.test(overflowY)) && down > 1) || ((root || /auto|scroll/.test(overflowX)) && across > 1)
}).map((each) => `${each.tagName} ${each.className}`)"""


@pytest.fixture(scope="module")
def labs(tmp_path_factory):
    """Two labs of a class with one store."""
    variables = {
        CLASS_CODE: CODE,
        STORE: f"sqlite:///{tmp_path_factory.mktemp('store')}/lab.sqlite",
        "LAB_TEACHER_KEY": "the-key-of-the-teacher",
    }
    servers = [Server(**variables) for _ in range(2)]
    yield servers
    for server in servers:
        server.stop()
        assert "Traceback" not in "".join(server.said)


@pytest.fixture
def person(browser):
    """Return a function that makes a new person's browser context."""
    contexts = []

    def made(**options):
        contexts.append(browser.new_context(viewport=PROJECTORS[0], reduced_motion="reduce", **options))
        contexts[-1].set_default_timeout(WAIT)
        contexts[-1].add_init_script(AXE)
        return contexts[-1]

    yield made
    for context in contexts:
        context.close()


def window(context, address):
    page = context.new_page()
    page.goto(address)
    return page


def idle(page):
    page.wait_for_function("document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'")


def key(page, name):
    """Press a key, once the page handles keys."""
    expect(page.locator(".st-key-present-next button")).to_have_attribute("aria-keyshortcuts", "PageDown ArrowRight")
    page.keyboard.press(name)


def title(page):
    return page.locator(".lab-slide [data-kind='title']")


def code(page):
    return page.locator(".lab-slide [data-kind='code']")


def fact(page, name):
    return page.locator(f'.lab-stage [data-fact="{name}"]')


def read(page):
    """The chips of the log files that the query has read."""
    return page.locator(".lab-stage-chip[data-state='read']")


def without_scrollbars(page):
    for size in PROJECTORS:
        page.set_viewport_size(size)
        page.wait_for_function(f"() => ({SCROLLS})().length === 0")


def test_a_lesson_on_the_projector_that_a_learner_on_another_lab_watches(labs, person):
    here, there = labs
    teacher, ada = person(), person(color_scheme="dark")
    main = window(teacher, f"{here.url}/lab/teacher?key=the-key-of-the-teacher")
    expect(main.get_by_role("heading", name="Class board")).to_be_visible()
    main.goto(f"{here.url}/schema")
    come_in(main, "Teacher")
    projector = window(teacher, f"{here.url}/presenter")
    expect(title(projector)).to_have_text("Declare the schema")
    watcher = window(ada, f"{there.url}/watch")
    come_in(watcher, "Ada")
    expect(watcher.get_by_text("Your teacher shows nothing now.")).to_be_visible()
    assert found(watcher) == []

    # Text typed in one window appears in the other; the class sees it once the teacher allows it.
    write(main, "schema", MINE)
    expect(code(projector)).to_have_text(MINE)
    expect(code(watcher)).to_have_count(0)
    projector.get_by_text("Let the class watch").click()
    expect(code(watcher)).to_have_text(MINE)
    assert found(projector) + found(watcher) == []
    keys_do_what_they_say_once(main, projector, watcher)
    live_overtakes_the_slider(projector, here)
    everything_fits(projector, watcher)
    a_learner_takes_the_code(watcher, projector, there)

    # When the teacher stops, the last slide stays.
    projector.get_by_text("Let the class watch").click()
    watcher.goto(f"{there.url}/watch")
    expect(watcher.get_by_text("Your teacher has stopped showing.")).to_be_visible()
    expect(code(watcher)).to_be_visible()


def keys_do_what_they_say_once(main, projector, watcher):
    # The switch has the focus; it is no text field, so keys work.
    for _ in range(2):
        key(projector, "PageDown")
    expect(title(projector)).to_have_text(list(STEPS.values())[2].title)
    key(projector, "PageUp")
    expect(title(projector)).to_have_text(list(STEPS.values())[1].title)
    projector.goto(projector.url.partition("?")[0] + "?step=volume-query")
    expect(title(projector)).to_have_text("Start the query")
    key(projector, "s")
    expect(code(projector)).to_contain_text('.outputMode("complete")')
    expect(code(watcher)).to_contain_text('.outputMode("complete")')
    key(projector, "r")
    expect(fact(projector, "Query")).to_have_text("running")
    idle(projector)
    # Pressing twice, or holding the key, delivers only one pair.
    key(projector, "d")
    key(projector, "d")
    expect(read(projector)).to_have_count(2)
    expect(read(watcher)).to_have_count(2)
    idle(projector)
    expect(projector.locator(".st-key-present-deliver")).to_contain_text("t6 to t10")
    # The other window shows the same workspace.
    go(main, "Volume report")
    expect(fact(main, "Query")).to_have_text("running")
    key(projector, "d")
    expect(read(projector)).to_have_count(4)
    expect(projector.get_by_role("columnheader", name="before")).to_be_visible()
    key(projector, "?")
    expect(projector.get_by_text("the next step", exact=True)).to_be_visible()
    assert found(projector) == []
    key(projector, "?")
    expect(projector.get_by_text("the next step", exact=True)).to_have_count(0)
    # Arrows move a focused slider, and `l` returns to the live moment.
    projector.locator(".lab-stage input").focus()
    key(projector, "ArrowLeft")
    expect(projector.locator(".lab-stage-when strong")).not_to_contain_text("Now")
    expect(title(projector)).to_have_text("Start the query")
    idle(projector)
    key(projector, "l")
    expect(projector.locator(".lab-stage-when strong")).to_contain_text("Now")


def live_overtakes_the_slider(projector, server):
    """On a busy server, both presses arrive at once, and the page is drawn as before."""
    server.process.send_signal(signal.SIGSTOP)
    projector.locator(".lab-stage input").focus()
    projector.keyboard.press("ArrowLeft")
    expect(projector.locator(".lab-stage-when strong")).not_to_contain_text("Now")
    projector.get_by_role("button", name="Live (l)").click()
    server.process.send_signal(signal.SIGCONT)
    expect(projector.locator(".lab-stage-when strong")).to_contain_text("Now")
    slider = projector.locator(".lab-stage input")
    expect(slider).to_have_js_property("value", slider.get_attribute("max"))


def everything_fits(projector, watcher):
    without_scrollbars(projector)
    for step_id in ("schema", "sev0-query", "stop"):
        projector.goto(projector.url.partition("?")[0] + f"?step={step_id}")
        expect(title(projector)).to_have_text(STEPS[step_id].title)
        key(projector, "s")
        expect(projector.locator(".lab-slide [data-kind='about']")).to_contain_text("the lab's solution")
        without_scrollbars(projector)
    for page in (projector, watcher):
        page.set_viewport_size(PHONE)
        page.wait_for_function("() => document.documentElement.scrollWidth <= innerWidth")
        assert found(page) == []
        page.set_viewport_size(PROJECTORS[0])


def a_learner_takes_the_code(watcher, projector, there):
    projector.goto(projector.url.partition("?")[0] + "?step=schema")
    expect(code(watcher)).to_have_text(MINE)
    # On each page, a link in the sidebar leads there.
    watcher.goto(f"{there.url}/results")
    watcher.get_by_role("link", name="Your teacher shows").click(timeout=START_WAIT)
    expect(code(watcher)).to_have_text(MINE)
    press(watcher, "take-shown")
    expect(watcher.get_by_role("heading", name="Schema", level=1)).to_be_visible()
    expect(watcher.locator(".lab-attention-spoken")).to_contain_text("Your teacher's code is in your cell")
    wait_for_text(watcher, "schema", MINE)
    watcher.wait_for_function("() => document.activeElement?.closest('.st-key-code-schema-code')")
    # What the learner writes from then on is not shown to others.
    write(watcher, "schema", "logSchema = 'Ada'")
    expect(code(projector)).to_have_text(MINE)


def test_strangers_and_learners_get_nothing_of_the_presenter(labs, person):
    here, _ = labs
    stranger = window(person(), f"{here.url}/presenter")
    expect(stranger.get_by_text("Page not found")).to_be_visible()
    assert stranger.locator(".lab-slide").count() == 0
    stranger.goto(f"{here.url}/watch")
    expect(stranger.get_by_text("Who are you?")).to_be_visible()
    assert stranger.locator(".lab-slide").count() == 0
    come_in(stranger, "Grace")
    stranger.goto(f"{here.url}/presenter")
    expect(stranger.get_by_text("Page not found")).to_be_visible()
    expect(stranger.get_by_text(re.compile("Let the class watch"))).to_have_count(0)
