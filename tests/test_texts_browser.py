"""No letter and no press is lost, whatever a person does next: in a real browser, in the editor and in plain fields."""

import re
from types import SimpleNamespace

import pytest
from fields import TEXT, FieldServer, Tab
from playwright.sync_api import expect

pytestmark = pytest.mark.slow

PHONE = {"viewport": {"width": 400, "height": 800}, "has_touch": True, "is_mobile": True}
SURFACES = ("editor", "plain", "answer", "line")


@pytest.fixture(scope="module")
def server(tmp_path_factory, store_url):
    server = FieldServer(tmp_path_factory.mktemp("fields"))
    yield server
    server.stop()


@pytest.fixture
def person(browser, server, request):
    """Return a function that opens a browser context of the test's learner; further calls open further ones."""
    contexts = []

    def person(**options):
        context = browser.new_context(**({"viewport": {"width": 1280, "height": 900}} | options))
        contexts.append(context)
        return context

    yield person
    for context in contexts:
        context.close()


@pytest.fixture
def visit(person, server, request):
    name = re.sub(r"\W", "-", request.node.name)

    def visit(context=None, query=""):
        return Tab((context or person()).new_page(), f"{server.url}/?who={name}{query}")

    return visit


class Typist:
    """Somebody who types into one kind of field."""

    def __init__(self, visit, surface, context=None):
        self.surface = surface
        self.name = {"answer": "answer", "line": "time", "long": "takeaways"}.get(surface, "code")
        self.tab = visit(context, f"&{surface}=1")
        self.page = self.tab.page
        self.before = TEXT if self.name == "code" else ""
        self.block = "cell-schema" if self.name == "code" else "group-log-first"

    @property
    def field(self):
        labels = {"plain": "Read the logs", "answer": "Your result", "line": "Time spent", "long": "Takeaways"}
        if self.surface == "editor":
            return self.page.get_by_role("textbox", name="Read the logs, Python code editor")
        return self.page.get_by_label(labels[self.surface])

    def enter(self):
        """Put the cursor at the end of the text; in a single-line field, select all, to replace a suggestion."""
        if self.surface == "editor":
            self.tab.end()
            return
        self.field.click()
        self.page.keyboard.press("Control+A" if self.surface == "line" else "Control+End")

    def type(self, text, **options):
        self.page.keyboard.type(text, **options)

    def shows(self, text):
        if self.surface == "editor":
            self.page.wait_for_function(
                "text => document.querySelector('.st-key-code-schema-code .lab-ace')?.env.editor.getValue() === text",
                arg=text,
            )
        else:
            expect(self.field).to_have_value(text)

    def python(self, text):
        return self.tab.python(**{self.name: text})

    def foot(self):
        return self.page.locator(".lab-editor", has=self.field)


@pytest.fixture(params=SURFACES)
def typist(request, visit):
    return Typist(visit, request.param)


def leave_at_once(page, link, touch):
    """Press a link as fast as possible: no pause after the last letter, and none between down and up."""
    if touch:
        link.tap()
        return
    link.scroll_into_view_if_needed()
    box = link.bounding_box()
    page.mouse.move(box["x"] + 10, box["y"] + box["height"] / 2)
    page.mouse.down()
    page.mouse.up()


@pytest.mark.parametrize("touch", [False, True], ids=["mouse", "finger"])
@pytest.mark.parametrize("surface", SURFACES)
def test_a_change_of_page_right_after_typing_loses_neither_the_press_nor_the_text(person, visit, surface, touch):
    typist = Typist(visit, surface, person(**PHONE) if touch else None)
    page = typist.page
    text = typist.before
    for count in range(3):
        typist.enter()
        text = f"{count} of three" if surface == "line" else f"{text}{count}"
        typist.type(text if surface == "line" else f"{count}")
        leave_at_once(page, page.get_by_role("link", name="Next: elsewhere"), touch)
        expect(page.get_by_role("heading", name="Elsewhere")).to_be_visible()
        page.go_back()
        typist.tab.mounted()
        typist.shows(text)
        typist.python(text)


