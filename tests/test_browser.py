"""What people do with the lab, in a real browser with the real server.

Each test has its own browser context, and so its own learner.
"""

import os
import re
import signal
import subprocess
import sys
import time
from functools import partial
from pathlib import Path

import pytest
from browsing import (
    START_WAIT,
    Server,
    alert,
    cell,
    deliver,
    figure,
    follow,
    go,
    open_lab,
    pair_read,
    prepare,
    press,
    resting_place,
    solve,
    start_query,
    strip,
    text_of,
    wait_for_text,
    write,
)
from playwright.sync_api import expect

from lab.learner.identity import Identity
from lab.lesson.steps import STEPS
from lab.settings import RUN_FOLDER, STORE

pytestmark = pytest.mark.slow

ROOT = Path(__file__).resolve().parent.parent


@pytest.fixture
def visit(browser, server):
    """Return a function that opens a page of the lab as a new person; further calls open tabs of the same person."""
    context = browser.new_context(viewport={"width": 1280, "height": 900})

    yield partial(open_lab, context, server)
    context.close()


def test_a_cold_deep_link_can_be_read_while_spark_starts_and_stopping_then_leaves_nothing(browser):
    server = Server()
    try:
        page = browser.new_page()
        page.goto(f"{server.url}/volume-report")
        expect(page.get_by_role("heading", name="Volume report", level=1)).to_be_visible()
        expect(page.get_by_text(re.compile(r"step [123] of 3|Spark is ready"))).to_be_visible()
        expect(page.get_by_text("Page not found")).to_have_count(0)
        page.close()
    finally:
        server.stop()


def test_a_wrong_answer_a_hint_and_the_solution(visit):
    page = visit("schema")
    press(page, "run-schema")
    expect(alert(page, "schema")).to_contain_text("Line 3: Replace ?? with your code")
    write(page, "schema", "\nlogSchema = nothing")
    press(page, "run-schema")
    expect(alert(page, "schema")).to_contain_text("Line 2: 'nothing' is not defined")
    expect(page.locator(".st-key-code-schema-code .ace_gutter-cell.ace_error")).to_have_text("2")
    write(page, "schema", "logSchema = 'serverID STRING, severity INT, timestamp TIMESTAMP'")
    page.keyboard.press("Control+Enter")
    expect(alert(page, "schema")).to_contain_text("In s115.csv 11 of 11 timestamps become null")
    page.locator(".st-key-help-schema summary").click()
    press(page, "hint-schema")
    expect(cell(page, "schema").get_by_text("Look at a line of a log file")).to_be_visible()
    press(page, "solution-schema")
    press(page, "take-schema")
    wait_for_text(page, "schema", STEPS["schema"].code)
    press(page, "run-schema")
    expect(alert(page, "schema")).to_contain_text("Right: three columns")
    expect(cell(page, "schema").get_by_text("after seeing the solution")).to_be_visible()


def test_a_cell_is_typed_by_hand_and_run_at_once_with_the_button_of_another_cell(visit):
    page = visit("volume-report")
    prepare(page)
    write(page, "volume-report", "")
    page.keyboard.type("volumeReportDataFrame = (\nstreamingLogData\n.groupBy('serverID').count()\n)")
    assert text_of(page, "volume-report").count(")") == 3
    write(page, "volume-show", "spark")
    page.keyboard.type(".sql('SELECT 1')")
    # No pause: the text and the press arrive together, and neither may be lost.
    press(page, "run-volume-report")
    expect(alert(page, "volume-report")).to_contain_text(
        "The report has the columns `serverID`, `count`".replace("`", "")
    )
    assert text_of(page, "volume-show") == "spark.sql('SELECT 1')"
    page.reload()
    wait_for_text(page, "volume-show", "spark.sql('SELECT 1')")


