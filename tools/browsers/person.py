"""A person at a browser that Selenium drives: points, types and looks."""

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
    """What was waited for has not come; the text says what it was."""


class Person:
    """Does what a person does, and waits as one would."""

    def __init__(self, driver: WebDriver, url: str) -> None:
        self.driver = driver
        self._url = url

    def open(self, page: str = "") -> None:
        """Open a page by its address."""
        self.driver.get(f"{self._url}/{page}")
        self.sees("Spark is ready")

    def wait(self, found: Callable[[], Any], what: str, seconds: int = SECONDS) -> Any:
        """Wait until something is found, and give it."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            try:
                if result := found():
                    return result
            except (StaleElementReferenceException, IndexError):
                # The page was drawn anew meanwhile.
                pass
            time.sleep(_BEAT)
        raise WaitedInVainError(what)

    def sees(self, text: str, within: str = "body", seconds: int = SECONDS) -> None:
        """Wait until a text is to be seen."""
        self.wait(lambda: text in self.all(within)[-1].text, f"{text!r} in {within}", seconds)

    def all(self, selector: str) -> list[WebElement]:
        """Return every element of a selector that is to be seen."""
        return [each for each in self.driver.find_elements(By.CSS_SELECTOR, selector) if each.is_displayed()]

    def one(self, selector: str) -> WebElement:
        """Wait for an element."""
        found: WebElement = self.wait(lambda: self.all(selector)[0], selector)
        return found

    def click(self, selector: str, text: str = "") -> None:
        """Press what has the selector, and the text."""

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
                # Something lies over it for a moment, such as what an action has said.
                return False
            return True

        self.wait(press, f"a press of {selector} {text}".strip())

    def press(self, key: str) -> None:
        """Press the button that is called `key`."""
        self.click(f".st-key-{key} button")

    def follow(self, link: str, heading: str) -> None:
        """Go to the next page."""
        self.click("[data-testid='stPageLink'] a", link)
        self.sees(heading, "h1")

    def fill(self, key: str, text: str) -> None:
        """Write into a field."""
        self.click(f".st-key-{key} :is(textarea, input)")
        self._type_over(text)

    def solve(self, step: "Step", asked: str = "") -> None:
        """Write the solution of a step into the editor, and run it with Ctrl+Enter; what is `asked` then is left out."""
        self.click(f".st-key-code-{step.id}-code .ace_content")
        self._type_over(step.code, indents=True)
        ActionChains(self.driver).key_down(Keys.CONTROL).send_keys(Keys.ENTER).key_up(Keys.CONTROL).perform()
        if asked:
            self.press(f"skipped-{asked}")
        self.sees("Right", f".st-key-cell-{step.id}")

    def _type_over(self, text: str, *, indents: bool = False) -> None:
        """Type in place of what stands in the field that has the focus, which may be an editor that indents by itself."""
        keys = ActionChains(self.driver, duration=0)
        keys.key_down(Keys.CONTROL).send_keys("a").key_up(Keys.CONTROL).send_keys(Keys.DELETE)
        for number, line in enumerate(text.split("\n")):
            if number:
                keys.send_keys(Keys.ENTER)
            if number and indents:
                # The line brings its own spaces.
                keys.key_down(Keys.SHIFT).send_keys(Keys.HOME).key_up(Keys.SHIFT)
                if not line:
                    keys.send_keys(Keys.DELETE)
            keys.send_keys(line)
        keys.perform()

    def fact(self, label: str) -> str:
        """Return one of the five numbers of the stage."""
        return self.one(f'.lab-stage [data-fact="{label}"]').text

    def picture(self, path: Path) -> None:
        """Keep what the window shows."""
        self.driver.save_screenshot(str(path))