@pytest.mark.parametrize("surface", ["editor", "plain", "answer"])
def test_a_button_right_after_typing_is_pressed_and_knows_the_text(visit, surface):
    typist = Typist(visit, surface)
    text = typist.before
    for count in range(1, 4):
        typist.enter()
        typist.type(f"{count}")
        text += f"{count}"
        button = typist.page.locator(f".st-key-{'check' if surface == 'answer' else 'run'} button")
        leave_at_once(typist.page, button, touch=False)
        known = typist.tab.python(**{"pressed" if surface == "answer" else "runs": count, typist.name: text})
        if surface != "answer":
            assert known["ran"] == text


def test_a_reload_in_the_middle_of_a_word_loses_nothing(typist):
    typist.enter()
    typist.type("abc")
    typist.page.reload()
    typist.tab.mounted()
    typist.shows(f"{typist.before}abc")
    typist.python(f"{typist.before}abc")


def test_a_tab_that_is_closed_in_the_middle_of_a_word_has_sent_it(person, visit, typist):
    typist.enter()
    typist.type("abc")
    typist.page.close(run_before_unload=True)
    Typist(visit, typist.surface).python(f"{typist.before}abc")


def test_a_cut_while_typing_loses_no_letter_and_says_so(typist):
    page = typist.page
    letters = "abcdefghijklmnopqrstuvwxyz"
    typist.enter()
    typist.type(letters[:6], delay=20)
    page.context.set_offline(True)
    typist.type(letters[6:18], delay=60)
    expect(
        typist.foot().get_by_text("The lab cannot be reached. What you type is kept in this browser").first
    ).to_be_visible()
    expect(typist.field).to_be_enabled()
    typist.shows(typist.before + letters[:18])
    page.context.set_offline(False)
    typist.type(letters[18:], delay=20)
    typist.shows(typist.before + letters)
    typist.python(typist.before + letters)
    expect(typist.foot().get_by_text("The lab cannot be reached")).to_have_count(0)


def test_what_was_typed_offline_in_a_tab_that_was_closed_is_found_by_the_next_one(person, visit):
    context = person()
    typist = Typist(visit, "plain", context)
    typist.enter()
    typist.type("a")
    typist.python(f"{TEXT}a")
    context.set_offline(True)
    typist.type("bc")
    expect(typist.foot().get_by_text("The lab cannot be reached").first).to_be_visible()
    typist.page.close()
    context.set_offline(False)
    looks = visit(context, "&plain=1")
    looks.python(code=f"{TEXT}a")
    # Make the draft two minutes older.
    looks.page.evaluate("""() => {
        for (const key of Object.keys(localStorage)) if (key.startsWith("lab-text ")) {
            const kept = JSON.parse(localStorage.getItem(key));
            localStorage.setItem(key, JSON.stringify({...kept, when: kept.when - 120000}));
        }
    }""")
    looks.page.reload()
    looks.python(code=f"{TEXT}abc")
    looks.page.wait_for_function("!Object.keys(localStorage).some(key => key.startsWith('lab-text '))")


def test_a_restart_of_the_server_while_typing_loses_nothing(server, typist):
    typist.enter()
    typist.type("ab")
    server.kill()
    typist.type("cd")
    expect(typist.foot().get_by_text("The lab cannot be reached").first).to_be_visible()
    typist.type("ef")
    server.start()
    # During a redraw, no field has the focus, and a key would be lost.
    drawn = ".stApp[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]"
    expect(typist.page.locator(drawn)).to_have_count(1)
    expect(typist.field).to_be_focused()
    typist.type("gh")
    typist.shows(f"{typist.before}abcdefgh")
    typist.python(f"{typist.before}abcdefgh")


def test_two_minutes_offline_lose_nothing(visit):
    typist = Typist(visit, "editor")
    # The page's clock drives its retries, and Streamlit's, too.
    typist.page.clock.install()
    typist.page.context.set_offline(True)
    typist.enter()
    typist.type("abc")
    for _ in range(8):
        typist.page.clock.run_for(15_000)
        typist.type("d")
    typist.page.context.set_offline(False)
    typist.page.clock.run_for(60_000)
    typist.page.clock.resume()
    typist.shows(f"{TEXT}abc{'d' * 8}")
    Typist(visit, "editor").python(f"{TEXT}abc{'d' * 8}")


