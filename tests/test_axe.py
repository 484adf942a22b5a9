"""What axe-core finds on the pages, light and dark, before and after a step; Streamlit's own faults are allow-listed.

Also two checks that axe does not make: buttons that share a name, and the contrast of the texts in charts.
"""

import re
from contextlib import suppress
from pathlib import Path

import pytest
from browsing import START_WAIT, alert, cell, deliver, figure, prepare, press, run, solve, write
from playwright.sync_api import Error, expect

from lab.lesson.pages import PAGES
from lab.lesson.steps import STEPS

pytestmark = pytest.mark.slow

AXE = Path(__file__).parent.joinpath("axe", "axe.min.js").read_text(encoding="utf-8")
# The rule, and part of the HTML of the element that violates it.
OF_STREAMLIT = {
    # Around the button that chooses files; the element itself is a button, too.
    ("presentation-role-conflict", 'data-testid="stFileUploaderDropzone"'),
}
# Names that several controls of a page share, so that a screen reader cannot tell the controls apart.
SHARED = """() => {
    const counts = new Map()
    for (const each of document.querySelectorAll("main :is(button, summary, textarea)")) {
        const name = (each.getAttribute("aria-label") ?? each.labels?.[0]?.textContent ?? each.textContent).trim()
        if (each.getClientRects().length && name) counts.set(name, (counts.get(name) ?? 0) + 1)
    }
    return [...counts].filter(([, count]) => count > 1).map(([name]) => name)
}"""
# The texts in charts, with their contrast to the page.
CHART_TEXTS = """() => {
    const canvas = document.createElement("canvas").getContext("2d", { willReadFrequently: true })
    const luminance = (colour) => {
        canvas.fillStyle = colour
        canvas.fillRect(0, 0, 1, 1)
        const parts = [...canvas.getImageData(0, 0, 1, 1).data].slice(0, 3).map((part) => part / 255)
        const linear = parts.map((part) => (part <= 0.03928 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4))
        return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]
    }
    const ground = luminance(getComputedStyle(document.querySelector(".stApp")).backgroundColor)
    return [...document.querySelectorAll("[data-testid='stVegaLiteChart'] svg text")].map((text) => {
        const [dark, light] = [ground, luminance(getComputedStyle(text).fill)].sort((one, other) => one - other)
        return [text.textContent, (light + 0.05) / (dark + 0.05)]
    })
}"""
READABLE = "texts.length > charts && texts.every(([, contrast]) => contrast >= 4.5)"
# An element that fades in is pale at first, so a fault counts only if it persists.
LOOKS = 5
FIND = """() => axe.run(document, {resultTypes: ["violations"]}).then(({violations}) => violations.flatMap(
    ({id, nodes}) => nodes.map(({html, target, failureSummary}) => [id, html, `${target.join(" ")}: ${failureSummary}`])
))"""


# Each state is checked in both schemes; the last one stays for the next presses.
SCHEMES = ("dark", "light")
HAS_SCHEME = """(scheme) => {
    const parts = getComputedStyle(document.querySelector(".stApp")).backgroundColor.match(/\\d+/g).slice(0, 3)
    return parts.reduce((sum, part) => sum + Number(part), 0) > 382 === (scheme === "light")
}"""


@pytest.fixture
def page(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 900}, reduced_motion="reduce")
    page = context.new_page()
    page.set_default_timeout(START_WAIT)
    page.add_init_script(AXE)
    yield page
    context.close()


def visit(page, server, name):
    page.goto(f"{server.url}/{'' if name == 'start' else name.replace('_', '-')}")
    expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)


def in_scheme(page, scheme):
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    page.wait_for_function(HAS_SCHEME, arg=scheme)


def found(page):
    """Return the faults of the page in both schemes; only those that persist once the page is drawn."""
    return [f"{scheme}: {line}" for scheme in SCHEMES for line in _found_in(page, scheme)]


def _found_in(page, scheme):
    in_scheme(page, scheme)
    for _ in range(LOOKS):
        if not (wrong := _found(page)):
            break
    return wrong


def _found(page):
    # Elements are paler while they are being redrawn.
    page.wait_for_function(
        "document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'"
        " && !document.querySelector('[data-stale=\"true\"]')"
    )
    return [
        f"{rule} {where}"
        for rule, html, where in page.evaluate(FIND)
        if not any(rule == allowed and piece in html for allowed, piece in OF_STREAMLIT)
    ]


def pale(page, charts):
    """Return the texts of charts with too little contrast, in both schemes; only those that persist."""
    return [f"{scheme}: {text}" for scheme in SCHEMES for text in _pale_in(page, charts, scheme)]


def _pale_in(page, charts, scheme):
    in_scheme(page, scheme)
    # In the other scheme, a chart is rebuilt.
    with suppress(Error):
        page.wait_for_function(f"charts => {{ const texts = ({CHART_TEXTS})(); return {READABLE} }}", arg=charts)
    texts = page.evaluate(CHART_TEXTS)
    assert len(texts) > charts
    return [text for text, contrast in texts if contrast < 4.5]


