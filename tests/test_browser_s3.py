"""The lab in a real browser with the bucket on S3: the embedded server, and one in the role of a person's own."""

import re

import pytest
from browsing import (
    Server,
    cell,
    deliver,
    do_the_whole_lab,
    log_in_words,
    open_lab,
    pair_read,
    prepare,
    press,
    solve,
    strip,
)
from outage import OutageProxy
from playwright.sync_api import expect

from lab.settings import BUCKET

pytestmark = pytest.mark.slow


@pytest.fixture
def visit(browser):
    """Return a function that opens a page of a server as a new person."""
    contexts = []

    def visit(server, path=""):
        contexts.append(browser.new_context(viewport={"width": 1280, "height": 900}))
        return open_lab(contexts[-1], server, path)

    yield visit
    for context in contexts:
        context.close()


@pytest.fixture
def start(without_s3_client):
    """Return a function that starts the app with extra variables; its output must be fit for a person to read."""
    if without_s3_client:
        pytest.skip(without_s3_client)
    servers = []

    def start(**variables):
        servers.append((Server(**variables), variables))
        return servers[-1][0]

    yield start
    for server, variables in servers:
        server.stop()
        said = "".join(server.said)
        assert "Traceback" not in said
        assert not any(value in said for name, value in variables.items() if name.startswith("AWS_SECRET"))


def set_up(page):
    expect(page.get_by_text("Set up your folders")).to_be_visible()
    press(page, "set-up")
    expect(page.get_by_text("Set up your folders")).to_have_count(0)


def test_the_report_grows_on_the_embedded_server(visit, start):
    page = visit(start(**{BUCKET: "embedded"}), "volume-report")
    page.get_by_text("Your bucket", exact=True).click()
    expect(page.get_by_text(re.compile(r"^s3://lab/learner-[0-9a-f]{12}/LogDataLive/$"))).to_be_visible()
    prepare(page)
    solve(page, "volume-report")
    solve(page, "volume-query")
    deliver(page, "first")
    strip(page, "Result rows", "2")
    batch = pair_read(page)
    deliver(page, "second")
    pair_read(page, batch)


def test_the_whole_lab_and_an_outage_on_a_persons_own_bucket(visit, start, versitygw):
    with OutageProxy("127.0.0.1", versitygw.port) as proxy:
        bucket = f"s3://{versitygw.address.bucket}/a-course"
        server = start(**{BUCKET: bucket, **versitygw.environment(), "AWS_ENDPOINT_URL": proxy.url})
        page = visit(server)
        set_up(page)
        do_the_whole_lab(page)

        page = visit(server, "sev0-log")
        set_up(page)
        prepare(page)
        solve(page, "sev0")
        solve(page, "sev0-query")
        press(page, "deliver-first")
        strip(page, "Result rows", "5")
        proxy.refuse()
        failed = page.get_by_text("S3 cannot be reached at your bucket")
        expect(failed).to_be_visible(timeout=60_000)
        # The written text is still readable, and a press gets an answer in a sentence.
        expect(cell(page, "sev0-query")).to_be_visible()
        press(page, "go-on-sev0-query")
        expect(page.get_by_test_id("stToast").filter(has_text="S3 cannot be reached")).to_be_visible()
        proxy.pass_on()
        # The page redraws itself once S3 is back.
        expect(page.get_by_text("S3 cannot be reached at s3://")).to_have_count(0, timeout=60_000)
        press(page, "go-on-sev0-query")
        expect(failed).to_have_count(0, timeout=60_000)
        press(page, "deliver-second")
        strip(page, "Result rows", "9")
        lines = log_in_words(page, 9).splitlines()
        assert len(lines) == len(set(lines)) == 9