def test_a_press_that_the_text_could_not_reach_is_not_made_with_an_older_text(visit):
    typist = Typist(visit, "plain")
    page = typist.page
    page.route("**/lab/texts/**", lambda route: route.abort())
    typist.enter()
    typist.type("new")
    typist.tab.press("Run")
    said = page.get_by_role("alert").filter(has_text='"Run" was not pressed')
    expect(said).to_contain_text("what you typed has not reached the lab yet. Press again when the line is back.")
    # A press that does not concern this text goes through.
    typist.tab.press("Check")
    assert typist.tab.python(pressed=1)["runs"] == 0
    said.get_by_role("button", name="Close").click()
    expect(said).to_have_count(0)
    page.unroute("**/lab/texts/**")
    typist.tab.kept()
    typist.tab.press("Run")
    typist.tab.python(runs=1, ran=f"{TEXT}new")


def test_what_is_too_long_is_said_and_stays_in_the_field_and_is_not_run(visit):
    typist = Typist(visit, "plain")
    long = "x" * 10_001
    typist.field.fill(long)
    said = "This text has 10,001 characters, and may have 10,000. It is not kept until you shorten it."
    expect(typist.foot().get_by_text(said).first).to_be_visible()
    typist.tab.press("Run")
    expect(typist.page.get_by_role("alert")).to_contain_text('"Run" was not pressed: the lab does not take the text')
    typist.page.reload()
    typist.tab.mounted()
    typist.shows(long)
    typist.field.press("Control+End")
    typist.field.press("Backspace")
    typist.python(long[1:])


@pytest.mark.parametrize("choice", ["Keep what is here", "Take the other one"])
@pytest.mark.parametrize("surface", ["editor", "plain", "answer"])
def test_two_browsers_that_type_at_once_are_told_and_both_texts_are_kept(person, visit, surface, choice):
    one, other = Typist(visit, surface), Typist(visit, surface)
    # The other page has not been redrawn: it still shows the old text.
    one.enter()
    one.type("\none")
    one.python(f"{one.before}\none")
    other.enter()
    other.type("\nother")
    conflict = other.page.get_by_role("group", name="Two texts, of which one is to stay")
    expect(conflict.get_by_role("alert")).to_contain_text("changed in another tab or browser while you typed here")
    expect(conflict.locator(".lab-editor-added")).to_contain_text("+ other")
    expect(conflict.locator(".lab-editor-gone")).to_contain_text("- one")
    # One can go on typing, but nothing is stored or run until one text is chosen.
    other.type("s")
    other.shows(f"{other.before}\nothers")
    one.python(f"{one.before}\none")
    if surface != "answer":
        other.tab.press("Run")
        expect(other.page.get_by_role("alert").filter(has_text="was not pressed")).to_contain_text("first choose")
    other.page.reload()
    other.tab.mounted()
    other.shows(f"{other.before}\nothers")
    conflict.get_by_role("button", name=choice).click()
    expect(conflict).to_have_count(0)
    mine = choice == "Keep what is here"
    left, gone = ("others", "one") if mine else ("one", "others")
    other.shows(f"{other.before}\n{left}")
    other.python(f"{other.before}\n{left}")
    other.foot().get_by_text("Earlier versions").click()
    expect(other.foot().locator(".lab-editor-added").filter(has_text=f"+ {gone}").first).to_be_attached()


def test_a_text_that_was_changed_elsewhere_is_shown_where_nobody_types(visit):
    one, other = Typist(visit, "answer"), Typist(visit, "answer")
    one.enter()
    one.type("s1 1")
    one.python("s1 1")
    other.tab.press("Page's own")
    other.shows("s1 1")
    other.enter()
    other.type("\ns2 2")
    other.python("s1 1\ns2 2")
    expect(other.page.get_by_role("group", name="Two texts")).to_have_count(0)


