"""The browsers, the programs that each needs, and how to start each."""

import os
import shutil
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Final

from selenium import webdriver
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.webkitgtk.options import Options as WebKitGTKOptions
from selenium.webdriver.webkitgtk.service import Service as WebKitGTKService

WINDOW: Final = (1280, 900)
# WebKit's MiniBrowser is on no PATH.
_MINI_BROWSER: Final = "*/webkit2gtk-4.*/MiniBrowser"


@dataclass(frozen=True)
class Browser:
    """A browser: the `programs` that it needs, with install commands; `downloads`: it saves files without asking."""

    name: str
    title: str
    programs: Mapping[str, str]
    downloads: bool


BROWSERS: Final[Mapping[str, Browser]] = MappingProxyType(
    {
        "firefox": Browser(
            "firefox",
            "Firefox ESR",
            # Debian has no package of geckodriver.
            {"firefox-esr": "apt-get install firefox-esr", "geckodriver": "cargo install geckodriver"},
            downloads=True,
        ),
        "webkit": Browser(
            "webkit",
            "WebKitGTK",
            {"WebKitWebDriver": "apt-get install webkit2gtk-driver", "Xvfb": "apt-get install xvfb"},
            downloads=False,
        ),
    }
)


def missing_of(browser: Browser) -> list[str]:
    """Return what a browser lacks on this machine, each with the command that installs it."""
    return [
        f"{browser.title} needs {program}. Run: {install}"
        for program, install in browser.programs.items()
        if shutil.which(program) is None
    ]


@contextmanager
def opened(browser: Browser, downloads: Path) -> Iterator[WebDriver]:
    """Open a window of a browser; its downloads go into the folder."""
    with _firefox(downloads) if browser.name == "firefox" else _webkit() as driver:
        driver.set_window_size(*WINDOW)
        yield driver


@contextmanager
def _firefox(downloads: Path) -> Iterator[WebDriver]:
    options = webdriver.FirefoxOptions()
    options.binary_location = shutil.which("firefox-esr") or ""
    options.add_argument("-headless")
    options.set_preference("browser.download.folderList", 2)
    options.set_preference("browser.download.dir", str(downloads))
    options.set_preference("browser.download.always_ask_before_handling_new_types", value=False)
    options.set_preference("pdfjs.disabled", value=True)
    driver = webdriver.Firefox(options, webdriver.FirefoxService(shutil.which("geckodriver")))
    try:
        yield driver
    finally:
        driver.quit()


@contextmanager
def _webkit() -> Iterator[WebDriver]:
    with _screen() as display:
        options = WebKitGTKOptions()
        options.binary_location = str(next(Path("/usr/lib").glob(_MINI_BROWSER)))
        options.add_argument("--automation")
        # WebKit's sandbox does not work for root, and this browser opens only the lab's pages.
        environment = {**os.environ, "DISPLAY": display, "WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS": "1"}
        service = WebKitGTKService(shutil.which("WebKitWebDriver") or "", env=environment)
        driver = webdriver.WebKitGTK(options, service)
        try:
            yield driver
        finally:
            driver.quit()


@contextmanager
def _screen() -> Iterator[str]:
    """Start a virtual screen; yield its display name."""
    reading, writing = os.pipe()
    screen = subprocess.Popen(
        ["Xvfb", "-displayfd", str(writing), "-screen", "0", "1400x1000x24", "-nolisten", "tcp"],
        pass_fds=[writing],
        stderr=subprocess.DEVNULL,
    )
    os.close(writing)
    try:
        with os.fdopen(reading) as said:
            yield f":{said.readline().strip()}"
    finally:
        screen.terminate()
        screen.wait()
