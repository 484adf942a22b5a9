"""Where the focus is after a press and after a page change, and what a screen reader hears; by keyboard only."""

import re

import pytest
from browsing import START_WAIT, alert, cell, open_lab, solve, wait_for_text, write
from playwright.sync_api import expect

from lab.lesson.steps import STEPS
from lab.ui.shell import PAGES

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield lambda path: open_lab(context, server, path)
    context.close()


def press(page, key):
    """Press a button by keyboard: focus it, then press Enter."""
    button = page.locator(f".st-key-{key} button")
    button.focus()
    page.keyboard.press("Enter")
    return button


def told(page):
    return page.locator(".lab-attention-spoken")


def focused(page, key):
    """Wait until the focus is in the block with this key."""
    page.wait_for_function("key => document.activeElement?.closest(`.st-key-${key}`)", arg=key)


def first_stop(page, way):
    """Go to the first tab stop of the page; while the editor is remounted, Tab may skip to the next one."""
    for key in ["Tab", "Shift+Tab"] * 5:
        expect(way).to_be_attached()
        page.keyboard.press(key)
        if way.and_(page.locator(":focus")).count():
            return
    expect(way).to_be_focused()


@pytest.mark.parametrize("surface", ["editor", "plain"])
def test_the_focus_stays_or_goes_to_what_a_press_has_brought(visit, surface):
    page = visit("schema")
    code = "code-schema-code"
    if surface == "plain":
        page.get_by_text("Plain text area instead of the editor").click()
        code = "code-schema"
        page.locator(".st-key-code-schema textarea").fill("logSchema = 3")
    else:
        write(page, "schema", "logSchema = 3")
    page.keyboard.press("Control+Enter")
    expect(alert(page, "schema")).to_contain_text("expected a StructType")
    focused(page, code)
    # The same wrong answer is announced again.
    button = press(page, "run-schema")
    expect(told(page)).to_contain_text("Checked again, with the same result")
    expect(button).to_be_focused()
    page.locator(".st-key-help-schema summary").press("Enter")
    press(page, "hint-schema")
    focused(page, "hint-1-schema")
    page.keyboard.press("Tab")
    expect(page.locator(".st-key-hint-schema button")).to_be_focused()
    press(page, "solution-schema")
    focused(page, "shown-schema")
    press(page, "take-schema")
    focused(page, code)
    page.keyboard.press("Control+Enter")
    expect(cell(page, "schema").get_by_text(re.compile("^Right")).first).to_be_visible()
    expect(told(page)).to_contain_text("Right: three columns")
    press(page, "run-schema-right")
    expect(told(page)).to_contain_text("With logSchema has run. 11 rows. Null: none.")
    focused(page, "run-schema-right")
    press(page, "reset-schema")
    focused(page, code)
    if surface == "editor":
        wait_for_text(page, "schema", STEPS["schema"].starter)


def test_a_new_page_begins_at_its_heading_and_has_its_own_title(visit):
    page = visit("schema")
    for name, title, _ in PAGES[5:]:
        page.locator('[data-testid="stMain"]').evaluate("main => main.scrollTo(0, 500)")
        page.locator('[data-testid="stSidebarNav"]').get_by_role("link", name=title).press("Enter")
        expect(page.get_by_role("heading", name=title, level=1)).to_be_focused()
        expect(page).to_have_title(f"{title} · Spark Streaming lab")
        assert page.locator('[data-testid="stMain"]').evaluate("main => main.scrollTop") == 0, name


def test_the_first_cell_is_one_press_away_and_nobody_is_called_back_who_has_gone_on(visit):
    page = visit("schema")
    way = page.get_by_role("button", name="Go to the first cell")
    page.locator("[data-test-script-state=notRunning]").wait_for()
    first_stop(page, way)
    page.keyboard.press("Enter")
    focused(page, "code-schema-code")
    page.locator(".st-key-help-schema summary").press("Enter")
    press(page, "hint-schema")
    # The focus moves on before the hint is there.
    page.locator(".st-key-code-schema-code .ace_text-input").focus()
    expect(page.locator(".st-key-hint-1-schema")).to_be_visible(timeout=START_WAIT)
    focused(page, "code-schema-code")


def test_no_two_buttons_have_the_same_name_and_a_demonstration_is_named_for_its_heading(visit):
    page = visit("schema")
    for title in (
        "With logSchema",
        "Columns in another order",
        "A header that is not there",
        "The timestamp as a clock",
    ):
        expect(page.get_by_role("button", name=f"Run: {title}", exact=True)).to_have_count(1)
    expect(page.get_by_role("button", name="Run and check", exact=True)).to_have_count(1)
    page.locator(".st-key-scratch summary").first.press("Enter")
    expect(page.get_by_role("button", name="Run the scratch cell", exact=True)).to_be_visible()
    expect(page.locator(".st-key-scratch summary").last).to_have_accessible_name("Earlier versions: Scratch cell")


def test_what_scrolls_is_reached_by_keys_and_what_came_says_what_it_is(visit):
    page = visit("schema")
    page.set_viewport_size({"width": 400, "height": 720})
    page.locator(".st-key-help-schema summary").press("Enter")
    press(page, "hint-schema")
    hint = page.locator(".st-key-hint-1-schema")
    expect(hint).to_be_focused()
    expect(hint).to_have_accessible_name(re.compile("Look at a line of a log file"))
    page.keyboard.press("Tab")
    expect(hint).to_have_accessible_name("")


def test_what_a_delivery_has_changed_is_told_also_where_the_stage_is_closed(visit):
    page = visit("read-stream")
    press(page, "prepare")
    expect(page.get_by_text("This page builds on")).to_have_count(0)
    solve(page, "read-stream")
    press(page, "run-peek")
    expect(page.locator(".st-key-cell-peek").get_by_text("running")).to_be_visible()
    page.set_viewport_size({"width": 400, "height": 800})
    page.locator(".lab-stage-bar").press("Enter")
    press(page, "deliver-first")
    page.locator(".lab-stage-bar").press("Enter")
    expect(told(page)).to_contain_text("Delivered s115.csv and s215.csv.")
    said = page.locator(".lab-stage-said")
    expect(said).to_contain_text("read 21 rows")
    expect(page.locator(".lab-stage-when")).to_be_hidden()
    assert said.evaluate("said => getComputedStyle(said).visibility") == "visible"


def test_results_have_names_of_their_own_and_say_what_the_check_finds(visit):
    page = visit("results")
    press(page, "check-volume-first")
    expect(told(page)).to_contain_text("Result 1:")
    expect(page.locator(".st-key-check-volume-first button")).to_be_focused()
    for number in range(1, 5):
        expect(page.get_by_label(f"Your result {number}, one row per line")).to_have_count(1)
        expect(page.get_by_role("button", name=f"Check result {number}")).to_have_count(1)