@pytest.mark.parametrize("surface", ["editor", "plain"])
def test_undo_reaches_earlier_versions_after_a_reload_by_key_and_by_sight(visit, surface):
    typist = Typist(visit, surface)
    # So different that each becomes a version of its own.
    first, second = "version = 1" + " # first" * 10, "version = 2" + " # other" * 10
    for text in (first, second):
        typist.enter()
        typist.page.keyboard.press("Control+A")
        typist.page.keyboard.insert_text(text)
        typist.python(text)
    typist.page.reload()
    typist.tab.mounted()
    typist.enter()
    for expected in (first, TEXT):
        typist.page.keyboard.press("Control+z")
        typist.shows(expected)
        typist.python(expected)
    # All versions, the newest first, each with its time and its difference.
    foot = typist.foot()
    summary = foot.get_by_text("Earlier versions")
    summary.focus()
    typist.page.keyboard.press("Enter")
    versions = foot.locator(".lab-editor-version")
    expect(versions.first).to_be_visible()
    wanted = versions.filter(has_text="version = 2").first
    expect(wanted.locator("summary")).to_have_text(re.compile(r"^\d\d:\d\d:\d\d · 1 line comes back, 3 go$"))
    wanted.locator("summary").focus()
    typist.page.keyboard.press("Enter")
    expect(wanted.locator(".lab-editor-added")).to_contain_text("+ version = 2")
    expect(wanted.locator(".lab-editor-gone")).to_have_count(3)
    typist.page.keyboard.press("Tab")
    typist.page.keyboard.press("Enter")
    typist.shows(second)
    typist.python(second)
    # Going back loses nothing.
    summary.click()
    expect(foot.locator(".lab-editor-added").filter(has_text="logs.show(5)").first).to_be_attached()


def test_what_a_button_replaced_comes_back(visit):
    typist = Typist(visit, "editor")
    typist.enter()
    typist.type("\nmine = 1")
    typist.tab.press("Solution")
    typist.shows("solution = 1")
    typist.foot().get_by_text("Earlier versions").click()
    newest = typist.foot().locator(".lab-editor-version").first
    newest.locator("summary").click()
    newest.get_by_role("button", name=re.compile("^Put back the version of")).click()
    typist.shows(f"{TEXT}\nmine = 1")
    typist.python(f"{TEXT}\nmine = 1")


def test_a_suggestion_is_nobodys_text_until_it_is_changed(visit):
    typist = Typist(visit, "line")
    typist.shows("2 h")
    typist.field.press("End")
    typist.type("x")
    typist.python("2 hx")
    typist.field.press("Backspace")
    typist.python("")
    typist.field.fill("")
    typist.field.blur()
    typist.shows("2 h")
    assert typist.tab.python()["retrospective-time_spent"] == ""


def test_ctrl_enter_in_a_plain_cell_runs_the_newest_text_once(visit):
    typist = Typist(visit, "plain")
    typist.enter()
    typist.type("1")
    typist.page.keyboard.press("Control+Enter")
    known = typist.tab.python(runs=1, ran=f"{TEXT}1")
    assert known["pressed"] == 0


@pytest.mark.parametrize("surface", ["editor", "plain"])
@pytest.mark.parametrize("place", ["its button", "earlier versions"])
def test_ctrl_enter_runs_the_cell_that_the_keys_are_in_and_no_other(visit, surface, place):
    typist = Typist(visit, surface)
    typist.enter()
    typist.type("1")
    cell = typist.page.locator(".st-key-cell-schema")
    (cell.locator(".st-key-run button") if place == "its button" else cell.locator("summary").first).focus()
    typist.page.keyboard.press("Control+Enter")
    # The page's button with the same shortcut must not be pressed.
    known = typist.tab.python(runs=1, ran=f"{TEXT}1")
    assert known["pressed"] == 0


def test_the_editor_and_the_plain_field_share_the_text(visit):
    typist = Typist(visit, "editor")
    typist.enter()
    typist.type("\none")
    typist.tab.switch("Plain")
    area = typist.page.get_by_label("Read the logs")
    expect(area).to_have_value(f"{TEXT}\none")
    area.fill("two")
    typist.tab.switch("Plain")
    typist.shows("two")
    typist.python("two")


