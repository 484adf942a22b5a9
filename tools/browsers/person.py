"""A person at a browser: Selenium points, types and looks."""

import time
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final

from selenium.common.exceptions import StaleElementReferenceException, WebDriverException
from selenium.webdriver.common.action_chains import ActionChains
from selenium.webdriver.common.by import By
from selenium.webdriver.common.keys import Keys
from selenium.webdriver.remote.webdriver import WebDriver
from selenium.webdriver.remote.webelement import WebElement

if TYPE_CHECKING:
    from lab.lesson.steps import Step

SECONDS: Final = 120
_BEAT: Final = 0.1
_IDLE: Final = "return document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'"


class WaitedInVainError(Exception):
    """A wait timed out; the message says what it was for."""


class Person:
    """A person who points, types and looks, and waits as people do."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver = driver
        self._url = url

    def open(self, page: str = "") -> None:
        """Open a page by its address."""
        self.driver.get(f"{self._url}/{page}")
        self.sees("Spark is ready")

    def wait(self, found: Callable[[], Any], what: str, seconds: int = SECONDS) -> Any:
        """Wait until `found` returns something true, and return it; raise WaitedInVainError after `seconds`."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if result := found():
                    return result
            except (StaleElementReferenceException, IndexError):
                # The page was redrawn in the meantime.
                pass
            time.sleep(_BEAT)
        raise WaitedInVainError(what)

    def sees(self, text: str, within: str = "body", seconds: int = SECONDS) -> None:
        """Wait until a text is visible."""
        self.wait(lambda: text in self.all(within)[-1].text, f"{text!r} in {within}", seconds)

    def all(self, selector: str) -> list[WebElement]:
        """Return all visible elements of a selector."""
        return [each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]

    def one(self, selector: str) -> WebElement:
        """Wait for an element, and return it."""
        found: WebElement = self.wait(lambda: self.all(selector)[0], selector)
        return found

    def click(self, selector: str, text: str = "") -> None:
        """Click the first visible element of the selector that contains the text."""

        def press() -> bool:
            if not self.driver.execute_script(_IDLE):
                return False
            target = next((each for each in self.all(selector) if text in each.text), None)
            if target is None:
                return False
            self.driver.execute_script("arguments[0].scrollIntoView({block: 'center'})", target)
            try:
                target.click()
            except StaleElementReferenceException:
                raise
            except WebDriverException:
                # Something covers it for a moment, such as the message of an action.
                return False
            return True

        self.wait(press, f"a press of {selector} {text}".strip())

    def press(self, key: str) -> None:
        """Press the button with this key."""
        self.click(f".st-key-{key} button")

    def follow(self, link: str, heading: str) -> None:
        """Go to another page by its link."""
        self.click("[data-testid='stPageLink'] a", link)
        self.sees(heading, "h1")

    def fill(self, key: str, text: str) -> None:
        """Write into a field."""
        self.click(f".st-key-{key} :is(textarea, input)")
        self._type_over(text)

    def solve(self, step: "Step", asked: str = "") -> None:
        """Write a step's solution into the editor, and run it with Ctrl+Enter; skip the question `asked`."""
        self.click(f".st-key-code-{step.id}-code .ace_content")
        self._type_over(step.code, indents=True)
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        if asked:
            self.press(f"skipped-{asked}")
        self.sees("Right", f".st-key-cell-{step.id}")

    def _type_over(self, text: str, *, indents: bool = False) -> None:
        """Replace the text of the field in focus, which may be an editor with automatic indentation."""
        keys = ActionChains(self.driver, duration=0)
        keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(Keys.DELETE)
        for number, line in enumerate(text.split("\n")):
            if number:
                keys.send_keys(Keys.ENTER)
            if number and indents:
                # The line has its own spaces, so remove the automatic ones.
                keys.key_down(Keys.SHIFT).send_keys(Keys.HOME).key_up(Keys.SHIFT)
                if not line:
                    keys.send_keys(Keys.DELETE)
            keys.send_keys(line)
        keys.perform()

    def fact(self, label: str) -> str:
        """Return one of the five numbers of the stage."""
        return self.one(f'.lab-stage [data-fact="{label}"]').text

    def picture(self, path: Path) -> None:
        """Save a screenshot of the window."""
        self.driver.save_screenshot(str(path))
