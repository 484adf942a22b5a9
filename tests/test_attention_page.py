"""Where the focus goes when a page loads slowly: the attention script, in a page without the lab."""

import json
from pathlib import Path

import pytest
from playwright.sync_api import expect

import lab.ui.attention

pytestmark = pytest.mark.slow

HERE = Path(lab.ui.attention.__file__).parent
SCRIPT = "\n".join((HERE / name).read_text(encoding="utf-8") for name in ("names.js", "attention.js"))
# Milliseconds of the page's own clock.
SOME_LOOKS = 600
APP = """
<div class="stApp" data-test-script-state="running">
    <button>Next</button><div data-testid="stMain"><h1>Start</h1></div>
</div>"""


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.set_content(APP)
    script = SCRIPT.replace("export default function", "window.attention = function")
    page.add_script_tag(content=script, type="module")
    page.wait_for_function("typeof window.attention === 'function'")
    yield page
    context.close()


def come(page, name, first="start"):
    """Call the script as Streamlit does with each run of a page."""
    data = {"page": name, "first": first, "focus": [0, ""], "words": [0, ""]}
    page.evaluate(f"attention({{ data: {json.dumps(data)} }})")


def draw(page, title):
    page.locator('[data-testid="stMain"]').evaluate("(main, title) => { main.innerHTML = `<h1>${title}</h1>` }", title)


def finish(page):
    page.evaluate("document.querySelector('.stApp').dataset.testScriptState = 'notRunning'")
    page.clock.run_for(SOME_LOOKS)


def test_a_heading_that_is_about_to_go_does_not_get_the_focus_of_the_next_page(page):
    come(page, "start")
    come(page, "schema")
    page.clock.run_for(SOME_LOOKS)
    expect(page.get_by_role("heading", name="Start")).not_to_be_focused()
    draw(page, "Schema")
    page.clock.run_for(SOME_LOOKS)
    expect(page.get_by_role("heading", name="Schema")).to_be_focused()


def test_a_heading_that_is_there_already_gets_it_once_the_page_is_drawn(page):
    come(page, "start")
    draw(page, "Schema")
    come(page, "schema")
    finish(page)
    expect(page.get_by_role("heading", name="Schema")).to_be_focused()


def test_who_is_quicker_than_the_first_page_is_led_to_the_heading_of_the_second(page):
    draw(page, "Schema")
    come(page, "schema")
    finish(page)
    expect(page.get_by_role("heading", name="Schema")).to_be_focused()


def test_the_first_page_takes_the_focus_from_nothing(page):
    page.get_by_role("button", name="Next").focus()
    come(page, "start")
    finish(page)
    page.clock.run_for(SOME_LOOKS)
    expect(page.get_by_role("button", name="Next")).to_be_focused()


EDITOR = '<div class="st-key-code"><div class="lab-editor"><textarea class="lab-editor-plain"></textarea></div></div>'
MOUNT = (
    "(main, editor) => { main.querySelector('.st-key-code')?.remove(); main.insertAdjacentHTML('beforeend', editor) }"
)


@pytest.fixture
def way(page):
    """The button that leads to the first cell, on a page with an editor."""
    come(page, "start")
    page.locator('[data-testid="stMain"]').evaluate(MOUNT, EDITOR)
    finish(page)
    way = page.get_by_role("button", name="Go to the first cell")
    way.focus()
    return way


def unmount(page):
    page.locator(".lab-editor-plain").evaluate("editor => editor.remove()")
    page.clock.run_for(SOME_LOOKS)


def test_a_way_leads_to_an_editor_that_is_just_mounted_anew(page, way):
    unmount(page)
    # The button stays usable for a person who has reached it.
    expect(way).to_be_focused()
    page.keyboard.press("Enter")
    page.locator('[data-testid="stMain"]').evaluate(MOUNT, EDITOR)
    page.clock.run_for(SOME_LOOKS)
    expect(page.locator(".lab-editor-plain")).to_be_focused()


def test_a_way_calls_nobody_back_who_has_gone_elsewhere_meanwhile(page, way):
    unmount(page)
    page.keyboard.press("Enter")
    page.get_by_role("button", name="Next").focus()
    page.locator('[data-testid="stMain"]').evaluate(MOUNT, EDITOR)
    page.clock.run_for(SOME_LOOKS)
    expect(page.get_by_role("button", name="Next")).to_be_focused()


def test_a_way_to_what_a_page_does_not_have_is_not_offered(page, way):
    page.get_by_role("button", name="Next").focus()
    unmount(page)
    expect(way).to_be_hidden()
    expect(page.get_by_text("Go to the deliveries")).to_be_hidden()
