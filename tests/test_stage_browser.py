"""The stage in a browser: beside the lesson, without scrolling the page, by mouse and by keyboard."""

import re

import pytest
from browsing import deliver, figure, go, open_lab, pair_read, start_query, strip
from playwright.sync_api import expect

# The tests start their own Spark.
pytestmark = pytest.mark.slow

WINDOW = {"width": 1280, "height": 720}
WITHIN = """([selector, height]) => {
    const { top, bottom } = document.querySelector(selector).getBoundingClientRect()
    return top >= 0 && bottom <= height
}"""


@pytest.fixture(scope="module")
def opened(browser, server):
    """A page with the query of the report running, and no delivery yet. The first test delivers, for all tests."""
    context = browser.new_context(viewport=WINDOW)
    page = open_lab(context, server, "volume-report")
    start_query(page)
    yield page
    context.close()


@pytest.fixture
def page(opened):
    """The stage in its initial state: in a wide window, and live."""
    opened.set_viewport_size(WINDOW)
    opened.emulate_media(reduced_motion="no-preference")
    opened.get_by_role("button", name="Live", exact=True).click()
    expect(opened.get_by_role("button", name="Live", exact=True)).to_have_attribute("aria-pressed", "true")
    return opened


def chip(page, name):
    return page.locator(f'.lab-stage [data-name="{name}"]')


def place(page, folder):
    return page.locator(f'.lab-stage [data-place="{folder}"]')


def slider(page):
    return page.get_by_role("slider", name="Moment of the run")


def test_a_delivery_and_what_comes_of_it_are_in_sight_without_scrolling(page):
    main = page.locator('[data-testid="stMain"]')
    before = main.evaluate("element => element.scrollTop")
    expect(place(page, "LogData").locator('[data-name="s115.csv"]')).to_be_visible()
    deliver(page, "first")
    newest = pair_read(page)
    expect(place(page, "LogDataLive").locator('[data-name="s115.csv"]')).to_contain_text("batch")
    bars = figure(page, "volume")
    expect(bars).to_be_visible()
    page.wait_for_function(WITHIN, arg=[".st-key-figure-volume svg", WINDOW["height"]])
    assert main.evaluate("element => element.scrollTop") == before
    deliver(page, "second")
    pair_read(page, newest)
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile(r"s1 1\.3; .*s2 1\.5")).first).to_be_attached()


def test_the_slider_goes_back_to_before_the_first_batch_and_the_arrow_keys_step(page):
    slider(page).press("Home")
    strip(page, "Batch", "–")
    expect(page.locator(".lab-stage-when strong")).to_contain_text("Before the first batch")
    expect(place(page, "LogDataLive").locator(".lab-stage-chip")).to_have_count(0)
    expect(page.locator(".st-key-figure-volume")).to_have_count(0)
    strip(page, "Result rows", "–")
    slider(page).press("ArrowRight")
    expect(page.locator(".lab-stage-when strong")).to_contain_text("Delivered s115.csv and s215.csv")
    expect(chip(page, "s115.csv")).to_have_attribute("data-state", "waiting")
    page.get_by_role("button", name="Live", exact=True).click()
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile(r"s1 1\.3; .*s2 1\.5")).first).to_be_attached()


def test_the_run_is_played_from_its_beginning_to_now(page):
    page.get_by_role("button", name="Play the run from its beginning").click()
    expect(place(page, "LogDataLive").locator(".lab-stage-chip")).to_have_count(0)
    expect(page.get_by_role("button", name="Pause")).to_be_visible()
    expect(page.get_by_role("button", name="Play the run from its beginning")).to_be_visible()
    expect(page.get_by_role("button", name="Live", exact=True)).to_have_attribute("aria-pressed", "true")
    expect(place(page, "LogDataLive").locator(".lab-stage-chip")).to_have_count(4)


def test_under_the_hood_are_the_files_of_the_checkpoint_and_the_cost_of_each_phase(page):
    page.locator(".st-key-hood summary").first.click()
    hood = page.locator(".st-key-hood")
    for name in ("offsets/", "sources/0/", "commits/"):
        expect(hood.get_by_text(re.compile(f"^{name}")).first).to_be_visible()
    expect(hood.get_by_text("Spark lists LogDataLive")).to_be_visible()
    expect(figure(page, "cost")).to_be_visible()


def test_in_a_narrow_window_it_is_one_press_away_and_says_in_a_line_what_has_changed(page):
    page.set_viewport_size({"width": 400, "height": 800})
    bar = page.locator(".lab-stage-bar")
    expect(bar).to_contain_text("Batch")
    box = bar.bounding_box()
    assert box["y"] + box["height"] <= 800
    expect(page.locator(".lab-stage-picture")).to_be_hidden()
    bar.click()
    expect(page.locator(".lab-stage-picture")).to_be_visible()
    bar.click()
    expect(page.locator(".lab-stage-picture")).to_be_hidden()


def test_who_wants_no_motion_sees_none(page):
    page.emulate_media(reduced_motion="reduce")
    slider(page).press("Home")
    expect(place(page, "LogDataLive").locator(".lab-stage-chip")).to_have_count(0)
    assert page.evaluate("document.querySelector('.lab-stage').getAnimations({ subtree: true }).length") == 0


def test_on_another_page_there_is_no_room_kept_for_it(page):
    go(page, "Results")
    expect(page.locator(".st-key-stage")).to_have_count(0)
    main = page.locator('[data-testid="stMainBlockContainer"]')
    assert main.evaluate("element => parseFloat(getComputedStyle(element).paddingRight)") < 100