def test_a_field_has_a_name_says_how_it_is_and_is_reached_by_keyboard(visit):
    tab = visit(query="&plain=1")
    page = tab.page
    expect(page.get_by_label("Your result")).to_have_attribute("placeholder", "For example: s1 1")
    area = page.get_by_role("textbox", name="Read the logs")
    area.focus()
    expect(area).to_have_accessible_description("Ctrl+Enter runs")
    page.keyboard.press("Tab")
    expect(page.locator("summary:focus")).to_have_text("Earlier versions")
    page.keyboard.press("Tab")
    expect(page.get_by_role("button", name="Run", exact=True)).to_be_focused()


@pytest.fixture
def line(person):
    """A connection that can be cut: Chromium's offline mode keeps websockets open."""
    line = SimpleNamespace(context=person(), sockets=[], is_cut=False)

    def route(socket):
        if line.is_cut:
            socket.close()
        else:
            # Both ends: the server sees the cut, too.
            line.sockets += [socket, socket.connect_to_server()]

    def cut():
        line.is_cut = True
        line.context.set_offline(True)
        for socket in line.sockets:
            socket.close()

    def mend():
        line.is_cut = False
        line.context.set_offline(False)

    line.context.route_web_socket(re.compile("/_stcore/stream"), route)
    line.cut, line.mend = cut, mend
    return line


def pressed_once_and_cut(visit, line):
    """A tab with a press that has arrived, and a connection that was cut afterwards."""
    tab = visit(line.context)
    tab.press("Page's own")
    tab.python(pressed=1)
    line.cut()
    expect(tab.page.locator(".stApp:not([data-test-connection-state=CONNECTED])")).to_have_count(1)
    return tab


def test_a_press_that_a_cut_has_met_is_said_when_the_line_is_back(visit, line):
    tab = pressed_once_and_cut(visit, line)
    page = tab.page
    # `force`, since a finger may press a disabled button.
    page.get_by_role("button", name="Page's own").click(force=True)
    line.mend()
    said = page.get_by_role("alert").filter(has_text="The line was cut")
    expect(said).to_contain_text('"Page\'s own" has not reached the lab. Press it again.')
    said.get_by_role("button", name="Close").click()
    assert tab.python()["pressed"] == 1
    tab.press("Page's own")
    tab.python(pressed=2)
    expect(said).to_have_count(0)


def test_a_cut_after_a_press_that_has_arrived_is_no_reason_to_press_again(visit, line):
    tab = pressed_once_and_cut(visit, line)
    page = tab.page
    line.mend()
    expect(
        page.locator(".stApp[data-test-connection-state=CONNECTED][data-test-script-state=notRunning]")
    ).to_have_count(1)
    tab.press("Check")
    tab.python(pressed=2)
    expect(page.locator(".lab-said")).to_have_count(0)


@pytest.mark.parametrize("surface", [*SURFACES, "long"])
def test_a_cut_after_which_the_server_has_forgotten_the_session_loses_no_letter(visit, line, server, surface):
    typist = Typist(visit, surface, line.context)
    page = typist.page
    session = typist.tab.python()["session"]
    page.evaluate("""() => {
        const look = () => { window.interrupted ||= Boolean(document.querySelector('[role="dialog"]')) };
        new MutationObserver(look).observe(document.body, { childList: true });
    }""")
    typist.enter()
    typist.type("ab")
    line.cut()
    typist.type("cd")
    # Streamlit's dialog takes the focus. The lab closes it at once.
    page.wait_for_function("""window.interrupted && !document.querySelector('[role="dialog"]')""")
    expect(typist.field).to_be_focused()
    typist.type("ef")
    text = f"{typist.before}abcdef"
    typist.shows(text)
    server.forget(session)
    page.get_by_role("button", name="Page's own").click(force=True)
    line.mend()
    said = page.get_by_role("alert").filter(has_text="The line was cut")
    expect(said).to_contain_text('"Page\'s own" has not reached the lab. Press it again.')
    typist.shows(text)
    known = typist.python(text)
    assert known["session"] != session
    assert known["pressed"] == 0
    # Typing goes on, in the new session.
    typist.field.press("End")
    typist.type("gh")
    typist.shows(f"{text}gh")
    typist.python(f"{text}gh")