@pytest.mark.parametrize("editor", ["code", "plain"])
def test_log_files_are_delivered_with_a_press_right_after_typing(visit, editor):
    page = visit("volume-report")
    start_query(page)
    if editor == "code":
        write(page, "volume-show", "spark.sql('SELECT 1')")
    else:
        page.get_by_text("Plain text area instead of the editor").click()
        page.locator(".st-key-code-volume-show textarea").fill("spark.sql('SELECT 1')")
    deliver(page, "first")
    pair_read(page)
    page.reload()
    wait_for_text(page, "volume-show", "spark.sql('SELECT 1')")


def test_completions_offer_the_words_of_the_lab(visit):
    page = visit("volume-report")
    write(page, "volume-report", "volumeReportDataFrame = streamingLogData.agg(F.cou")
    page.keyboard.type("n")
    expect(page.locator(".ace_autocomplete").get_by_text("count_if")).to_be_visible()


def test_what_is_typed_survives_a_reload_and_a_restart_of_the_server(browser, tmp_path):
    store = f"sqlite:///{tmp_path}/lab.sqlite"
    context = browser.new_context()
    page = context.new_page()
    first = Server(**{STORE: store})
    try:
        page.goto(f"{first.url}/schema")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
        write(page, "schema", "logSchema = 'half of it'")
        page.reload()
        wait_for_text(page, "schema", "logSchema = 'half of it'")
        solve(page, "schema")
        page.goto(f"{first.url}/results")
        page.locator(".st-key-answer-volume-first textarea").fill("s1 1.2")
        expect(page.get_by_text("You wrote 1 of the 8 steps yourself")).to_be_visible()
        # The next server has another port, so the browser has a separate storage for it: unsent texts would be lost.
        page.wait_for_function("() => !Object.keys(localStorage).some(key => key.startsWith('lab-text '))")
    finally:
        first.stop()
    second = Server(**{STORE: store})
    try:
        # The port differs, but cookies do not depend on it.
        page.goto(f"{second.url}/schema")
        assert text_of(page, "schema") == STEPS["schema"].code
        expect(cell(page, "schema").get_by_text("not run yet")).to_be_visible()
        expect(alert(page, "schema")).to_contain_text("Right: three columns")
        page.goto(f"{second.url}/results")
        expect(page.locator(".st-key-answer-volume-first textarea")).to_have_value("s1 1.2")
        page.goto(f"{second.url}/read-stream")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
        # A step that was passed runs again by itself.
        solve(page, "read-stream")
    finally:
        context.close()
        second.stop()


