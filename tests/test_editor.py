"""The editor of a cell, in a real browser in a small app of its own, since only there can texts be lost."""

import hashlib
import re
import subprocess
import sys
import threading
from ast import literal_eval
from pathlib import Path

import pytest
from playwright.sync_api import expect
from streamlit.testing.v1 import AppTest

from lab.ui import editor as module

ROOT = Path(__file__).resolve().parent.parent

TEXT = 'frame = spark.read.csv(s3_log_data_uri)  # all of it\nlogs = frame.where("severity = 0")\nlogs.show(5)'
# Each test is a learner of its own, whose texts outlive a reload.
APP = f"""
import streamlit as st
from lab.ui.editor import editor

@st.cache_resource
def learner(who):
    return {{"a": {TEXT!r}, "version": 0, "runs": 0, "ran": "", "pressed": 0, "scripts": 0}}

def cells():
    # Another page's address has no query.
    me = learner(st.session_state.setdefault("who", st.query_params.get("who", "")))
    me["scripts"] += 1
    with st.container(key="buttons"):
        if st.button("Page's own", shortcut="Ctrl+Enter"):
            me["pressed"] += 1
        if st.button("Solution"):
            me["a"], me["version"] = "solution = 1", me["version"] + 1
        if st.button("Other tab"):
            me["a"] = "elsewhere = 1"
        wrong = st.toggle("Wrong")
        plain = st.toggle("Plain")
    error = (2, "Spark knows no severity.") if wrong else None
    edited = editor("a", me["a"], label="Read the logs", error=error, version=me["version"], plain=plain)
    if edited.text != me["a"]:
        me["a"] = edited.text
    if edited.run:
        me["runs"] += 1
        me["ran"] = edited.text
    with st.container(key="python"):
        st.code(repr(me), language=None)
    for name in st.query_params.get("more", ""):
        editor(name, {TEXT!r}, label=name)
    if "live" in st.query_params:
        @st.fragment(run_every=0.5)
        def tick():
            st.session_state["ticks"] = st.session_state.get("ticks", 0) + 1
            if st.session_state["ticks"] % 2:
                st.rerun()
        tick()

def other():
    st.title("Elsewhere")

st.navigation([st.Page(cells, default=True), st.Page(other)]).run()
"""


@pytest.fixture(scope="module")
def app(tmp_path_factory):
    script = tmp_path_factory.mktemp("editor") / "app.py"
    script.write_text(APP, encoding="utf-8")
    command = [sys.executable, "-m", "streamlit", "run", str(script), "--server.headless", "true"]
    options = ["--server.port", "0", "--server.address", "127.0.0.1"]
    process = subprocess.Popen(
        [*command, *options], cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True
    )
    said = []
    for line in process.stdout:
        said.append(line)
        if found := re.search(r"http://127\.0\.0\.1:\d+", line):
            break
    else:
        pytest.fail(f"the server ended: {''.join(said)}")
    # A full pipe would stop the server.
    listening = threading.Thread(target=lambda: said.extend(process.stdout), daemon=True)
    listening.start()
    yield found.group()
    process.terminate()
    process.wait(10)
    listening.join(10)
    process.stdout.close()
    assert "Traceback" not in "".join(said)


class Tab:
    """One tab with the app, and what stands in its editors."""

    def __init__(self, page, url):
        self.page = page
        self.said = []
        page.set_default_timeout(10_000)
        page.on("console", lambda message: self.said.append(message.text) if message.type == "error" else None)
        page.on("pageerror", lambda error: self.said.append(str(error)))
        page.goto(url)
        self.mounted()

    def mounted(self):
        expect(self.lines("a").first).to_be_visible()

    def box(self, key):
        return self.page.locator(f".st-key-{key}-code")

    def lines(self, key):
        return self.box(key).locator(".lab-editor-box .ace_line")

    def ace(self, call, key="a"):
        return self.page.evaluate(
            f"document.querySelector('.st-key-{key}-code .lab-ace').env.editor.{call}",
        )

    def text(self, key="a"):
        return self.ace("getValue()", key)

    def end(self):
        """Put the cursor behind the text, as a click below it does."""
        self.box("a").locator(".ace_content").first.click()
        self.page.keyboard.press("Control+End")

    def python(self, **expected):
        """Wait until Python knows this."""
        shown = self.page.locator(".st-key-python code")
        for name, value in expected.items():
            expect(shown).to_contain_text(f"{name!r}: {value!r}")
        return literal_eval(shown.inner_text())

    def press(self, name):
        # As long as a finger takes: what leaves the editor is sent before the press arrives.
        self.page.get_by_role("button", name=name).click(delay=30)

    def switch(self, name):
        self.page.locator(".st-key-buttons").get_by_text(name, exact=True).click(delay=30)


