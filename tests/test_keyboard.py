"""The whole lab by keyboard only, from the first page to the executed notebook: no mouse, no focus set by the test."""

import ast
import re
from pathlib import Path

import nbformat
import pytest
from browsing import START_WAIT, cell, log_in_words, open_lab, pair_read, strip
from keys import Keys
from playwright.sync_api import expect

from lab.lesson.steps import STEPS

pytestmark = pytest.mark.slow

# The tab stops from a page's heading to its first editor, and from there to the deliveries, by the offered links.
FEW = 4


@pytest.fixture
def keys(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 720})
    yield Keys(open_lab(context, server))
    context.close()


def test_the_whole_lab(keys, tmp_path):
    page = keys.page
    introduce(keys)
    follow(keys, "Next: Schema", "Schema")
    keys.solve(STEPS["schema"])
    for wrong in ("right", "order", "header", "clock"):
        keys.activate(f"run-schema-{wrong}")
        if wrong == "header":
            keys.activate("skipped-header")
        expect(cell(page, f"schema-{wrong}").get_by_text("ran in")).to_be_visible()
    follow(keys, "Next: Read stream", "Read stream")
    keys.solve(STEPS["read-stream"])
    follow(keys, "Next: Volume report", "Volume report")
    answers = report(keys)
    follow(keys, "Next: SEV0 log", "SEV0 log")
    answers |= log(keys)
    follow(keys, "Next: Results", "Results")
    for group, answer in answers.items():
        keys.go_to(f"answer-{group}")
        keys.write(answer)
        keys.activate(f"check-{group}")
        expect(page.locator(f".st-key-group-{group}").get_by_text("Right:")).to_be_visible()
    expect(page.get_by_text("4 of 4 results are right")).to_be_visible()
    expect(page.get_by_text("You wrote 8 of the 8 steps yourself")).to_be_visible()
    follow(keys, "Next: Hand in", "Hand in")
    hand_in(keys, tmp_path)


def introduce(keys):
    keys.go_to("identity-name")
    keys.write("Ada")
    keys.activate("introduce")
    # The name is in use once it is stored.
    expect(keys.page.get_by_text("What you wrote is not in use yet")).to_have_count(0)


def follow(keys, link, heading):
    keys.activate(name=link)
    keys.arrive(heading)


def report(keys):
    page, answers = keys.page, {}
    keys.solve(STEPS["volume-report"])
    keys.solve(STEPS["volume-query"])
    keys.solve(STEPS["volume-show"], "empty-table", "no rows")
    keys.activate("deliver-first")
    keys.go_to("number-first-pair")
    keys.write("1.5")
    keys.activate("predicted-first-pair")
    newest = pair_read(page)
    expect(page.get_by_text("You said 1.5; it is 1.2. s1 has 6 SEV2 records")).to_be_visible()
    answers["volume-first"] = read_table(keys, "1.25")
    keys.activate("deliver-second")
    keys.choose("choice-second-pair", "one volume for t1 to t10")
    keys.activate("predicted-second-pair", with_key="Space")
    pair_read(page, newest)
    answers["volume-second"] = read_table(keys, "1.5")
    # A server and a moment can also be chosen by keyboard.
    keys.go_to("trace-server")
    keys.press("Space")
    expect(page.locator(".st-key-trace-server")).to_contain_text("The span begins at")
    keys.go_to(name="Moment of the run", back=True)
    keys.press("Home")
    strip(page, "Batch", "–")
    keys.press("End")
    strip(page, "Batch", re.compile("[12]"))
    keys.activate("empty-live")
    expect(page.get_by_text("0 files in LogDataLive")).to_be_visible()
    return answers


def read_table(keys, expected):
    printed = cell(keys.page, "volume-show").locator("pre").last
    keys.activate("run-volume-show", back=True)
    expect(printed).to_contain_text(expected)
    return printed.inner_text()


def log(keys):
    page, answers, newest = keys.page, {}, -1
    keys.activate("run-sev0-sorted")
    keys.choose("choice-sorted-stream", "refuse to start the query")
    keys.activate("predicted-sorted-stream")
    expect(cell(page, "sev0-sorted").get_by_text("refused, as it should be")).to_be_visible()
    keys.solve(STEPS["sev0"])
    keys.solve(STEPS["sev0-query"])
    for pair, rows in (("first", 5), ("second", 9)):
        keys.activate(f"deliver-{pair}")
        newest = pair_read(page, newest)
        strip(page, "Result rows", str(rows))
        answers[f"log-{pair}"] = log_in_words(page, rows)
    keys.solve(STEPS["stop"], "after-stop")
    expect(cell(page, "stop").get_by_text("queries running: 0")).to_be_visible()
    return answers


def hand_in(keys, folder):
    page = keys.page
    for part, words in (("challenges", "Sorting a stream."), ("takeaways", "Plans, and foreachBatch.")):
        keys.go_to(f"retrospective-{part}")
        keys.write(words)
    keys.activate("execute")
    # The announcement disappears after a while.
    expect(page.locator(".lab-attention-spoken")).to_contain_text("100 of 100 points", timeout=2 * START_WAIT)
    expect(page.get_by_text("It would get 100 of 100 points.")).to_be_visible()
    expect(page.get_by_text("8 of 8 are right")).to_be_visible()
    for key, name in (("notebook", "lab8-Ada.ipynb"), ("retrospective", "retrospective.pdf")):
        with page.expect_download() as waiting:
            keys.activate(f"download-{key}")
        assert waiting.value.suggested_filename == name
        waiting.value.save_as(folder / name)
    outputs = [each for each in nbformat.read(folder / "lab8-Ada.ipynb", 4).cells if each.get("outputs")]
    assert outputs


def test_the_first_cell_and_the_deliveries_are_a_few_stops_from_the_top(keys):
    keys.activate(name="Schema")
    keys.arrive("Schema")
    keys.activate(name="Volume report", back=True)
    keys.arrive("Volume report")
    keys.activate(name="Go to the first cell", back=True)
    expect(keys.page.locator(".st-key-code-volume-report-code .ace_text-input")).to_be_focused()
    keys.activate(name="Go to the deliveries", back=True)
    assert keys.go_to("delivery") == 0
    assert keys.go_to("deliver-first") <= FEW


def test_no_line_of_this_test_helps_itself_to_a_mouse_or_a_focus():
    forbidden = {"click", "dblclick", "focus", "fill", "check", "hover", "tap", "mouse", "set_checked", "select_option"}
    for name in ("keys.py", "test_keyboard.py"):
        tree = ast.parse(Path(__file__).with_name(name).read_text(encoding="utf-8"))
        used = {node.attr for node in ast.walk(tree) if isinstance(node, ast.Attribute)}
        assert not used & forbidden, name
