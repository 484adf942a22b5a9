"""What people do with the lab, in a real browser against the real server.

Each test has a browser context of its own, and so a learner of its own.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
import tempfile
import threading
import time
from pathlib import Path

import pytest
from playwright.sync_api import expect, sync_playwright

from lab.lesson.steps import STEPS

ROOT = Path(__file__).resolve().parent.parent
CHROMIUM = next(filter(None, map(shutil.which, ("chromium", "chromium-browser", "google-chrome"))), None)
# Without these, Chromium calls its maker's servers, and as root it refuses to start.
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]

pytestmark = pytest.mark.skipif(CHROMIUM is None, reason="no Chromium was found; on Debian: apt-get install chromium")


class Server:
    """The app as the README starts it, on a free port."""

    def __init__(self):
        command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py"]
        options = ["--server.headless", "true", "--server.port", "0"]
        self.process = subprocess.Popen(
            [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
        )
        self.said = []
        for line in self.process.stdout:
            self.said.append(line)
            if found := re.search(r"http://127\.0\.0\.1:\d+", line):
                self.url = found.group()
                break
        else:
            pytest.fail(f"the server ended: {''.join(self.said)}")
        # A full pipe would stop the server.
        threading.Thread(target=self._listen, daemon=True).start()

    def _listen(self):
        self.said.extend(self.process.stdout)

    def folders(self):
        return list(Path(tempfile.gettempdir()).glob(f"spark-streaming-lab-{self.process.pid}-*"))

    def java(self):
        """The process ids of the server's JVMs."""
        found = subprocess.run(
            ["pgrep", "-P", str(self.process.pid), "java"], capture_output=True, text=True, check=False
        )
        return [int(line) for line in found.stdout.split()]

    def stop(self):
        """As Ctrl+C does; nothing may be left."""
        java = self.java()
        self.process.send_signal(signal.SIGINT)
        self.process.wait(30)
        assert self.folders() == []
        for process in java:
            with pytest.raises(ProcessLookupError):
                os.kill(process, 0)


@pytest.fixture(scope="module")
def browser():
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()


@pytest.fixture(scope="module")
def server():
    server = Server()
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said)


