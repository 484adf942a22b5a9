"""The app as a process, and what a person does on its pages in a browser."""

import os
import re
import signal
import subprocess
import sys
import threading
import time
from contextlib import contextmanager
from pathlib import Path

import psutil
import pytest
from patience import PATIENCE
from playwright.sync_api import Error, expect

from lab.engine.run_folder import find_run_folder_parent, run_folders
from lab.lesson.steps import STEPS

ROOT = Path(__file__).resolve().parent.parent
OPTIONS = ("--server.headless", "true", "--server.port", "0")
# Milliseconds. Three browsers and three Sparks may share two cores: one second of work can then take many.
WAIT = 60_000 * PATIENCE
START_WAIT = 3 * WAIT
expect.set_options(timeout=WAIT)


# The most characters of each page in the report of a failure.
MOST_WORDS = 1500


class Server:
    """The app as the README starts it, on a free port, with extra environment variables."""

    def __init__(self, **variables):
        self.process = self.launch(["-m", "streamlit", "run", "streamlit_app.py", *OPTIONS], variables)
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                self.url = found.group()
                break
        else:
            pytest.fail(f"the server ended: {''.join(self.said)}")
        # Read the output, since a full pipe would block the server.
        threading.Thread(target=self._listen, daemon=True).start()

    def launch(self, arguments, variables):
        """Start Python in the checkout, with its output in a pipe."""
        return subprocess.Popen(
            [sys.executable, *arguments],
            cwd=ROOT,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={**os.environ, **variables},
        )

    def _listen(self):
        self.said.extend(self.process.stdout)

    def folders(self):
        return run_folders(find_run_folder_parent(), self.process.pid)

    def java(self):
        """Return the process ids of the server's JVMs."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "java"], capture_output=True, text=True, check=False
        )
        return [int(line) for line in found.stdout.split()]

    def press_ctrl_c(self):
        self.process.send_signal(signal.SIGINT)

    def stop(self):
        """Stop the server as Ctrl+C does; require that nothing is left."""
        java = self.java()
        self.press_ctrl_c()
        self.process.wait(60 * PATIENCE)
        assert self.folders() == []
        # A process that nobody has waited for yet keeps its id for a moment.
        deadline = time.monotonic() + 10 * PATIENCE
        while left := [process for process in java if psutil.pid_exists(process)]:
            assert time.monotonic() < deadline, f"still running: {left}"
            time.sleep(0.05)


def open_lab(context, server, path=""):
    """Open a page of the lab in a browser context (one person), and wait until Spark is ready."""
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(f"{server.url}/{path}")
    try:
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
    except AssertionError as error:
        error.add_note(f"The server said: {''.join(server.said)[-4000:]}")
        raise
    return page


@contextmanager
def people(browser, **options):
    """Yield a function that opens an address in a new person's browser; close all of them afterwards."""
    contexts = []

    def opened(address, **more):
        contexts.append(browser.new_context(**{"viewport": {"width": 1280, "height": 900}} | options | more))
        page = contexts[-1].new_page()
        page.set_default_timeout(WAIT)
        page.goto(address)
        return page

    try:
        yield opened
    finally:
        for context in contexts:
            context.close()


def shown(browser):
    """Return the address and the words of each open page, for the report of a failure."""
    pages = [page for context in browser.contexts for page in context.pages]
    return "\n\n".join(f"{page.url}\n{words(page)}" for page in pages)


def words(page):
    try:
        return page.locator("body").inner_text(timeout=5000)[:MOST_WORDS]
    except Error as error:
        return f"(no words: {error})"


def come_in(page, name, code):
    """Enter a name and a class code, on a server of a class."""
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Class code").fill(code)
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)


def press(page, key):
    button = page.locator(f".st-key-{key} button")
    while True:
        # While a page is redrawn, the old button may stand beside the new one for a moment, even between this line and
        # the click.
        expect(button).to_have_count(1, timeout=START_WAIT)
        try:
            button.click()
        except Error as error:
            if "strict mode violation" not in str(error):
                raise
        else:
            return


def cell(page, step_id):
    return page.locator(f".st-key-cell-{step_id}")


def alert(page, step_id):
    """Return the visible feedback; a screen reader also hears the line of an error."""
    return cell(page, step_id).locator('[data-testid="stAlert"]').first


def run(page, step_id, badge):
    """Run a demonstration."""
    press(page, f"run-{step_id}")
    expect(cell(page, step_id).get_by_text(badge)).to_be_visible()


def write(page, step_id, text):
    """Replace the text in the editor of an exercise, as a paste does."""
    editor = page.locator(f".st-key-code-{step_id}-code .ace_content")
    editor.click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(text)


def solve(page, step_id, asked=""):
    """Write the solution, run it with Ctrl+Enter, and have it checked; skip the prediction `asked`."""
    write(page, step_id, STEPS[step_id].code)
    page.keyboard.press("Control+Enter")
    if asked:
        press(page, f"skipped-{asked}")
    expect(cell(page, step_id).get_by_text(re.compile("^Right"))).to_be_visible()


def predict(page, step_id, asked, choice):
    """Run a cell, and predict the outcome first."""
    press(page, f"run-{step_id}")
    page.get_by_text(choice).click()
    press(page, f"predicted-{asked}")
    expect(page.locator(f".st-key-compared-{asked}").get_by_text(f"You said “{choice}”")).to_be_visible()


def text_of(page, step_id):
    editor = page.locator(f".st-key-code-{step_id}-code .lab-ace:not(.ace_autocomplete)")
    expect(editor).to_be_visible()
    return editor.evaluate("element => element.env.editor.getValue()")


