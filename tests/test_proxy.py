"""The lab behind nginx, set up as in the docs: at the root, below a path, and framed by its own site and another site.

The browser accepts self-made certificates, and resolves every name that ends in `.test` to this machine.
"""

import http.client
import http.server
import re
import socket
import ssl
import threading
from contextlib import contextmanager

import pytest
from browsing import START_WAIT, WAIT, Server, go, press, solve, text_of
from playwright.sync_api import expect
from proxies import BELOW, INSTALL, LMS, NAME, PORTAL, TAKEN_OFF, Nginx, find_nginx, free_port, lines

from lab.lesson.steps import STEPS
from lab.settings import FRAME_ANCESTORS, STORE
from tools.bench.browser import FLAGS, find_browser

needs_nginx = pytest.mark.skipif(find_nginx() is None, reason=INSTALL)
pytestmark = needs_nginx
# Chromium's flag that blocks third-party cookies.
BLOCKING = ("--test-third-party-cookie-phaseout",)
# A browser that denies all storage to a page framed by another site.
NO_STORAGE = """
for (const name of ["sessionStorage", "localStorage"])
    Object.defineProperty(window, name, { get() { throw new DOMException("denied", "SecurityError"); } });
"""


@pytest.fixture(scope="module")
def browser():
    from playwright.sync_api import sync_playwright  # noqa: PLC0415 - a test without a browser needs none

    executable = find_browser()
    if executable is None:
        pytest.skip("no Chromium was found; on Debian: apt-get install chromium")
    # A download from a frame ignores the context's certificate option.
    flags = [*FLAGS, *BLOCKING, "--ignore-certificate-errors", "--host-resolver-rules=MAP *.test 127.0.0.1"]
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=executable, args=flags)
        yield browser
        browser.close()


@pytest.fixture
def person(browser):
    """Return a function that makes a person, with their own browser context."""
    contexts = []

    def new(script=""):
        context = browser.new_context(ignore_https_errors=True, viewport={"width": 1280, "height": 900})
        if script:
            context.add_init_script(script)
        contexts.append(context)
        return Person(context)

    yield new
    for context in contexts:
        context.close()


class Person:
    """A person's browser context, and the addresses of the websockets that received a message."""

    def __init__(self, context):
        self.context = context
        self.told = []
        context.set_default_timeout(WAIT)

    def open(self, address, *, framed=False):
        page = self.context.new_page()
        page.on("websocket", self._listen)
        page.goto(address)
        return Place(page, framed=framed)

    def _listen(self, opened):
        address = re.sub(r"[0-9a-f]{32}$", "…", opened.url)
        opened.on("framereceived", lambda _: self.told.append(address))


class Place:
    """A page of the lab, directly or in a frame of another page: tests treat both the same."""

    def __init__(self, page, *, framed):
        self.page = page
        self.keyboard = page.keyboard
        self._shown = page.frame_locator("iframe") if framed else page

    def __getattr__(self, name):
        return getattr(self._shown, name)

    def come_in(self, name):
        self.get_by_label("Your name").fill(name)
        self.get_by_role("button", name="Come in").click()
        self.ready()

    def ready(self):
        expect(self.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)


@contextmanager
def lab(folder, **variables):
    """Run a lab with known host names; yield its address."""
    store = {STORE: f"sqlite:///{folder}/lab.sqlite", "STREAMLIT_SERVER_ALLOWED_HOSTS": NAME}
    server = Server(**store, **variables)
    try:
        yield server.url.removeprefix("http://")
    finally:
        server.stop()
    assert "Traceback" not in "".join(server.said)


def lap(someone, address, base, folder, *, framed=False):
    """Type and run a cell, put a file into LogData, download one, come back, and see a second tab follow."""
    place = someone.open(f"{address}/schema", framed=framed)
    place.come_in("Ada")
    solve(place, "schema")
    go(place, "Volume report")
    place.get_by_text("One file at a time, or a file of your own").click()
    file = {"name": "mine.csv", "mimeType": "text/csv", "buffer": b"s3,2,1\n"}
    place.locator(".st-key-upload input").set_input_files(file)
    press(place, "put")
    expect(place.get_by_test_id("stToast").get_by_text("mine.csv is in LogData")).to_be_visible()
    go(place, "Hand in")
    place.get_by_text("You prefer Jupyter?").click()
    with place.page.expect_download() as waiting:
        press(place, "download-empty")
    waiting.value.save_as(folder / "empty.ipynb")
    assert (folder / "empty.ipynb").read_text(encoding="utf-8").startswith("{")

    # The person is the same after coming back; in a frame, that is a new load of the frame's address.
    place.page.goto(f"{address}/schema")
    place.ready()
    assert text_of(place, "schema").strip() == STEPS["schema"].code.strip()
    place.page.reload()
    place.ready()
    expect(place.get_by_text("Who are you?")).to_have_count(0)
    assert text_of(place, "schema").strip() == STEPS["schema"].code.strip()
    expect(place.get_by_text("Your browser keeps no cookie")).to_have_count(0)

    second = someone.open(f"{address}/read-stream", framed=framed)
    second.ready()
    go(place, "Read stream")
    someone.told.clear()
    solve(place, "read-stream")
    expect(second.get_by_text("queries running: 0").first).to_be_visible()
    [told] = {address for address in someone.told if "/changes/" in address}
    assert re.fullmatch(rf"wss://{NAME}:\d+{base}/lab/changes/…", told)
    return place