def test_going_on_in_another_browser_with_the_id(visit, browser, server):
    page = visit("schema")
    write(page, "schema", "logSchema = 'mine'")
    press(page, "run-schema")
    expect(cell(page, "schema").get_by_text("PARSE_SYNTAX_ERROR").first).to_be_attached()
    page.get_by_role("button", name="Go on elsewhere").click()
    page.get_by_text("Show my id").click()
    learner_id = page.get_by_text(re.compile("^[0-9a-f]{32}$")).inner_text()

    other = browser.new_context()
    elsewhere = other.new_page()
    elsewhere.goto(f"{server.url}/schema")
    expect(elsewhere.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
    assert text_of(elsewhere, "schema") == STEPS["schema"].starter
    elsewhere.get_by_role("button", name="Go on elsewhere").click()
    elsewhere.get_by_label("Go on with another id").fill(learner_id)
    elsewhere.keyboard.press("Enter")
    elsewhere.get_by_role("link", name="Switch this browser to that id").click()
    expect(elsewhere).to_have_url(f"{server.url}/schema")
    expect(elsewhere.get_by_role("heading", name="Schema", level=1)).to_be_visible()
    wait_for_text(elsewhere, "schema", "logSchema = 'mine'")
    assert [cookie["value"] for cookie in other.cookies() if cookie["name"] == "lab_learner"] == [learner_id]
    other.close()


def test_with_plain_text_areas_the_lesson_is_the_same(visit):
    page = visit("schema")
    page.get_by_text("Plain text area instead of the editor").click()
    area = page.locator(".st-key-code-schema textarea")
    expect(area).to_have_value(STEPS["schema"].starter)
    area.fill(STEPS["schema"].code)
    press(page, "run-schema")
    expect(alert(page, "schema")).to_contain_text("Right: three columns")
    follow(page, "Next: Read stream")
    expect(page.locator(".st-key-code-read-stream textarea")).to_be_visible()


def go_to_start(page):
    page.locator('[data-testid="stSidebarNav"]').get_by_role("link", name="Start").click()
    expect(page.get_by_role("heading", name="Who you are")).to_be_visible()


@pytest.mark.parametrize("editor", ["code", "plain"])
def test_a_journey_that_leaves_each_page_in_the_middle_of_a_word_loses_none(visit, editor):
    page = visit("schema")
    if editor == "plain":
        page.get_by_text("Plain text area instead of the editor").click()
        page.locator(".st-key-code-schema textarea").fill("logSchema = mi")
    else:
        write(page, "schema", "logSchema = mi")
    page.keyboard.type("ne")
    go(page, "Results")
    page.locator(".st-key-answer-volume-first textarea").click()
    page.keyboard.type("s1 1.2")
    go(page, "Hand in")
    for label, text in (
        ("Your name", "Ada"),
        ("Time spent", "3 h"),
        ("What was particularly challenging?", "Sorting."),
        ("What are your main takeaways", "Plans."),
    ):
        page.get_by_label(label).click()
        page.keyboard.press("Control+A")
        page.keyboard.type(text)
    go_to_start(page)
    page.get_by_label("Your name").fill("Ada L.")
    go(page, "Schema")
    elsewhere = visit("schema")
    if editor == "plain":
        expect(page.locator(".st-key-code-schema textarea")).to_have_value("logSchema = mine")
    wait_for_text(elsewhere, "schema", "logSchema = mine")
    go(elsewhere, "Results")
    expect(elsewhere.locator(".st-key-answer-volume-first textarea")).to_have_value("s1 1.2")
    go(elsewhere, "Hand in")
    expect(elsewhere.get_by_label("Your name")).to_have_value("Ada")
    expect(elsewhere.get_by_label("Time spent")).to_have_value("3 h")
    expect(elsewhere.get_by_label("What was particularly challenging?")).to_have_value("Sorting.")
    expect(elsewhere.get_by_label("What are your main takeaways")).to_have_value("Plans.")
    go_to_start(elsewhere)
    expect(elsewhere.get_by_label("Your name")).to_have_value("Ada L.")
    assert page.evaluate("Object.keys(localStorage).filter(key => key.startsWith('lab-text ')).length") == 0


def test_two_learners_at_once_write_and_run_their_own(visit, browser, server):
    page = visit("schema")
    other = browser.new_context()
    stranger = other.new_page()
    stranger.goto(f"{server.url}/schema")
    expect(stranger.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
    write(page, "schema", "logSchema = 'serverID STRING, timestamp INT, severity INT'")
    write(stranger, "schema", STEPS["schema"].code)
    press(page, "run-schema")
    press(stranger, "run-schema")
    expect(alert(page, "schema")).to_contain_text("CSV goes by position")
    expect(alert(stranger, "schema")).to_contain_text("Right: three columns")
    page.reload()
    expect(alert(page, "schema")).to_contain_text("CSV goes by position")
    assert "timestamp INT, severity INT" in text_of(page, "schema")
    assert text_of(stranger, "schema") == STEPS["schema"].code
    other.close()


def test_a_name_and_a_class_code_lead_to_log_files_of_ones_own_and_to_others_only_after_a_second_press(visit):
    page = visit()

    def write_both(name, class_code):
        page.get_by_label("Your name").fill(name)
        page.get_by_label("Class code").fill(class_code)
        page.keyboard.press("Enter")

    in_use = page.locator('[data-testid="stCaptionContainer"]', has_text="In use:")
    ada, grace = (Identity(name, "cs-101").dataset.seed[:8] for name in ("Ada", "Grace"))
    write_both("Ada", "cs-101")
    press(page, "introduce")
    expect(in_use).to_contain_text(ada)
    go(page, "Volume report")
    press(page, "deliver-first")
    expect(page.get_by_text("2 files in LogDataLive")).to_be_visible()
    follow(page, "Start")
    expect(page.get_by_label("Your name")).to_have_value("Ada")
    write_both("Grace", "cs-101")
    # A separate button, so that nobody presses it without having seen the warning.
    expect(page.get_by_text("You would then have log files of your own")).to_be_visible()
    expect(page.locator(".st-key-introduce")).to_have_count(0)
    expect(in_use).to_contain_text(ada)
    press(page, "introduce-anew")
    expect(in_use).to_contain_text(grace)
    expect(page.get_by_text("You would then have")).to_have_count(0)
    go(page, "Volume report")
    expect(page.get_by_text("0 files in LogDataLive")).to_be_visible()


def test_a_draft_is_followed_by_a_second_tab(visit):
    page, second = visit("schema"), visit("schema")
    write(page, "schema", "logSchema = 'from the first tab'")
    wait_for_text(second, "schema", "logSchema = 'from the first tab'")


def test_the_museum_runs_a_mistake_and_shows_what_was_raised(visit):
    page = visit("museum")
    page.locator(".st-key-museum-step").get_by_role("combobox").click()
    page.get_by_role("option", name="Start the query").click()
    press(page, "exhibit-append-aggregation-0")
    exhibit = page.locator(".st-key-mistake-append-aggregation")
    expect(exhibit.get_by_text("a row is final once it is written")).to_be_visible()
    exhibit.get_by_text("The error as it was raised").click()
    expect(exhibit.get_by_text("STREAMING_OUTPUT_MODE.UNSUPPORTED_OPERATION")).to_be_visible()


def test_a_reload_and_a_second_tab_keep_the_place_and_another_person_sees_nothing_of_it(visit, browser, server):
    page = visit("volume-report")
    start_query(page)
    deliver(page, "first")
    newest = pair_read(page)
    page.reload()
    strip(page, "Batch", str(newest))
    expect(cell(page, "volume-query").locator(".stMarkdownBadge", has_text="running")).to_be_visible()

    second = visit("volume-report")
    strip(second, "Batch", str(newest))
    deliver(second, "second")
    pair_read(page, newest)
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
    prepare(page)
    solve(page, "volume-report")
    write(page, "volume-query", STEPS["volume-query"].code)
    page.locator(".st-key-run-volume-query button").dblclick()
    expect(cell(page, "volume-query").locator(".stMarkdownBadge", has_text="running")).to_be_visible()
    page.locator(".st-key-deliver-first button").dblclick()
    page.locator(".st-key-skipped-first-pair button").dblclick()
    pair_read(page)
    expect(page.get_by_text("2 files in LogDataLive")).to_be_visible()
    expect(
        page.locator(".st-key-figure-volume").get_by_label(re.compile(r"s1 1\.2; .*s2 1\.25")).first
    ).to_be_attached()
    expect(cell(page, "volume-query").locator(".stMarkdownBadge", has_text="running")).to_be_visible()
    expect(cell(page, "volume-query").get_by_text("Right: it runs")).to_be_visible()
    expect(page.locator('[data-testid="stAlertContentError"]')).to_have_count(0)
    expect(page.locator('[data-testid="stException"]')).to_have_count(0)


def test_ctrl_enter_outside_of_an_editor_runs_the_next_demonstration(visit):
    page = visit("schema")
    solve(page, "schema")
    page.get_by_role("heading", name="Schema", level=1).click()
    expect(page.locator(".st-key-run-schema-right button").get_by_text("Ctrl + Enter")).to_be_visible()
    page.keyboard.press("Control+Enter")
    expect(cell(page, "schema-right").get_by_text("ran in")).to_be_visible()


def test_charts_follow_without_losing_the_readers_place(visit):
    page = visit("volume-report")
    start_query(page)
    deliver(page, "first")
    newest = pair_read(page)
    table = page.locator(".st-key-table-volume [data-testid='stDataFrame']")
    expect(table).to_be_visible()
    figure(page, "events-s2").scroll_into_view_if_needed()
    place = resting_place(table)
    second = visit("volume-report")
    deliver(second, "second")
    # Nobody touched anything in the first tab; it follows by itself.
    newest = pair_read(page, newest)
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile(f"batch {newest}")).first).to_be_attached()
    expect(table).to_be_visible()
    # Content above the table may have become shorter, but the table stays where the reader's eye is.
    assert abs(resting_place(table) - place) < 80