@pytest.fixture(scope="module")
def window(browser):
    """What all tabs share, so that Streamlit is fetched once."""
    return browser.new_context(viewport={"width": 1280, "height": 900})


@pytest.fixture
def visit(window, app, request):
    tabs = []

    def visit(query=""):
        tab = Tab(window.new_page(), f"{app}/?who={request.node.name}{query}")
        tabs.append(tab)
        return tab

    yield visit
    assert [tab.said for tab in tabs if tab.said] == []
    for tab in tabs:
        tab.page.close()


def color(locator, name="color"):
    """A colour of an element. One that is being drawn anew has none while it is in no page: then the next one is asked."""
    found = ""
    while not found:
        found = locator.evaluate(f"element => getComputedStyle(element).{name}")
    return found


def test_it_shows_python_in_colours_and_asks_no_other_server(window, app):
    page = window.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    tab = Tab(page, f"{app}/?more=bcde")
    assert tab.text() == TEXT
    expect(tab.box("a").locator(".ace_string")).to_have_text('"severity = 0"')
    expect(tab.box("a").locator(".ace_comment")).to_have_text("# all of it")
    for key in "bcde":
        expect(tab.box(key).locator(".ace_comment")).to_have_text("# all of it")
    assert color(tab.box("a").locator(".ace_string")) != color(tab.box("a").locator(".ace_comment"))
    assert {url for url in asked if not url.startswith((f"{app}/", f"blob:{app}/"))} == set()
    assert len([url for url in asked if url.endswith("/ace.js")]) == 1
    assert tab.said == []
    page.close()