@pytest.mark.slow
def test_at_the_root_and_in_frames_without_the_setting(person, tmp_path):
    with lab(tmp_path) as replica, Nginx(tmp_path / "nginx", lines(), replica) as proxy:
        someone = person()
        lap(someone, proxy.url, "", tmp_path)
        [cookie] = [each for each in someone.context.cookies() if "learner" in each["name"]]
        assert cookie["name"] == "__Host-lab_learner"
        assert (cookie["secure"], cookie["sameSite"], cookie["path"]) == (True, "Lax", "/")
        # Framed by the lab's own site, the same person continues.
        portal = f"https://{PORTAL}:{proxy.port}"
        place = someone.open(f"{portal}/schema", framed=True)
        place.ready()
        assert text_of(place, "schema").strip() == STEPS["schema"].code.strip()
        lap(person(), portal, "", tmp_path, framed=True)

        # Framed by another site, the page shows a sentence, and a link that opens the same page in a tab.
        stranger = person()
        place = stranger.open(f"https://{LMS}:{proxy.port}/schema", framed=True)
        expect(place.get_by_text("your work would be gone")).to_be_visible()
        assert stranger.context.cookies() == []
        with stranger.context.expect_page() as opened:
            place.get_by_role("link", name="Open the lab in a new tab").click()
        expect(opened.value.get_by_text("Who are you?")).to_be_visible()
        assert opened.value.url == f"{proxy.url}/schema"

        # If a browser keeps no cookie, the page says so before anybody works in vain.
        hiding = lines().replace("proxy_connect_timeout", "proxy_hide_header Set-Cookie;\n    proxy_connect_timeout")
        with Nginx(tmp_path / "hiding", hiding, replica) as other:
            forgetful = person()
            place = forgetful.open(f"{other.url}/schema")
            expect(place.get_by_text("Your browser keeps no cookie of the lab here")).to_be_visible()
            with forgetful.context.expect_page() as opened:
                place.get_by_role("link", name="Open the lab in a tab of its own").click()
            expect(opened.value.get_by_role("heading", name="Schema", level=1)).to_be_visible()

        # A proxy that strips a path prefix.
        with Nginx(tmp_path / "taken-off", lines(TAKEN_OFF), replica) as other:
            lap(person(), f"{other.url}/lab", "/lab", tmp_path)


@pytest.mark.slow
def test_below_a_path_and_inside_an_lms(person, tmp_path):
    port = free_port()
    site = f"https://{LMS}:{port}"
    with (
        lab(tmp_path, **{FRAME_ANCESTORS: site, "STREAMLIT_SERVER_BASE_URL_PATH": "lab"}) as replica,
        Nginx(tmp_path / "nginx", lines(BELOW), replica, port=port) as proxy,
    ):
        someone = person()
        place = lap(someone, f"{proxy.url}/lab", "/lab", tmp_path)
        [cookie] = [each for each in someone.context.cookies() if "learner" in each["name"]]
        assert (cookie["name"], cookie["path"]) == ("__Secure-lab_learner", "/lab")
        # Without the trailing slash.
        place.page.goto(f"{proxy.url}/lab")
        place.ready()
        assert place.page.url.startswith(f"{proxy.url}/lab")

        lap(person(), f"{site}/lab", "/lab", tmp_path, framed=True)
        # The same without storage in the frame.
        place = person(NO_STORAGE).open(f"{site}/lab/schema", framed=True)
        place.come_in("Grace")
        solve(place, "schema")
        place.page.reload()
        place.ready()
        assert text_of(place, "schema").strip() == STEPS["schema"].code.strip()

        # A site that is not listed, although it is the lab's own.
        place = person().open(f"https://{PORTAL}:{port}/lab/schema", framed=True)
        expect(place.get_by_text("opens in a tab of its own")).to_be_visible()


# --- replicas that do not answer; with stand-ins, since the proxy is tested


class Answers(http.server.BaseHTTPRequestHandler):
    """A replica that answers."""

    protocol_version = "HTTP/1.1"

    def do_GET(self):
        said = f"{self.headers['Host']} {self.headers['X-Forwarded-Proto']}".encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(said)))
        self.end_headers()
        self.wfile.write(said)

    def log_message(self, *_):
        pass


@contextmanager
def answering():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Answers)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    yield f"127.0.0.1:{server.server_port}"
    server.shutdown()
    server.server_close()


@contextmanager
def hanging():
    """A replica that accepts connections but never answers."""
    with socket.create_server(("127.0.0.1", 0), backlog=100) as server:
        yield f"127.0.0.1:{server.getsockname()[1]}"


@contextmanager
def silent():
    """A replica that accepts no connection: its backlog is full."""
    with socket.create_server(("127.0.0.1", 0), backlog=0) as server:
        waiting = [socket.socket() for _ in range(4)]
        for each in waiting:
            each.settimeout(0)
            each.connect_ex(server.getsockname())
        yield f"127.0.0.1:{server.getsockname()[1]}"
        for each in waiting:
            each.close()


@pytest.mark.slow
@pytest.mark.parametrize("silence", [silent, hanging])
def test_a_replica_that_does_not_answer_is_left_out(silence, tmp_path):
    trusting = ssl.create_default_context()
    trusting.check_hostname, trusting.verify_mode = False, ssl.CERT_NONE
    with answering() as one, silence() as other, Nginx(tmp_path / "nginx", lines(), one, other) as proxy:
        # Enough requests that the hash sends some to each replica first.
        for number in range(12):
            # By default, nginx waits for a replica for 60 s or longer.
            connection = http.client.HTTPSConnection("127.0.0.1", proxy.port, timeout=40, context=trusting)
            headers = {"Host": f"{NAME}:{proxy.port}", "Cookie": f"__Host-lab_learner={number:032x}"}
            connection.request("GET", "/", headers=headers)
            assert connection.getresponse().read().decode() == f"{NAME}:{proxy.port} https"
            connection.close()
        assert "timed out" in proxy.said()
