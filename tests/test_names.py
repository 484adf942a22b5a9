"""The names of controls that Streamlit leaves without a name, or gives the same name."""

from pathlib import Path

import pytest

import lab.ui.attention

pytestmark = pytest.mark.slow

NAMES = Path(lab.ui.attention.__file__).with_name("names.js").read_text(encoding="utf-8")
LABELS = """() => [...document.querySelectorAll("button")].map((each) => each.getAttribute("aria-label"))"""
ICONS = """
<div data-testid="stMain">
    <h2>Grading</h2><button aria-label="Open"><svg></svg></button>
    <h2>Reasons</h2><button aria-label="Open"><svg></svg></button><button>Run</button>
</div>"""


@pytest.fixture
def page(browser):
    context = browser.new_context()
    page = context.new_page()
    page.set_content(ICONS)
    page.add_script_tag(content=NAMES)
    yield page
    context.close()


def named(page, looks):
    """Return the buttons' labels after each of `looks` runs of the script."""
    labels = []
    for _ in range(looks):
        page.evaluate("nameAndReach()")
        labels.append(page.evaluate(LABELS))
    return labels


def test_buttons_without_a_text_keep_the_names_that_tell_them_apart(page):
    assert named(page, 4) == [["Open: Grading", "Open: Reasons", None]] * 4


def test_a_button_that_is_alone_again_has_its_own_name_back(page):
    named(page, 2)
    page.evaluate("document.querySelectorAll('button')[1].remove()")
    assert named(page, 3) == [["Open", None]] * 3


def test_what_streamlit_says_later_counts_more(page):
    named(page, 2)
    page.evaluate("document.querySelector('button').setAttribute('aria-label', 'Close')")
    assert named(page, 2) == [["Close", "Open", None]] * 2