def wait_for_text(page, step_id, text):
    page.wait_for_function(
        "([key, text]) => document.querySelector(key)?.env?.editor.getValue() == text",
        arg=[f".st-key-code-{step_id}-code .lab-ace", text],
    )


def prepare(page):
    """Press the button that runs the solutions of earlier pages."""
    press(page, "prepare")
    expect(page.get_by_text("This page builds on")).to_have_count(0)


def start_query(page):
    """Start the query on the page Volume report, after running the solutions of earlier pages."""
    prepare(page)
    solve(page, "volume-report")
    solve(page, "volume-query")


def follow(page, link):
    page.get_by_role("link", name=link).click()


def metric(page, label):
    """Return one of the five numbers of the stage."""
    return page.locator(f'.lab-stage [data-fact="{label}"]')


def strip(page, label, value):
    expect(metric(page, label)).to_have_text(value)


def deliver(page, pair):
    """Deliver a pair to the report; skip the prediction, which is asked for once."""
    press(page, f"deliver-{pair}")
    press(page, f"skipped-{pair}-pair")


def pair_read(page, before=-1):
    """Wait until the query has read a pair; return its newest batch. `before` is the last batch before the pair.

    Nearly always it is one batch. If Spark lists the folder between the two files, there are two.
    """
    strip(page, "Batch", re.compile(f"^({before + 1}|{before + 2})$"))
    strip(page, "Files waiting", "0")
    return int(metric(page, "Batch").inner_text())


def go(page, title):
    page.locator('[data-testid="stSidebarNav"]').get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def read_table(page, expected):
    """Run the cell that reads the table, wait until it shows what is expected, and return what it printed."""
    printed = cell(page, "volume-show").locator("pre").last
    press(page, "run-volume-show")
    expect(printed).to_contain_text(expected)
    return printed.inner_text()


def resting_place(element):
    """Return an element's distance from the top of the window, once it has stopped moving: charts are drawn late."""
    places = []
    while len(places) < 5 or len(set(places[-5:])) > 1:
        element.page.wait_for_timeout(100)
        places.append(element.bounding_box()["y"])
    return places[-1]


def figure(page, key):
    """Return a chart, by its key."""
    return page.locator(f".st-key-figure-{key} [data-testid='stVegaLiteChart']")


def log_in_words(page, rows):
    """Return the SEV0 log from the output folder, once it has `rows` rows: the part files, one after another."""
    parts = ".st-key-output-folder pre"
    page.wait_for_function(
        "([parts, rows]) => [...document.querySelectorAll(parts)]"
        ".flatMap(part => part.innerText.split('\\n').filter(line => line.trim())).length == rows",
        arg=[parts, rows],
    )
    return "\n".join(page.locator(parts).all_inner_texts())


def do_the_whole_lab(page):
    """Do the lab from the start page to four right results, with every cell written by hand."""
    expect(page.get_by_role("heading", name="Spark Streaming for log processing")).to_be_visible()
    follow(page, "Next: Schema")
    solve(page, "schema")
    for wrong in ("right", "order", "clock"):
        run(page, f"schema-{wrong}", "ran in")
    predict(page, "schema-header", "header", "one row too few")
    follow(page, "Next: Read stream")
    solve(page, "read-stream")
    expect(cell(page, "read-stream").get_by_text("queries running: 0")).to_be_visible()

    follow(page, "Next: Volume report")
    solve(page, "volume-report")
    solve(page, "volume-query")
    write(page, "volume-show", STEPS["volume-show"].code)
    answers = {}
    predict(page, "volume-show", "empty-table", "a row with 0 for each server")
    assert "s1" not in read_table(page, "|serverID|avgVolume|")
    press(page, "deliver-first")
    page.locator(".st-key-number-first-pair input").fill("1.5")
    press(page, "predicted-first-pair")
    newest = pair_read(page)
    expect(page.get_by_text("You said 1.5; it is 1.2. s1 has 6 SEV2 records")).to_be_visible()
    expect(figure(page, "volume")).to_be_visible()
    answers["volume-first"] = read_table(page, "1.25")
    press(page, "deliver-second")
    page.get_by_text("one volume for t1 to t10").click()
    press(page, "predicted-second-pair")
    pair_read(page, newest)
    answers["volume-second"] = read_table(page, "1.5")
    press(page, "empty-live")
    expect(page.get_by_text("0 files in LogDataLive")).to_be_visible()

    follow(page, "Next: SEV0 log")
    predict(page, "sev0-sorted", "sorted-stream", "refuse to start the query")
    expect(cell(page, "sev0-sorted").get_by_text("refused, as it should be")).to_be_visible()
    solve(page, "sev0")
    solve(page, "sev0-query")
    newest = -1
    for pair, rows in (("first", 5), ("second", 9)):
        press(page, f"deliver-{pair}")
        newest = pair_read(page, newest)
        strip(page, "Result rows", str(rows))
        answers[f"log-{pair}"] = log_in_words(page, rows)
    solve(page, "stop", asked="after-stop")
    expect(cell(page, "stop").get_by_text("queries running: 0")).to_be_visible()
    strip(page, "Query", "stopped")

    follow(page, "Next: Results")
    for group, answer in answers.items():
        page.locator(f".st-key-answer-{group} textarea").fill(answer)
        press(page, f"check-{group}")
        expect(page.locator(f".st-key-group-{group}").get_by_text("Right:")).to_be_visible()
    expect(page.get_by_text("All four results are right")).to_be_visible()
    expect(page.get_by_text("4 of 4 results are right")).to_be_visible()
    expect(page.get_by_text("You wrote 8 of the 8 steps yourself")).to_be_visible()
