"""The editor of a cell, in a real browser with a small app: only there can texts be lost."""

import hashlib
import re

import pytest
from fields import MORE, ROOT, TEXT, FieldServer, Tab, color, luminance
from playwright.sync_api import expect

from lab.ui import editor as module


@pytest.fixture(scope="module")
def app(tmp_path_factory, store_url):
    server = FieldServer(tmp_path_factory.mktemp("editor"))
    yield server.url
    server.stop()


@pytest.fixture(scope="module")
def window(browser):
    """The browser context of all tabs, so that Streamlit is loaded only once."""
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


@pytest.mark.slow
def test_it_shows_python_in_colours_and_asks_no_other_server(window, app):
    page = window.new_page()
    asked = []
    page.on("request", lambda request: asked.append(request.url))
    tab = Tab(page, f"{app}/?who=colours&more={'+'.join(MORE)}")
    assert tab.text() == TEXT
    expect(tab.box("schema").locator(".ace_string")).to_have_text('"severity = 0"')
    expect(tab.box("schema").locator(".ace_comment")).to_have_text("# all of it")
    for name in MORE:
        expect(tab.lines(name).first).to_be_visible()
    assert color(tab.box("schema").locator(".ace_string")) != color(tab.box("schema").locator(".ace_comment"))
    assert {url for url in asked if not url.startswith((f"{app}/", f"blob:{app}/"))} == set()
    assert len([url for url in asked if url.endswith("/ace.js")]) == 1
    assert tab.said == []
    page.close()