@pytest.fixture
def visit(browser, server):
    """Open a page of the lab as a new person; further calls are further tabs of the same person."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    def visit(path=""):
        page = context.new_page()
        page.set_default_timeout(30_000)
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=90_000)
        return page

    yield visit
    context.close()


def press(page, key):
    page.locator(f".st-key-{key} button").click()


def cell(page, step_id):
    return page.locator(f".st-key-cell-{step_id}")


def run(page, step_id, badge):
    press(page, f"run-{step_id}")
    expect(cell(page, step_id).get_by_text(badge)).to_be_visible()


def strip(page, label, value):
    metric = page.locator('[data-testid="stMetric"]', has_text=label)
    expect(metric.locator('[data-testid="stMetricValue"]')).to_have_text(value, timeout=30_000)


def go(page, title):
    page.locator('[data-testid="stSidebarNav"]').get_by_role("link", name=title).click()
    expect(page.get_by_role("heading", name=title, level=1)).to_be_visible()


def read_table(page, expected):
    """Run the cell that reads the table until it shows what is expected, as a person would; gives what it printed."""
    printed = cell(page, "volume-show").locator("pre").last
    press(page, "run-volume-show")
    expect(printed).to_contain_text(expected)
    return printed.inner_text()


def figure(page, key):
    """What a chart shows, in words."""
    return page.locator(f".st-key-figure-{key} [data-testid='stVegaLiteChart']")


def log_in_words(page):
    """The SEV0 log as the output folder shows it: the part files, one after another."""
    parts = page.locator(".st-key-output-folder pre")
    expect(parts.first).to_be_visible()
    return "\n".join(parts.all_inner_texts())


def test_a_cold_deep_link_can_be_read_while_spark_starts_and_stopping_then_leaves_nothing(browser):
    server = Server()
    try:
        page = browser.new_page()
        page.goto(f"{server.url}/volume-report")
        expect(page.get_by_role("heading", name="Volume report", level=1)).to_be_visible(timeout=30_000)
        expect(page.get_by_text(re.compile(r"step [123] of 3|Spark is ready"))).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        page.close()
    finally:
        server.stop()


def test_the_whole_lab_ends_with_four_green_results(visit):
    page = visit()
    expect(page.get_by_role("heading", name="Spark Streaming for log processing")).to_be_visible()
    page.get_by_role("link", name="Next: Schema").click()
    run(page, "schema", "ran in")
    for wrong in ("right", "order", "header", "clock"):
        run(page, f"schema-{wrong}", "ran in")
    page.get_by_role("link", name="Next: Read stream").click()
    run(page, "read-stream", "ran in")
    expect(cell(page, "read-stream").get_by_text("queries running: 0")).to_be_visible()

    page.get_by_role("link", name="Next: Volume report").click()
    run(page, "volume-report", "ran in")
    run(page, "volume-query", "running")
    answers = {}
    assert "s1" not in read_table(page, "|serverID|avgVolume|")
    for number, pair in enumerate(("first", "second")):
        press(page, f"deliver-{pair}")
        strip(page, "Batch", str(number))
        expect(figure(page, "volume")).to_be_visible()
        answers[f"volume-{pair}"] = read_table(page, ("1.25", "1.5")[number])
    press(page, "empty-live")
    expect(page.get_by_text("0 files in LogDataLive")).to_be_visible()

    page.get_by_role("link", name="Next: SEV0 log").click()
    run(page, "sev0-sorted", "refused, as it should be")
    run(page, "sev0", "ran in")
    run(page, "sev0-query", "running")
    for number, pair in enumerate(("first", "second")):
        press(page, f"deliver-{pair}")
        strip(page, "Batch", str(number))
        strip(page, "Result rows", ("5", "9")[number])
        answers[f"log-{pair}"] = log_in_words(page)
    run(page, "stop", "ran in")
    expect(cell(page, "stop").get_by_text("queries running: 0")).to_be_visible()
    strip(page, "Query", "stopped")

    page.get_by_role("link", name="Next: Results").click()
    for group, answer in answers.items():
        page.locator(f".st-key-answer-{group} textarea").fill(answer)
        press(page, f"check-{group}")
        expect(page.locator(f".st-key-group-{group}").get_by_text("Right:")).to_be_visible()
    expect(page.get_by_text("All four results are right")).to_be_visible()
    expect(page.get_by_text("4 of 4 results are right")).to_be_visible()


def test_a_reload_and_a_second_tab_keep_the_place_and_another_person_sees_nothing_of_it(visit, browser, server):
    page = visit("volume-report")
    run(page, "volume-query", "running")
    press(page, "deliver-first")
    strip(page, "Batch", "0")
    page.reload()
    strip(page, "Batch", "0")
    expect(cell(page, "volume-query").get_by_text("running")).to_be_visible()

    second = visit("volume-report")
    strip(second, "Batch", "0")
    press(second, "deliver-second")
    strip(page, "Batch", "1")
    press(second, "stop-volume-query")
    expect(cell(page, "volume-query").get_by_text("stopped")).to_be_visible()

    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(f"{server.url}/volume-report")
    strip(stranger, "Query", "not started")
    strip(stranger, "Files waiting", "0")
    other.close()


def test_everything_pressed_twice_does_what_once_does(visit):
    page = visit("volume-report")
    page.locator(".st-key-run-volume-query button").dblclick()
    expect(cell(page, "volume-query").get_by_text("running")).to_be_visible()
    page.locator(".st-key-deliver-first button").dblclick()
    strip(page, "Batch", "0")
    strip(page, "Rows in", "21")
    expect(cell(page, "volume-query").get_by_text("running")).to_be_visible()
    expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)


def test_ctrl_enter_runs_the_next_cell(visit):
    page = visit("schema")
    expect(page.locator(".st-key-run-schema button").get_by_text("Ctrl + Enter")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(cell(page, "schema").get_by_text("ran in")).to_be_visible()
    expect(page.locator(".st-key-run-schema-right button").get_by_text("Ctrl + Enter")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(cell(page, "schema-right").get_by_text("ran in")).to_be_visible()


def test_charts_follow_without_losing_the_readers_place(visit):
    page = visit("volume-report")
    run(page, "volume-query", "running")
    press(page, "deliver-first")
    strip(page, "Batch", "0")
    page.locator(".st-key-table-volume summary").click()
    table = page.locator(".st-key-table-volume [data-testid='stDataFrame']")
    expect(table).to_be_visible()
    figure(page, "cost").scroll_into_view_if_needed()
    main = page.locator('[data-testid="stMain"]')
    place = main.evaluate("element => element.scrollTop")
    assert place > 0
    second = visit("volume-report")
    press(second, "deliver-second")
    # The first tab, in which nobody touched anything, follows by itself.
    strip(page, "Batch", "1")
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile("batch 1")).first).to_be_attached()
    expect(table).to_be_visible()
    assert abs(main.evaluate("element => element.scrollTop") - place) < 80


def test_spark_that_died_is_brought_back_with_one_click_and_the_place_is_kept(visit, server):
    page = visit("volume-report")
    run(page, "volume-query", "running")
    press(page, "deliver-first")
    strip(page, "Batch", "0")
    (java,) = server.java()
    os.kill(java, signal.SIGKILL)
    expect(page.get_by_text("Spark has stopped unexpectedly")).to_be_visible()
    expect(page.get_by_text("Spark stopped while this query was running")).to_be_visible()
    press(page, "bring-back")
    expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=90_000)
    expect(cell(page, "volume-query").get_by_text("running")).to_be_visible()
    press(page, "deliver-second")
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile(r"s1 1\.3; .*s2 1\.5")).first).to_be_attached()


@pytest.mark.parametrize("scheme", ["light", "dark"])
@pytest.mark.parametrize("width", [400, 1280])
def test_no_page_is_wider_than_its_window(browser, server, width, scheme):
    context = browser.new_context(viewport={"width": width, "height": 900}, color_scheme=scheme)
    page = context.new_page()
    for path in ("", "schema", "read-stream", "volume-report", "sev0-log", "results"):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=90_000)
        main = page.locator('[data-testid="stMain"]')
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    background = page.locator('[data-testid="stApp"]').evaluate("e => getComputedStyle(e).backgroundColor")
    lightness = sum(map(int, re.findall(r"\d+", background)[:3]))
    assert (lightness > 600) == (scheme == "light")
    context.close()


def test_nothing_is_fetched_from_elsewhere(browser, server):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "volume-report"):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=90_000)
    assert [url for url in asked if not url.startswith((server.url, "data:", "blob:"))] == []
    context.close()


def test_a_port_in_use_is_said_in_a_sentence(server):
    port = server.url.rpartition(":")[2]
    command = [sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true"]
    ended = subprocess.run(
        [*command, "--server.port", port], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert ended.returncode == 1
    assert f"Port {port} is not available" in ended.stdout + ended.stderr


@pytest.mark.skipif(
    not Path("/proc/net/tcp").exists(), reason="reads the kernel's list of listening sockets, as Linux has it"
)
def test_the_server_answers_on_loopback_only(server):
    port = f"{int(server.url.rpartition(':')[2]):04X}"
    lines = [
        line.split() for table in ("tcp", "tcp6") for line in Path("/proc/net", table).read_text().splitlines()[1:]
    ]
    listening = [address for _, address, _, state, *_ in lines if state == "0A" and address.endswith(f":{port}")]
    assert listening == [f"0100007F:{port}"]


def test_the_learner_cookie_is_out_of_reach_for_scripts_and_other_sites(visit):
    page = visit()
    cookie = next(found for found in page.context.cookies() if found["name"] == "lab_learner")
    assert (cookie["httpOnly"], cookie["sameSite"]) == (True, "Lax")
    assert re.fullmatch("[0-9a-f]{32}", cookie["value"])
    assert cookie["value"] not in page.content()


def test_every_cell_of_the_lesson_is_reachable_by_keyboard(visit):
    page = visit("volume-report")
    focused = set()
    for _ in range(60):
        page.keyboard.press("Tab")
        focused.add(
            page.evaluate(
                "document.activeElement.closest('[class*=st-key-run-]')?.className.match(/st-key-run-([a-z0-9-]+)/)[1]"
            )
        )
    assert focused >= {"volume-report", "volume-query", "volume-show"}
    assert focused - {None} <= set(STEPS)


def eventually(condition, seconds=30):
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline
        time.sleep(0.05)


def is_alive(process):
    try:
        os.kill(process, 0)
    except ProcessLookupError:
        return False
    # What has ended and is not yet reaped does nothing any more.
    return not Path(f"/proc/{process}/stat").exists() or Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


def test_a_server_that_is_killed_takes_its_jvm_along_and_the_next_one_tidies_up():
    killed = Server()
    eventually(killed.java)
    (java,) = killed.java()
    killed.process.kill()
    killed.process.wait(30)
    eventually(lambda: not is_alive(java))
    assert len(killed.folders()) == 1
    following = Server()
    try:
        eventually(lambda: killed.folders() == [])
    finally:
        following.stop()
