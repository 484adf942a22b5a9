"""A person with only a keyboard: moves with Tab, presses with Enter and Space, chooses with arrows, and types."""

import re

from browsing import WAIT, cell
from playwright.sync_api import expect

# More tab stops than any page has.
MOST_STOPS = 250
# Whether the focus is within the block of a key, on an element with a name, or both.
AT = """([key, name]) => {
    const at = document.activeElement
    // What everything is in says the words of everything.
    if (at.matches("body, main")) return false
    const said = (at.getAttribute("aria-label") ?? at.labels?.[0]?.textContent ?? at.textContent).trim()
    return (!key || Boolean(at.closest(`.st-key-${CSS.escape(key)}`))) && (!name || said.includes(name))
}"""


class Keys:
    """The keyboard of a page."""

    def __init__(self, page):
        self.page = page
        self._keyboard = page.keyboard

    def press(self, key, times=1):
        for _ in range(times):
            self._keyboard.press(key)

    def is_at(self, key="", name=""):
        return self.page.evaluate(AT, [key, name])

    def go_to(self, key="", name="", *, back=False):
        """Press Tab until the focus is in the block `key`, or on the element `name`; return the number of presses."""
        # A redraw may remove the focus for a moment, and then restores it.
        self.settle()
        for stops in range(MOST_STOPS):
            if self.is_at(key, name):
                return stops
            if self.page.evaluate("document.activeElement.matches('.ace_text-input')"):
                self.press("Escape")
            self.press("Shift+Tab" if back else "Tab")
        raise AssertionError(f"no way by Tab to {key or 'anything'} {name}")

    def settle(self):
        self.page.wait_for_function("document.querySelector('.stApp')?.dataset.testScriptState === 'notRunning'")

    def activate(self, key="", name="", *, with_key="Enter", back=False):
        """Go to a button or a link, and press it."""
        self.go_to(key, name, back=back)
        self.press(with_key)

    def write(self, text, *, indents=False):
        """Replace the text of the field in focus, which may be an editor with automatic indentation."""
        self.press("Control+A")
        self.press("Delete")
        for number, line in enumerate(text.split("\n")):
            if number:
                self.press("Enter")
            if number and indents:
                # The line has its own spaces, so remove the automatic ones.
                self.press("Shift+Home")
                if not line:
                    self.press("Delete")
            self._keyboard.type(line)

    def choose(self, key, option):
        """Choose an option of a radio group: Tab reaches one option, arrows reach the others."""
        self.go_to(key)
        self.press("Space")
        box = self.page.locator(f".st-key-{key}")
        for _ in range(box.get_by_role("radio").count()):
            expect(box.get_by_role("radio", checked=True)).to_be_focused()
            self.settle()
            if box.get_by_role("radio", name=option).is_checked():
                return
            self.press("ArrowDown")
        raise AssertionError(f"no way by arrows to {option}")

    def solve(self, step, asked="", option=""):
        """Write the solution of a step into its editor, run it with Ctrl+Enter, and have it checked.

        If `asked` names a prediction, predict `option` before the run, or skip it if there is no option.
        """
        self.go_to(f"code-{step.id}-code")
        self.write(step.code, indents=True)
        self.press("Control+Enter")
        if asked:
            if option:
                self.choose(f"choice-{asked}", option)
            self.activate(f"{'predicted' if option else 'skipped'}-{asked}")
        expect(cell(self.page, step.id).get_by_text(re.compile("^Right"))).to_be_visible()

    def arrive(self, heading):
        """Wait until a page is there, with the focus on its heading."""
        expect(self.page.get_by_role("heading", name=heading, level=1)).to_be_focused(timeout=WAIT)

    def top(self):
        """Go to the first tab stop of the page, wherever the focus is."""
        self.go_to(name="Start", back=True)
