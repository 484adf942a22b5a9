"""Make the pictures of the README: the stage in motion and at rest, and an exercise with its feedback.

    python tools/pictures.py docs

It starts a lab, does the lesson in Chromium, and writes the pictures into the folder.
"""

import io
import shutil
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Final

from PIL import Image

ROOT: Final = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT), str(ROOT / "tests")]
from browsing import Server, cell, open_lab, pair_read, prepare, press, start_query, write  # noqa: E402
from playwright.sync_api import Page, expect, sync_playwright  # noqa: E402

from lab.lesson.steps import STEPS  # noqa: E402

WINDOW: Final = {"width": 1280, "height": 720}
HIGH: Final = {"width": 1280, "height": 1100}
WIDTH: Final = 960
# How long a picture stays, in milliseconds.
MOMENT: Final = 1_800
STEP: Final = 160
MAX_BYTES: Final = 1_000_000


class Recording:
    """Pictures of a page, each with the time that it stays."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._pictures: list[Image.Image] = []
        self._stay: list[int] = []

    def take(self, stay: int = MOMENT) -> None:
        """Take a picture."""
        picture = Image.open(io.BytesIO(self._page.screenshot())).convert("RGB")
        self._pictures.append(
            picture.resize((WIDTH, WIDTH * picture.height // picture.width), Image.Resampling.LANCZOS)
        )
        self._stay.append(stay)

    def during(self, action: Callable[[], object], pictures: int = 6) -> None:
        """Take pictures of the motion that an action starts."""
        action()
        for _ in range(pictures):
            self.take(STEP)

    def write(self, path: Path) -> None:
        """Write the animated picture; raise ValueError when it is too large."""
        first, *others = self._pictures
        first.save(path, save_all=True, append_images=others, duration=self._stay, loop=0, quality=60, method=6)
        if path.stat().st_size > MAX_BYTES:
            raise ValueError(f"{path} has {path.stat().st_size:,} bytes, more than {MAX_BYTES:,}")


def record(page: Page) -> Recording:
    """Deliver both pairs, and go back to the beginning."""
    recording = Recording(page)
    recording.take()
    newest = -1
    for pair in ("first", "second"):
        press(page, f"deliver-{pair}")
        recording.during(lambda pair=pair: press(page, f"skipped-{pair}-pair"))  # type: ignore[misc]
        newest = pair_read(page, newest)
        recording.take()
    slider = page.get_by_role("slider", name="Moment of the run")
    for key in ("Home", "ArrowRight", "ArrowRight", "ArrowRight", "ArrowRight"):
        slider.press(key)
        page.wait_for_timeout(MOMENT // 2)
        recording.take(MOMENT // 2)
    page.get_by_role("button", name="Live", exact=True).click()
    page.wait_for_timeout(MOMENT // 2)
    recording.take()
    return recording


def exercise(page: Page, path: Path) -> None:
    """Write an answer that counts every severity, and take a picture of its cell with the smallest log."""
    write(page, "volume-report", STEPS["volume-report"].code.replace("== 2", ">= 0"))
    press(page, "run-volume-report")
    expect(page.get_by_text("The smallest log on which it shows")).to_be_visible()
    page.wait_for_timeout(MOMENT)
    cell(page, "volume-report").screenshot(path=path)


def main() -> None:
    """Make all pictures of the README."""
    folder = Path(sys.argv[1])
    server = Server()
    try:
        with sync_playwright() as playwright:
            browser = playwright.chromium.launch(executable_path=shutil.which("chromium"), args=["--no-sandbox"])
            page = open_lab(browser.new_context(viewport=WINDOW), server, "volume-report")
            start_query(page)
            page.locator(".st-key-cell-volume-query").scroll_into_view_if_needed()
            record(page).write(folder / "stage.webp")
            page.screenshot(path=folder / "volume-report.png")
            page.close()
            page = open_lab(browser.new_context(viewport=HIGH), server, "volume-report")
            prepare(page)
            exercise(page, folder / "exercise.png")
            browser.close()
    finally:
        server.stop()
    for path in (folder / "stage.webp", folder / "volume-report.png", folder / "exercise.png"):
        print(f"{path}: {path.stat().st_size:,} bytes")


if __name__ == "__main__":
    main()