@pytest.mark.parametrize("way", ["told", "by the clock"])
def test_a_page_follows_when_it_is_told_and_otherwise_by_its_slow_clock(visit, way):
    page = visit("schema")
    second = page.context.new_page()
    if way == "told":
        # Streamlit's own timers, with which a page polls.
        second.add_init_script("window.setInterval = () => 0;")
    else:
        second.route_web_socket("**/lab/changes/*", lambda socket: socket.close())
    second.goto(page.url)
    expect(second.get_by_text("Spark is ready")).to_be_visible()
    solve(page, "schema")
    expect(cell(second, "schema").get_by_text(re.compile("^Right"))).to_be_visible()


def test_what_a_page_follows_by_takes_no_room(visit):
    page = visit("schema")
    lead, status = (page.get_by_text(text).bounding_box() for text in ("every file is read that way", "Spark is ready"))
    assert status["y"] - (lead["y"] + lead["height"]) < 20


def test_spark_that_died_is_brought_back_with_one_click_and_the_place_is_kept(visit, server):
    page = visit("volume-report")
    start_query(page)
    deliver(page, "first")
    pair_read(page)
    (java,) = server.java()
    os.kill(java, signal.SIGKILL)
    expect(page.get_by_text("Spark has stopped unexpectedly")).to_be_visible()
    expect(page.get_by_text("Spark stopped while this query was running")).to_be_visible()
    press(page, "bring-back")
    expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
    expect(cell(page, "volume-query").locator(".stMarkdownBadge", has_text="running")).to_be_visible()
    deliver(page, "second")
    expect(page.locator(".st-key-figure-volume").get_by_label(re.compile(r"s1 1\.3; .*s2 1\.5")).first).to_be_attached()


