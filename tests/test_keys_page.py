"""When a key presses its button while the server is busy: the keys' script, in a page without the lab."""

from pathlib import Path

import pytest

from lab.ui.teacher import keys

pytestmark = pytest.mark.slow

SCRIPT = (Path(keys.__file__).parent / "keys.js").read_text(encoding="utf-8")
APP = """
<div class="stApp" data-test-script-state="notRunning">
    <div class="st-key-next"><button onclick="pressed += 1">Next</button></div><div id="here"></div>
</div>
<script>var pressed = 0</script>"""
# Milliseconds of the page's own clock.
BEFORE_THE_SERVER_IS_GIVEN_UP, LONG_AFTER = 1000, 2000


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.clock.install()
    page.set_content(APP)
    page.add_script_tag(content=SCRIPT.replace("export default function", "window.keys = function"), type="module")
    page.wait_for_function("typeof window.keys === 'function'")
    data = "{ buttons: { PageDown: 'next' }, turns: ['next'] }"
    page.evaluate(f"keys({{ data: {data}, parentElement: document.querySelector('#here') }})")
    page.keyboard.press("PageDown")
    page.keyboard.press("PageDown")
    page.clock.run_for(BEFORE_THE_SERVER_IS_GIVEN_UP)
    assert page.evaluate("pressed") == 1
    yield page
    context.close()


def work(page, state):
    page.evaluate(f"document.querySelector('.stApp').dataset.testScriptState = '{state}'")
    page.clock.run_for(100)


def test_the_second_press_waits_until_the_server_has_done_the_first(page):
    work(page, "running")
    assert page.evaluate("pressed") == 1
    work(page, "notRunning")
    assert page.evaluate("pressed") == 2


def test_a_press_of_which_no_more_is_heard_is_not_waited_for(page):
    page.clock.run_for(LONG_AFTER)
    assert page.evaluate("pressed") == 2