def test_what_is_typed_arrives_without_being_run(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\nlogs.count()")
    known = tab.python(a=f"{TEXT}\nlogs.count()")
    assert known["runs"] == 0
    assert tab.text() == known["a"]


def test_ctrl_enter_runs_the_newest_text_once(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\nx = 1")
    tab.page.keyboard.press("Control+Enter")
    known = tab.python(runs=1, ran=f"{TEXT}\nx = 1")
    assert known["a"] == known["ran"]
    # A key that is held down, seen as the browser reports it.
    tab.page.keyboard.type("2")
    tab.page.keyboard.down("Control")
    for _ in range(4):
        tab.page.keyboard.down("Enter")
    tab.page.keyboard.up("Enter")
    tab.page.keyboard.up("Control")
    tab.python(runs=2, ran=f"{TEXT}\nx = 12")
    tab.press("Other tab")
    known = tab.python(a="elsewhere = 1")
    tab.end()
    tab.page.keyboard.press("Meta+Enter")
    known = tab.python(runs=3)
    assert known["ran"] == "elsewhere = 1"
    # The page's button with the same shortcut is for the rest of the page.
    assert known["pressed"] == 0
    tab.page.mouse.click(640, 880)
    tab.page.keyboard.press("Control+Enter")
    assert tab.python(pressed=1)["runs"] == 3


def test_typing_while_the_page_is_drawn_anew_all_the_time_loses_nothing(visit):
    tab = visit("&live=1")
    tab.end()
    tab.page.keyboard.press("Enter")
    before = tab.python()["scripts"]
    typed = " ".join(f"count_if{number} = df.where('a < {number}')" for number in range(6))
    for start in range(0, len(typed), 40):
        tab.page.keyboard.type(typed[start : start + 40], delay=9)
        # A pause long enough that a draft is sent: its echo meets what is typed next.
        tab.page.wait_for_function("""() => {
            const kept = JSON.parse(sessionStorage.getItem("lab-editor:a-code"));
            return kept === null || kept.number < Number.MAX_SAFE_INTEGER;
        }""")
    expected = f"{TEXT}\n{typed}"
    assert tab.text() == expected
    assert tab.ace("isFocused()")
    assert tab.ace("getCursorPosition()") == {"row": 3, "column": len(typed)}
    assert tab.python(a=expected)["scripts"] > before + 4


def test_a_reload_a_button_and_another_page_lose_nothing(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\nafter = 1")
    tab.page.reload()
    tab.mounted()
    expected = f"{TEXT}\nafter = 1"
    tab.python(a=expected)
    tab.end()
    tab.page.keyboard.type("2")
    tab.press("Page's own")
    assert tab.python(pressed=1)["a"] == f"{expected}2"
    tab.end()
    tab.page.keyboard.type("3")
    tab.page.get_by_role("link", name="other").click(delay=30)
    expect(tab.page.get_by_role("heading", name="Elsewhere")).to_be_visible()
    tab.page.get_by_role("link", name="cells").click(delay=30)
    tab.mounted()
    assert tab.text() == f"{expected}23"


def test_a_lost_connection_loses_nothing(window, app):
    page = window.new_page()
    sockets, down = [], []

    def connect(socket):
        if down:
            socket.close()
            return
        socket.connect_to_server()
        sockets.append(socket)

    page.route_web_socket("**/_stcore/stream*", connect)
    tab = Tab(page, f"{app}/?who=lost")
    tab.end()
    down.append(True)
    sockets.pop().close()
    page.keyboard.type("\nmeanwhile = 1")
    page.wait_for_function("sessionStorage.getItem('lab-editor:a-code')?.includes('meanwhile = 1')")
    down.clear()
    tab.python(a=f"{TEXT}\nmeanwhile = 1")
    assert tab.text() == f"{TEXT}\nmeanwhile = 1"
    page.wait_for_function("sessionStorage.getItem('lab-editor:a-code') === null")
    page.close()


def test_another_text_takes_the_place_of_what_was_typed(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("mine")
    tab.press("Solution")
    assert tab.python(version=1)["a"] == "solution = 1"
    expect(tab.lines("a")).to_have_text(["solution = 1"])
    # Taken back with a key, since it was not the learner who typed it.
    tab.end()
    tab.page.keyboard.press("Control+z")
    tab.python(a=f"{TEXT}mine")
    # What somebody else has saved needs no new version.
    tab.press("Other tab")
    expect(tab.lines("a")).to_have_text(["elsewhere = 1"])
    assert tab.python(a="elsewhere = 1")["version"] == 1


def test_an_error_stands_at_its_line_until_it_is_gone(visit):
    tab = visit()
    tab.switch("Wrong")
    box = tab.box("a")
    cell = box.locator(".ace_gutter-cell.ace_error")
    expect(cell).to_contain_text("2")
    expect(box.locator(".lab-editor-wrong")).to_have_count(1)
    expect(box.get_by_role("status")).to_have_text("Line 2: Spark knows no severity.")
    cell.hover()
    expect(box.locator(".ace_tooltip")).to_contain_text("Spark knows no severity.")
    # It stays with its line.
    tab.end()
    tab.page.keyboard.press("Control+Home")
    tab.page.keyboard.press("Enter")
    expect(cell).to_contain_text("3")
    tab.switch("Wrong")
    expect(box.locator(".lab-editor-wrong")).to_have_count(0)
    expect(cell).to_have_count(0)
    expect(box.get_by_role("status")).to_have_text("")


def test_it_offers_the_words_of_the_lab(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\ncou")
    offered = tab.page.locator(".ace_autocomplete .ace_line")
    expect(offered.filter(has_text="count_if")).to_contain_text("function")
    # What opened by itself takes no key away.
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("count_i")
    expect(offered.first).to_contain_text("count_if")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Tab")
    tab.python(a=f"{TEXT}\ncou\ncount_if")


def test_tab_indents_and_escape_lets_it_leave(visit):
    tab = visit("&more=b")
    field = tab.page.get_by_role("textbox", name="Read the logs, Python code editor")
    tab.end()
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.press("Tab")
    assert tab.text() == f"{TEXT}\n    "
    expect(field).to_have_accessible_description(re.compile("Esc, then Tab"))
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("Tab")
    expect(field).not_to_be_focused()
    assert tab.text() == f"{TEXT}\n    "
    tab.box("b").locator(".ace_content").click()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("x")
    tab.page.keyboard.press("Tab")
    assert "x" in tab.text("b")
    assert tab.ace("isFocused()", "b")


def test_it_fits_a_phone_and_grows_with_the_text(visit):
    tab = visit()
    tab.page.set_viewport_size({"width": 400, "height": 900})
    frame = tab.box("a").locator(".lab-editor-box")
    expect(frame).to_be_in_viewport()
    tab.page.wait_for_function("document.querySelector('.lab-editor-box').getBoundingClientRect().right <= 400")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 400
    before = frame.bounding_box()["height"]
    tab.end()
    tab.page.keyboard.type("\n\n\n")
    tab.page.wait_for_function(f"document.querySelector('.lab-editor-box').offsetHeight > {before} + 60")


def luminance(css):
    """Of a colour as CSS gives it, for the contrast of WCAG."""
    parts = [int(part) / 255 for part in re.findall(r"\d+", css)[:3]]
    red, green, blue = (part / 12.92 if part <= 0.04045 else ((part + 0.055) / 1.055) ** 2.4 for part in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def test_its_colours_follow_the_theme_and_can_be_read(visit):
    tab = visit()
    tab.switch("Wrong")
    grounds = []
    for scheme in ("dark", "light"):
        tab.page.emulate_media(color_scheme=scheme)
        frame = tab.box("a").locator(".lab-editor-box")
        tab.page.wait_for_function(
            """dark => {
            const ground = getComputedStyle(document.querySelector(".lab-editor-box")).backgroundColor;
            return ground.match(/\\d+/)[0] < 128 === dark;
        }""",
            arg=scheme == "dark",
        )
        ground = luminance(color(frame, "backgroundColor"))
        grounds.append(ground)
        for name in ("ace_string", "ace_comment", "ace_constant", "ace_function", "ace_identifier", "ace_gutter-cell"):
            ink = luminance(color(tab.box("a").locator(f".{name}").first))
            contrast = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
            assert contrast >= 4.5, (scheme, name, round(contrast, 2))
    assert grounds[0] < 0.05
    assert grounds[1] > 0.8
    # The same editor, with another theme.
    assert tab.text() == TEXT


def test_the_plain_text_area_shares_the_text(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\none")
    tab.switch("Plain")
    area = tab.page.locator(".st-key-a textarea")
    expect(area).to_have_value(f"{TEXT}\none")
    area.fill("two")
    area.press("Control+Enter")
    assert tab.python(a="two")["runs"] == 0
    tab.switch("Plain")
    expect(tab.lines("a").first).to_have_text("two")


def page_of_a_lesson():
    import streamlit as st  # noqa: PLC0415 - AppTest runs the body of this function alone

    from lab.ui.editor import editor  # noqa: PLC0415

    saved = st.session_state.setdefault("saved", "spark")
    plain = st.toggle("plain", key="plain")
    version = st.number_input("version", key="version", value=0)
    if st.button("reset", key="reset"):
        saved = "anew"
        version += 1
    edited = editor("cell", saved, plain=plain, version=int(version), label="A cell")
    st.session_state["saved"] = edited.text
    st.text(f"{edited.text!r} {edited.run}")


def test_a_script_without_a_browser_is_given_the_text():
    app = AppTest.from_function(page_of_a_lesson).run()
    assert not app.exception
    assert app.text[0].value == "'spark' False"
    app.session_state["saved"] = "by another tab"
    assert app.run().text[0].value == "'by another tab' False"


def test_the_plain_text_area_can_be_tested_without_a_browser():
    app = AppTest.from_function(page_of_a_lesson).run()
    app.toggle(key="plain").set_value(True).run()
    assert not app.exception
    assert app.text_area(key="cell").value == "spark"
    app.text_area(key="cell").set_value("spark.sql").run()
    assert app.text[0].value == "'spark.sql' False"
    assert app.session_state["saved"] == "spark.sql"
    app.run()
    assert app.text_area(key="cell").value == "spark.sql"
    app.button(key="reset").click().run()
    assert app.text_area(key="cell").value == "anew"
    app.session_state["saved"] = "by another tab"
    app.run()
    assert app.text_area(key="cell").value == "by another tab"
    app.toggle(key="plain").set_value(False).run()
    assert app.text[0].value == "'by another tab' False"


def test_ace_is_as_its_makers_published_it():
    note = (ROOT / "lab/ui/editor/ace/README.md").read_text(encoding="utf-8")
    folder = ROOT / "lab/ui/editor/ace"
    for name in ("LICENSE", "ace.js", "ext-language_tools.js", "mode-python.js"):
        assert f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" in note


def test_the_words_of_the_lab_are_offered_once():
    words = [word for word, _ in module.COMPLETIONS]
    assert len(words) == len(set(words))
    assert {"spark", "count_if", "s3_lab9_output_uri", "sev0SaveQuery", "readStream"} <= set(words)