@pytest.mark.parametrize("width", [400, 1280])
def test_no_page_is_wider_than_its_window(browser, server, width):
    context = browser.new_context(viewport={"width": width, "height": 900})
    page = context.new_page()
    for path in ("", "schema", "read-stream", "volume-report", "sev0-log", "results", "museum"):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
        main = page.locator('[data-testid="stMain"]')
        assert main.evaluate("element => element.scrollWidth <= element.clientWidth")
    context.close()


def test_nothing_is_fetched_from_elsewhere(browser, server):
    context = browser.new_context()
    page = context.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    for path in ("", "volume-report"):
        page.goto(f"{server.url}/{path}")
        expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
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
    page.get_by_text("Your bucket", exact=True).click()
    expect(page.get_by_text("/LogDataLive/")).to_be_visible()
    assert cookie["value"] not in page.content()


def test_every_cell_of_the_lesson_is_reachable_and_left_by_keyboard(visit):
    page = visit("volume-report")
    expect(page.locator(".lab-ace")).to_have_count(4)
    focused = set()
    for _ in range(90):
        # In an editor, Tab indents; Escape, then Tab, leaves the editor.
        page.keyboard.press("Escape")
        page.keyboard.press("Tab")
        focused.add(
            page.evaluate(
                "document.activeElement.closest('[class*=st-key-run-]')?.className.match(/st-key-run-([a-z0-9-]+)/)[1]"
            )
        )
    assert focused >= {"volume-report", "volume-query", "volume-show"}
    assert focused - {None, "scratch"} <= set(STEPS)
    assert text_of(page, "volume-report") == STEPS["volume-report"].starter


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
    # A zombie process does nothing any more.
    return not Path(f"/proc/{process}/stat").exists() or Path(f"/proc/{process}/stat").read_text().split()[2] != "Z"


def test_a_server_that_is_killed_takes_its_jvm_along_and_the_next_one_tidies_up(tmp_path, monkeypatch):
    # Otherwise the next server could be another test's.
    monkeypatch.setenv(RUN_FOLDER, str(tmp_path))
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