@pytest.mark.slow
def test_what_is_typed_arrives_without_being_run(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\nlogs.count()")
    known = tab.python(code=f"{TEXT}\nlogs.count()")
    assert known["runs"] == 0
    assert tab.text() == known["code-schema"]


@pytest.mark.slow
def test_ctrl_enter_runs_the_newest_text_once(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\nx = 1")
    tab.page.keyboard.press("Control+Enter")
    known = tab.python(runs=1, ran=f"{TEXT}\nx = 1")
    assert known["code-schema"] == known["ran"]
    # A key that is held down repeats.
    tab.page.keyboard.type("2")
    tab.page.keyboard.down("Control")
    for _ in range(4):
        tab.page.keyboard.down("Enter")
    tab.page.keyboard.up("Enter")
    tab.page.keyboard.up("Control")
    tab.python(runs=2, ran=f"{TEXT}\nx = 12")
    tab.press("Other tab")
    known = tab.python(code="elsewhere = 1")
    tab.end()
    tab.page.keyboard.press("Meta+Enter")
    known = tab.python(runs=3)
    assert known["ran"] == "elsewhere = 1"
    # The page's button has the same shortcut, but it works only outside the editor.
    assert known["pressed"] == 0
    tab.page.mouse.click(640, 880)
    tab.page.keyboard.press("Control+Enter")
    assert tab.python(pressed=1)["runs"] == 3


@pytest.mark.slow
def test_typing_while_the_page_is_drawn_anew_all_the_time_loses_nothing(visit):
    tab = visit("&live=1")
    tab.end()
    tab.page.keyboard.press("Enter")
    before = tab.python()["scripts"]
    typed = " ".join(f"count_if{number} = df.where('a < {number}')" for number in range(6))
    for start in range(0, len(typed), 40):
        tab.page.keyboard.type(typed[start : start + 40], delay=9)
        # A pause long enough for a draft to be sent: its echo arrives while the next text is typed.
        tab.kept()
    expected = f"{TEXT}\n{typed}"
    assert tab.text() == expected
    assert tab.ace("isFocused()")
    assert tab.ace("getCursorPosition()") == {"row": 3, "column": len(typed)}
    assert tab.python(code=expected)["scripts"] > before + 4


@pytest.mark.slow
def test_another_text_takes_the_place_of_what_was_typed(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("mine")
    tab.press("Solution")
    tab.python(code="solution = 1")
    expect(tab.lines()).to_have_text(["solution = 1"])
    # Undo takes it back, since the learner did not type it.
    tab.end()
    tab.page.keyboard.press("Control+z")
    tab.python(code=f"{TEXT}mine")
    tab.press("Other tab")
    expect(tab.lines()).to_have_text(["elsewhere = 1"])
    tab.python(code="elsewhere = 1")


@pytest.mark.slow
def test_an_error_stands_at_its_line_until_it_is_gone(visit):
    tab = visit()
    tab.switch("Wrong")
    box = tab.box("schema")
    cell = box.locator(".ace_gutter-cell.ace_error")
    expect(cell).to_contain_text("2")
    expect(box.locator(".lab-editor-wrong")).to_have_count(1)
    expect(box.locator("[id$='-wrong']")).to_have_text("Line 2: Spark knows no severity.")
    cell.hover()
    expect(box.locator(".ace_tooltip")).to_contain_text("Spark knows no severity.")
    # The mark stays on its line.
    tab.end()
    tab.page.keyboard.press("Control+Home")
    tab.page.keyboard.press("Enter")
    expect(cell).to_contain_text("3")
    tab.switch("Wrong")
    expect(box.locator(".lab-editor-wrong")).to_have_count(0)
    expect(cell).to_have_count(0)
    expect(box.locator("[id$='-wrong']")).to_have_text("")


@pytest.mark.slow
def test_it_offers_the_words_of_the_lab(visit):
    tab = visit()
    tab.end()
    tab.page.keyboard.type("\ncou")
    offered = tab.page.locator(".ace_autocomplete .ace_line")
    expect(offered.filter(has_text="count_if")).to_contain_text("function")
    # A list that opened by itself does not capture Enter.
    tab.page.keyboard.press("Enter")
    tab.page.keyboard.type("count_i")
    expect(offered.first).to_contain_text("count_if")
    tab.page.keyboard.press("Tab")
    tab.page.keyboard.press("Tab")
    tab.python(code=f"{TEXT}\ncou\ncount_if")


@pytest.mark.slow
def test_tab_indents_and_escape_lets_it_leave(visit):
    tab = visit(f"&more={MORE[0]}")
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
    tab.box(MORE[0]).locator(".ace_content").click()
    tab.page.keyboard.press("Escape")
    tab.page.keyboard.press("x")
    tab.page.keyboard.press("Tab")
    assert "x" in tab.text(MORE[0])
    assert tab.ace("isFocused()", MORE[0])


@pytest.mark.slow
def test_it_fits_a_phone_and_grows_with_the_text(visit):
    tab = visit()
    tab.page.set_viewport_size({"width": 400, "height": 900})
    frame = tab.box("schema").locator(".lab-editor-box")
    expect(frame).to_be_in_viewport()
    tab.page.wait_for_function("document.querySelector('.lab-editor-box').getBoundingClientRect().right <= 400")
    assert tab.page.evaluate("document.documentElement.scrollWidth") <= 400
    before = frame.bounding_box()["height"]
    tab.end()
    tab.page.keyboard.type("\n\n\n")
    tab.page.wait_for_function(f"document.querySelector('.lab-editor-box').offsetHeight > {before} + 60")


@pytest.mark.slow
def test_its_colours_follow_the_theme_and_can_be_read(visit):
    tab = visit()
    tab.switch("Wrong")
    grounds = []
    for scheme in ("dark", "light"):
        tab.page.emulate_media(color_scheme=scheme)
        frame = tab.box("schema").locator(".lab-editor-box")
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
            ink = luminance(color(tab.box("schema").locator(f".{name}").first))
            contrast = (max(ink, ground) + 0.05) / (min(ink, ground) + 0.05)
            assert contrast >= 4.5, (scheme, name, round(contrast, 2))
    assert grounds[0] < 0.05
    assert grounds[1] > 0.8
    # The same editor, with another theme.
    assert tab.text() == TEXT


def test_ace_is_as_its_makers_published_it():
    note = (ROOT / "lab/ui/editor/ace/README.md").read_text(encoding="utf-8")
    folder = ROOT / "lab/ui/editor/ace"
    for name in ("LICENSE", "ace.js", "ext-language_tools.js", "mode-python.js"):
        assert f"{hashlib.sha256((folder / name).read_bytes()).hexdigest()}  {name}" in note


def test_the_words_of_the_lab_are_offered_once():
    words = [word for word, _ in module.COMPLETIONS]
    assert len(words) == len(set(words))
    assert {"spark", "count_if", "s3_lab9_output_uri", "sev0SaveQuery", "readStream"} <= set(words)
