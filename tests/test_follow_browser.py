"""When a page that hears of a change asks for a rerun: `follow.js`, with a clock and a socket of the test."""

from urllib.parse import quote

import pytest

from lab.ui import follow

pytestmark = pytest.mark.slow

# Stand-ins: `sockets` for the server, `asked` for the requests to Streamlit.
WORLD = """async (source) => {
    window.sockets = [];
    window.asked = [];
    window.WebSocket = class extends EventTarget {
        constructor(address) { super(); this.address = String(address); sockets.push(this); }
        says(kind, data) { this.dispatchEvent(Object.assign(new Event(kind), {data})); }
        close() { this.closed = true; this.says("close"); }
    };
    window.listening = 0;
    for (const [name, change] of [["addEventListener", 1], ["removeEventListener", -1]]) {
        const really = window[name];
        window[name] = (...given) => { listening += change; really.apply(window, given); };
    }
    window.place = document.body.appendChild(document.createElement("div"));
    const { default: mount } = await import(source);
    window.draw = (drawn, channel = "abc") => {
        window.leave = mount({
            data: {channel, drawn},
            parentElement: place,
            setTriggerValue: (name, value) => asked.push([name, value]),
        });
    };
    draw("1 READY");
}"""
MOMENT = 1


class World:
    """A page with the component mounted; time passes only when the test says so."""

    def __init__(self, page):
        self.page = page

    def told(self, state):
        self.page.evaluate("state => sockets.at(-1).says('message', state)", state)

    def draws(self, state, channel="abc"):
        self.page.evaluate("([state, channel]) => draw(state, channel)", [state, channel])

    def after(self, milliseconds):
        self.page.clock.run_for(milliseconds)

    @property
    def asked(self):
        return self.page.evaluate("asked.length")

    @property
    def sockets(self):
        return self.page.evaluate("sockets.length")


@pytest.fixture
def world(browser):
    page = browser.new_page()
    page.clock.install(time=0)
    page.route("http://lab.test/", lambda route: route.fulfill(body="<!doctype html>", content_type="text/html"))
    page.goto("http://lab.test/")
    source = follow._HERE.joinpath("follow.js").read_text(encoding="utf-8")
    page.evaluate(WORLD, f"data:text/javascript,{quote(source)}")
    # Nobody has touched the page for long; from here on, the clock stands still.
    page.clock.pause_at(3_600_000)
    yield World(page)
    page.close()


def test_it_listens_to_the_learners_channel_on_the_pages_server(world):
    assert world.page.evaluate("sockets.map(socket => socket.address)") == ["ws://lab.test/lab/changes/abc"]
    world.draws("1 READY", "def")
    assert world.page.evaluate("sockets.map(socket => [socket.address, socket.closed ?? false])") == [
        ["ws://lab.test/lab/changes/abc", True],
        ["ws://lab.test/lab/changes/def", False],
    ]
    world.after(60_000)
    assert world.sockets == 2


def test_what_is_drawn_already_is_not_asked_for(world):
    world.told("1 READY")
    world.after(5_000)
    assert world.asked == 0


def test_what_a_page_has_caused_itself_is_given_time_to_be_drawn(world):
    world.told("2 READY")
    world.after(150 - MOMENT)
    assert world.asked == 0
    world.draws("2 READY")
    world.after(5_000)
    assert world.asked == 0


def test_several_changes_are_asked_for_once_and_each_asking_is_another_value(world):
    for number in (2, 3, 4):
        world.told(f"{number} READY")
        world.after(100)
    assert world.asked == 0
    world.after(50)
    assert world.asked == 1
    world.after(5_000)
    world.told("5 READY")
    world.after(150)
    assert world.page.evaluate("asked") == [["changed", 1], ["changed", 2]]


@pytest.mark.parametrize("touch", ["press", "key"])
def test_it_holds_back_until_a_second_after_the_last_press_or_key(world, touch):
    def touched():
        if touch == "press":
            world.page.mouse.click(50, 50)
        else:
            world.page.keyboard.press("x")

    world.told("2 READY")
    for _ in range(3):
        touched()
        world.after(900)
    assert world.asked == 0
    world.after(100)
    assert world.asked == 1


def test_a_lost_connection_is_made_again_with_longer_and_longer_waits(world):
    for count, seconds in enumerate((1, 2, 4, 8, 16, 30, 30), start=1):
        world.page.evaluate("sockets.at(-1).says('close')")
        world.after(1_000 * seconds - MOMENT)
        assert world.sockets == count
        world.after(MOMENT)
        assert world.sockets == count + 1
    world.page.evaluate("sockets.at(-1).says('open')")
    world.page.evaluate("sockets.at(-1).says('close')")
    world.after(1_000)
    assert world.sockets == count + 2
    world.told("2 READY")
    world.after(150)
    assert world.asked == 1


def test_it_stays_while_its_element_does(world):
    world.page.evaluate("leave()")
    world.after(MOMENT)
    assert not world.page.evaluate("sockets.at(-1).closed")
    world.told("2 READY")
    world.after(150)
    assert world.asked == 1


@pytest.mark.parametrize("connected", [True, False])
def test_with_its_element_it_leaves_nothing(world, connected):
    world.told("2 READY")
    if not connected:
        world.page.evaluate("sockets.at(-1).says('close')")
    world.page.evaluate("place.remove(); leave()")
    world.after(60_000)
    assert world.page.evaluate("sockets.map(socket => socket.closed)") == [True]
    assert world.page.evaluate("listening") == 0
    assert world.asked == 0


def is_at_work(world, state):
    build = """state => {
        window.app = document.body.appendChild(document.createElement("div"));
        app.className = "stApp";
        app.dataset.testScriptState = state;
    }"""
    world.page.evaluate(build, state)


def test_while_the_app_is_drawn_nothing_is_asked_for_and_what_was_told_is_not_lost(world):
    is_at_work(world, "running")
    world.told("2 READY")
    world.after(30_000)
    assert world.asked == 0
    world.page.evaluate("() => { app.dataset.testScriptState = 'notRunning'; }")
    world.after(1_000)
    assert world.asked == 1


def test_a_page_that_shows_what_it_was_told_meanwhile_asks_for_nothing(world):
    is_at_work(world, "rerunRequested")
    world.told("2 READY")
    world.after(5_000)
    world.draws("2 READY")
    world.page.evaluate("() => { app.dataset.testScriptState = 'notRunning'; }")
    world.after(5_000)
    assert world.asked == 0
