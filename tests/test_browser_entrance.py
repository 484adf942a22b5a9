"""A server for a class in a real browser: entering, pages of another origin, and uploads."""

import http.client
from urllib.parse import urlsplit

import pytest
from browsing import START_WAIT, WAIT, Server, open_lab, press
from playwright.sync_api import expect

from lab.settings import CLASS_CODE
from lab.ui.cookie import COOKIE

pytestmark = pytest.mark.slow

CODE = "streams-27"


@pytest.fixture
def server():
    server = Server(**{CLASS_CODE: CODE})
    yield server
    server.stop()
    assert "Traceback" not in "".join(server.said)


@pytest.fixture
def page(browser, server):
    context = browser.new_context(viewport={"width": 1280, "height": 900})
    page = context.new_page()
    page.set_default_timeout(WAIT)
    page.goto(server.url)
    yield page
    context.close()


def come_in(page, name, code):
    page.get_by_label("Your name").fill(name)
    page.get_by_label("Class code").fill(code)
    page.get_by_role("button", name="Come in").click()


def opens_a_websocket(server, origin, cookie):
    """Return whether the server opens a websocket for a page of this origin."""
    address = urlsplit(server.url)
    connection = http.client.HTTPConnection(address.hostname, address.port, timeout=10)
    try:
        headers = {"Connection": "Upgrade", "Upgrade": "websocket", "Sec-WebSocket-Version": "13"}
        headers |= {"Sec-WebSocket-Key": "dGhlIHNhbXBsZSBub25jZQ==", "Origin": origin, "Cookie": f"{COOKIE}={cookie}"}
        connection.request("GET", "/_stcore/stream", headers=headers)
        return connection.getresponse().status == 101
    finally:
        connection.close()


def test_a_class_comes_in_by_name_and_code_and_nobody_else(page, server, browser):
    expect(page.get_by_text("Who are you?")).to_be_visible()
    come_in(page, "Ada", "a guess")
    expect(page.get_by_text("That is not the code of this class")).to_be_visible()
    assert CODE not in page.content()
    come_in(page, "Ada", CODE)
    expect(page.get_by_text("Spark is ready")).to_be_visible(timeout=START_WAIT)
    # A known learner is not asked again, in another tab either.
    other = open_lab(page.context, server, "volume-report")
    expect(other.get_by_text("Who are you?")).to_have_count(0)

    # A page of another program on this machine, which another user may have started.
    [cookie] = [found["value"] for found in page.context.cookies() if found["name"] == COOKIE]
    port = urlsplit(server.url).port
    assert opens_a_websocket(server, server.url, cookie)
    for origin in (f"http://127.0.0.1:{port + 1}", f"http://localhost:{port}", "https://127.0.0.1", "null"):
        assert not opens_a_websocket(server, origin, cookie)

    # Several files go into LogData one after the other; the field is free again each time.
    other.get_by_text("One file at a time, or a file of your own").click()
    for number in range(3):
        file = {"name": f"s{number}.csv", "mimeType": "text/csv", "buffer": b"s3,2,1\n"}
        other.locator(".st-key-upload input, [class*=st-key-upload-] input").set_input_files(file)
        press(other, "put")
        expect(other.get_by_test_id("stToast").get_by_text(f"s{number}.csv is in LogData")).to_be_visible()
        expect(other.locator(".st-key-put")).to_have_count(0)
