"""How long a person with a browser waits: for the first page, a chart after a click, the stage after a slider move."""

import os
import re
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Final

import lab
from lab.errors import LabError
from lab.extras import needing
from lab.lesson.steps import Step, answering
from lab.lesson.steps.volume_report import STEP as VOLUME_REPORT
from lab.settings import BUCKET, STORE
from tools.bench.ground import RECORDS
from tools.bench.one import WARM_AFTER

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

COMMAND: Final = (sys.executable, "-m", "streamlit", "run", "streamlit_app.py", "--server.headless", "true")
START_SECONDS: Final = 120
MILLISECONDS: Final = 1000
BROWSERS: Final = ("chromium", "chromium-browser", "google-chrome")
# Without these flags, Chromium contacts Google's servers, and refuses to start as root.
FLAGS: Final = (
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
)
CHART: Final = ".st-key-figure-volume [data-testid='stVegaLiteChart'] svg"
# The time machine changes both together: the pipeline and the result.
STAGE: Final = f".lab-stage-picture, {CHART}"
# Measures from an event to the first frame with another picture, if that picture stays for a quarter of a second: what
# a chart shows while it is being built is not yet its result.
WATCH: Final = """([event, selector]) => {
    const picture = () => [...document.querySelectorAll(selector)].map(found => found.outerHTML).join()
    const before = picture()
    window.labBench = null
    addEventListener(event, () => {
        const begun = performance.now()
        let shown = before, since = begun
        const look = () => {
            const now = performance.now(), found = picture()
            if (found !== shown) [shown, since] = [found, now]
            if (shown && shown !== before && now - since > 250) window.labBench = (since - begun) / 1000
            else requestAnimationFrame(look)
        }
        look()
    }, {capture: true, once: true})
}"""


@dataclass(frozen=True)
class Start:
    """Seconds from the start of the server's process: until the first page can be read, and until Spark is ready."""

    page: float
    ready: float


@dataclass(frozen=True)
class Seen:
    """Seconds until a browser shows the effect: the chart after a click on *Deliver*, the stage after a slider move."""

    clicks: tuple[float, ...]
    moves: tuple[float, ...]


def starts(number: int) -> tuple[Start, ...]:
    """Start the app `number` times; open its first page as soon as it answers. Raise LabError without a browser."""
    seen = []
    with open_browser() as browser:
        for _ in range(number):
            begin = time.monotonic()
            with _server() as url:
                page = browser.new_context().new_page()
                page.goto(url, wait_until="commit")
                page.locator("h1").wait_for()
                page.locator("h1 >> xpath=following::p").first.wait_for()
                first = time.monotonic() - begin
                _wait_for_spark(page)
                seen.append(Start(first, time.monotonic() - begin))
                page.context.close()
    return tuple(seen)


def seen(number: int) -> Seen:
    """Deliver `number` log files to the volume report, with a warm Spark, then move the time machine as often.

    Raise LabError without a browser.
    """
    with open_browser() as browser, _server() as url:
        page = browser.new_context(viewport={"width": 1280, "height": 900}).new_page()
        page.set_default_timeout(START_SECONDS * MILLISECONDS)
        page.goto(f"{url}/volume-report")
        _wait_for_spark(page)
        page.locator(".st-key-prepare button").click()
        page.get_by_text("This page builds on").wait_for(state="detached")
        for step in (VOLUME_REPORT, answering("volume")):
            _solve(page, step)
        # While a page is being drawn, an element may be there twice.
        page.locator("[data-test-script-state=notRunning]").wait_for()
        page.get_by_text("One file at a time, or a file of your own").click()
        spent = [_click(page, f"bench-{count}.csv") for count in range(number + WARM_AFTER)]
        moved = [_move(page) for _ in range(number + 1)]
        page.context.close()
    return Seen(tuple(spent[WARM_AFTER:]), tuple(moved[1:]))


def _move(page: "Page") -> float:
    """Go back by one moment with the arrow key: at every second moment, the result changes too."""
    page.locator("[data-test-script-state=notRunning]").wait_for()
    page.evaluate(WATCH, ["keydown", STAGE])
    page.get_by_role("slider", name="Moment of the run").press("ArrowLeft")
    return _seconds(page)


def _click(page: "Page", name: str) -> float:
    """Upload a log file and deliver it."""
    # More SEV2 records in the same time units: each file changes the volume.
    lines = (f"s115,{2 if unit % 2 else 1},{unit}\n" for unit in range(1, RECORDS + 1))
    page.locator("[class*=st-key-upload] input[type=file]").set_input_files(
        {"name": name, "mimeType": "text/csv", "buffer": "".join(lines).encode()}
    )
    page.get_by_role("button", name=f"Put {name} into LogData").click()
    button = page.get_by_role("button", name=f"Deliver {name}", exact=True)
    button.wait_for()
    page.evaluate(WATCH, ["click", CHART])
    button.click()
    return _seconds(page)


def _seconds(page: "Page") -> float:
    page.wait_for_function("window.labBench !== null")
    seconds: float = page.evaluate("window.labBench")
    return seconds


def _solve(page: "Page", step: Step) -> None:
    """Write the solution of a step, and have it checked."""
    page.locator(f".st-key-code-{step.id}-code .ace_content").click()
    page.keyboard.press("Control+A")
    page.keyboard.insert_text(step.code)
    page.keyboard.press("Control+Enter")
    page.locator(f".st-key-cell-{step.id}").get_by_text(re.compile("^Right")).wait_for()


def _wait_for_spark(page: "Page") -> None:
    page.get_by_text("Spark is ready").wait_for(timeout=START_SECONDS * MILLISECONDS)


def find_browser() -> str | None:
    """Return the program of a Chromium on this machine, None if there is none."""
    return next(filter(None, map(shutil.which, BROWSERS)), None)


@contextmanager
def open_browser() -> "Iterator[Browser]":
    """Open a browser. Raise LabError if there is none, and when a wait in it times out."""
    with needing("test", "A browser"):
        from playwright.sync_api import Error, sync_playwright  # noqa: PLC0415
    executable = find_browser()
    with sync_playwright() as playwright:
        try:
            browser = playwright.chromium.launch(executable_path=executable, args=FLAGS)
        except Error as error:
            raise LabError("No browser: Chromium is missing.", "On Debian: apt-get install chromium") from error
        try:
            yield browser
        except Error as error:
            said = " ".join(line.strip(" -") for line in str(error).splitlines() if line != "Call log:")
            raise LabError(
                f"The browser waited in vain: {said}", "Try again when this machine has less to do."
            ) from error
        finally:
            browser.close()


@contextmanager
def _server() -> Iterator[str]:
    """Run the app as the README starts it, on a free port, with folders as buckets and a temporary store."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    with tempfile.TemporaryDirectory() as folder:
        process = subprocess.Popen(
            [*COMMAND, "--server.port", str(port)],
            cwd=Path(lab.__file__).parent.parent,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            env={**os.environ, STORE: f"sqlite:///{folder}/lab.sqlite", BUCKET: ""},
        )
        try:
            _wait_for_port(process, port)
            yield f"http://127.0.0.1:{port}"
        finally:
            process.send_signal(signal.SIGTERM if os.name == "nt" else signal.SIGINT)
            process.wait()


def _wait_for_port(process: subprocess.Popen[bytes], port: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while process.poll() is None and time.monotonic() < deadline:
        with socket.socket() as probe:
            if probe.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.01)
    raise LabError("The app did not start.", "Run: streamlit run streamlit_app.py")