def without_shared_names(page):
    page.wait_for_function(f"() => ({SHARED})().length === 0")


def test_every_page_as_it_is_at_first(page, server):
    wrong = {}
    titles = set()
    for name, _, _ in PAGES:
        visit(page, server, name)
        wrong[name] = found(page)
        without_shared_names(page)
        titles.add(page.title())
    assert wrong == {name: [] for name, _, _ in PAGES}
    assert len(titles) == len(PAGES)


def test_a_cell_that_is_wrong_one_that_is_right_and_demonstrations(page, server):
    visit(page, server, "schema")
    write(page, "schema", "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'")
    press(page, "run-schema")
    expect(alert(page, "schema")).to_contain_text("11 of 11")
    page.locator(".st-key-help-schema summary").click()
    press(page, "hint-schema")
    press(page, "solution-schema")
    expect(page.locator(".st-key-shown-schema")).to_be_visible()
    wrong = found(page)
    solve(page, "schema")
    run(page, "schema-order", "ran in")
    assert wrong + found(page) == []


def test_a_query_that_has_read_a_pair(page, server):
    visit(page, server, "volume_report")
    prepare(page)
    solve(page, "volume-report")
    solve(page, "volume-query")
    deliver(page, "first")
    expect(figure(page, "volume")).to_be_visible()
    page.locator(".st-key-hood summary").first.click()
    expect(figure(page, "cost")).to_be_visible()
    assert found(page) == []
    assert pale(page, 4) == []
    without_shared_names(page)


def test_rows_that_have_arrived_and_a_log_that_has_grown(page, server):
    visit(page, server, "read_stream")
    prepare(page)
    solve(page, "read-stream")
    press(page, "run-peek")
    press(page, "deliver-first")
    expect(page.get_by_role("region", name="Rows that have arrived")).to_be_visible()
    wrong = found(page)
    visit(page, server, "sev0_log")
    solve(page, "sev0")
    write(page, "sev0-query", STEPS["sev0-query"].code)
    press(page, "run-sev0-query")
    press(page, "skipped-late-start")
    expect(page.get_by_text("LogDataLive already has 2 files: s115.csv, s215.csv.")).to_be_visible()
    wrong += found(page)
    press(page, "begin-read-sev0-query")
    expect(cell(page, "sev0-query").get_by_text(re.compile("^Right"))).to_be_visible()
    press(page, "deliver-second")
    expect(figure(page, "sev0")).to_be_visible()
    page.locator(".st-key-records summary").first.click()
    expect(page.get_by_text("Table: records of s2")).to_be_visible()
    assert wrong + found(page) == []
    assert pale(page, 3) == []
    without_shared_names(page)


def test_a_name_that_was_given_and_a_notebook_that_was_executed(page, server):
    visit(page, server, "start")
    page.get_by_label("Your name").fill("Ada")
    press(page, "introduce")
    expect(page.get_by_text("What you wrote is not in use yet")).to_have_count(0)
    wrong = found(page)
    visit(page, server, "hand_in")
    page.get_by_text("Preview the PDF").click()
    press(page, "execute")
    expect(page.get_by_text("It would get")).to_be_visible(timeout=START_WAIT)
    expect(page.get_by_role("img", name="The retrospective as it is printed, page 1")).to_be_visible()
    assert wrong + found(page) == []


def test_a_result_that_was_checked_and_an_exhibit_that_was_run(page, server):
    visit(page, server, "results")
    page.locator(".st-key-answer-volume-first textarea").fill("s1 1.2")
    press(page, "check-volume-first")
    expect(page.locator(".st-key-group-volume-first").get_by_text("has not read").first).to_be_visible()
    wrong = found(page)
    visit(page, server, "museum")
    exhibit = page.locator('[class*="st-key-exhibit-"]').first
    exhibit.locator("button").click()
    expect(page.locator('[class*="st-key-outcome-"]').first.get_by_text("What came of it").first).to_be_visible()
    assert wrong + found(page) == []


def test_the_class_board_with_somebody_on_it(page, server):
    visit(page, server, "schema")
    write(page, "schema", "logSchema = 3")
    press(page, "run-schema")
    expect(alert(page, "schema")).to_be_visible()
    page.goto(f"{server.url}/class-board")
    expect(page.locator(".lab-grid tbody button").first).to_be_visible()
    wrong = found(page)
    page.locator(".lab-grid tbody button").first.click()
    expect(page.locator(".st-key-back-to-class")).to_be_visible()
    wrong += found(page)
    page.get_by_text("For the projector").click()
    expect(page.get_by_role("heading", name="How far the class is")).to_be_visible()
    assert wrong + found(page) == []


def test_it_finds_what_is_wrong(page, server):
    visit(page, server, "schema")
    page.locator("body").evaluate("body => body.insertAdjacentHTML('beforeend', '<main><img src=\"data:,\"></main>')")
    assert [line.partition(" ")[0] for line in found(page) if "image-alt " in line] == ["dark:", "light:"]
