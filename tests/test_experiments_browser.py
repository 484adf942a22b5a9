"""The crash and the smallest log, as seen in a browser."""

import re

import pytest
from browsing import cell, follow, open_lab, prepare, press, strip, write
from playwright.sync_api import expect

from lab.lesson.steps import STEPS

pytestmark = pytest.mark.slow


@pytest.fixture
def page(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield open_lab(context, server, "volume-report")
    context.close()


def test_a_wrong_answer_shows_the_smallest_log_and_delivers_it_to_the_query_that_runs(page):
    prepare(page)
    follow(page, "Back: Read stream")
    press(page, "run-peek")
    expect(cell(page, "peek").get_by_text("running")).to_be_visible()
    follow(page, "Next: Volume report")
    # The first log that is tried already shows it: on a busy machine, no second one is tried.
    write(page, "volume-report", STEPS["volume-report"].code.replace(" + 1", ""))
    press(page, "run-volume-report")
    wrong = cell(page, "volume-report")
    expect(wrong.get_by_text("The smallest log on which it shows has 1 record:")).to_be_visible()
    expect(wrong.get_by_text("s1,2,1")).to_be_visible()
    press(page, "deliver-example-volume-report")
    expect(page.locator('.lab-stage [data-place="LogDataLive"] [data-name="example1.csv"]')).to_be_visible()
    follow(page, "Back: Read stream")
    strip(page, "Rows in", "1")


def test_the_crash_is_told_scene_by_scene_after_each_prediction(page):
    follow(page, "Next: SEV0 log")
    press(page, "let-it-die")
    crash = page.locator(".st-key-crash")
    expect(crash.get_by_text("2. The second pair was written, then the query died")).to_be_visible()
    expect(crash.get_by_text("Started again, from the checkpoint")).to_have_count(0)
    page.get_by_text("run batch 1 once more").click()
    press(page, "predicted-crash-restart")
    expect(crash.get_by_text("3. Started again, from the checkpoint")).to_be_visible()
    expect(page.get_by_text("and that is right")).to_be_visible()
    expect(crash.get_by_text(re.compile("13 rows in the log, 9 expected: 4 rows stand there again"))).to_have_count(1)
    press(page, "skipped-crash-checkpoint")
    expect(crash.get_by_text("4. Started again, without the checkpoint")).to_be_visible()
    expect(crash.get_by_text(re.compile("stand there again"))).to_have_count(3)
