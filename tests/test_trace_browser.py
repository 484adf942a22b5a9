"""Where a number comes from, chosen by a person: by a bar, by a row, by keyboard."""

import pytest
from browsing import deliver, open_lab, pair_read, resting_place, start_query
from playwright.sync_api import expect

# The tests start their own Spark.
pytestmark = pytest.mark.slow

# The position of the second row: a table is one canvas.
SECOND_ROW = {"x": 15, "y": 88}


@pytest.fixture
def page(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    page = open_lab(context, server, "volume-report")
    start_query(page)
    deliver(page, "first")
    pair_read(page)
    yield page
    context.close()


def test_a_server_is_chosen_by_its_bar_its_row_or_by_keyboard(page):
    formula = page.locator(".st-key-trace-formula strong")
    bars = page.locator('.st-key-figure-volume path[aria-roledescription="bar"]')
    # A click on a chart that is being redrawn is lost.
    resting_place(bars.nth(0))
    bars.nth(0).click()
    expect(formula).to_contain_text("s1 after batch")
    page.locator(".st-key-table-volume .dvn-scroller").click(position=SECOND_ROW)
    expect(formula).to_contain_text("s2 after batch")
    for _ in range(3):
        # Another choice elsewhere has reset the chart's own selection.
        bars.nth(0).click()
        expect(formula).to_contain_text("s1 after batch")
        page.get_by_role("radio", name="s2").focus()
        # In the same request, the browser reports the row that the page has selected: that is no choice.
        page.keyboard.press("Space")
        expect(formula).to_contain_text("s2 after batch")
    page.keyboard.press("Space")
    expect(formula).to_have_count(0)
