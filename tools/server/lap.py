"""What a person does through the proxy, with the helpers of the browser tests."""

import re
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from playwright.sync_api import expect

from lab.lesson.steps import STEPS
from lab.ui.cookie import COOKIE, cookie_name
from tools.server.composed import ROOT
from tools.server.table import Table

sys.path.insert(0, str(ROOT / "tests"))
from browsing import cell, do_the_whole_lab, go, open_lab, pair_read, press, wait_for_text
from test_browser_hand_in import download, introduce, text_of_pdf

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

NAME: Final = "Zoë Ångström"
OWN_FILE: Final = "Übung s3.csv"


class Address:
    """The attributes of a server that the helpers use."""

    def __init__(self, url: str, log: Path) -> None:
        self.url = url
        self._log = log

    @property
    def said(self) -> list[str]:
        """What the server has printed."""
        return [self._log.read_text(encoding="utf-8", errors="replace")]


def do_lap(context: "BrowserContext", address: Address, table: Table, work: Path) -> None:
    """Do the whole lab through the proxy, from the first page to the two files."""
    sockets: list[str] = []
    context.on("page", lambda page: page.on("websocket", lambda socket: sockets.append(socket.url)))
    begun = time.monotonic()
    come_in(context, address, table)
    page = open_lab(context, address)
    table.row("a page through the proxy, with Spark ready", held=True, seen=f"{time.monotonic() - begun:.1f} s")
    with table.timed("the whole lab, every cell written by hand"):
        introduce(page, NAME)
        do_the_whole_lab(page)
    table.row(
        "websockets by TLS",
        {"/_stcore/stream", "/lab/changes"} <= {short(url) for url in sockets},
        set(map(short, sockets)),
    )
    cookies = learner_cookies(context)
    table.row(
        "the cookie is for TLS and the server alone",
        bool(cookies) and all(c["secure"] and c["httpOnly"] for c in cookies),
        len(cookies),
    )
    with table.timed("a log file of one's own, uploaded and delivered") as seen:
        seen.append(upload(page))
    with table.timed("a reload, and the place is kept"):
        page.reload()
        expect(page.get_by_text("Spark is ready")).to_be_visible()
        wait_for_text(page, "volume-report", STEPS["volume-report"].code)
    table.row("with the same cookie", learner_cookies(context) == cookies)
    with table.timed("the notebook executed and the PDF made") as seen:
        go(page, "Hand in")
        page.get_by_label("What was particularly challenging?").fill("Nothing at all.")
        press(page, "execute")
        expect(page.get_by_text("It would get 100 of 100 points.")).to_be_visible(timeout=180_000)
        notebook, pdf = (download(page, key, work) for key in ("notebook", "retrospective"))
        seen.append(f"{notebook.name} {pdf.name}")
    table.row("the PDF has what was written", "Nothing at all." in text_of_pdf(pdf))
    page.close()


def come_in(context: "BrowserContext", address: Address, table: Table) -> None:
    """Enter a name; on a server for many, nobody has a place without one."""
    page = context.new_page()
    page.goto(address.url)
    page.get_by_label("Your name").fill(NAME)
    table.row("without a name there is no place", page.get_by_text("Spark is ready").count() == 0)
    page.get_by_role("button", name="Come in").click()
    expect(page.get_by_text("Who are you?")).to_be_hidden()
    page.close()


def upload(page: "Page") -> str:
    """Put a file of 1 MB into LogData, and deliver it to the report; return its size in words."""
    go(page, "Volume report")
    press(page, "run-volume-query")
    expect(cell(page, "volume-query").locator(".stMarkdownBadge", has_text="running")).to_be_visible()
    records = "".join(f"s3,{number % 6},{number}\n" for number in range(1, 85_000)).encode()
    page.get_by_text("One file at a time, or a file of your own").click()
    file = {"name": OWN_FILE, "mimeType": "text/csv", "buffer": records}
    page.locator(".st-key-upload input[type=file]").set_input_files(file)
    press(page, "put")
    expect(page.get_by_test_id("stToast").get_by_text(f"{OWN_FILE} is in LogData")).to_be_visible()
    press(page, "deliver-single")
    pair_read(page)
    return f"{len(records):,} bytes"


def return_after_restart(context: "BrowserContext", address: Address) -> None:
    """Require that the same browser finds the results from before the restart."""
    page = open_lab(context, address, "results")
    expect(page.get_by_text("4 of 4 results are right")).to_be_visible()
    page.close()


def learner_cookies(context: "BrowserContext") -> list[Any]:
    """Return the cookies that identify the learner."""
    name = cookie_name(COOKIE, secure=True)
    return [{**cookie, "expires": 0} for cookie in context.cookies() if cookie["name"] == name]


def short(url: str) -> str:
    """Return a websocket's path without the part of one learner; empty unless it uses TLS."""
    found = re.match(r"wss://[^/]+(/lab/changes|/[^?]*)", url)
    return found[1] if found else ""
