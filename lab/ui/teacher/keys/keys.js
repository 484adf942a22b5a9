// Presses the button of a key exactly once. A press that comes while the page is at work waits until it is done.

const BEAT = 50;
// After a press, Streamlit needs a moment before it reports that it is at work.
const SETTLE = 250;
// A busy server needs longer. A press without any effect is never reported, so the wait ends after this time.
const PATIENCE = 1500;
// More waiting presses than this are not meant.
const MAX_WAITING = 5;
const FIELDS = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable], .lab-editor";

const listeners = new WeakMap();

class Keys {
  constructor() {
    this.waiting = [];
    this.pressedAt = -Infinity;
    // Whether the page has been at work since the last press.
    this.worked = true;
    this.down = (event) => this.take(event);
    // In the capture phase, before Streamlit, which has keys of its own: R draws the page anew.
    window.addEventListener("keydown", this.down, true);
    this.timer = setInterval(() => this.press(), BEAT);
  }

  take(event) {
    const { key, target } = event;
    const name = this.buttons[key.length === 1 ? key.toLowerCase() : key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || target.closest?.(FIELDS)) return;
    // The arrow keys move a focused slider.
    if (key.startsWith("Arrow") && target.matches?.("[type=range]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // A key that is held down is one press.
    if (event.repeat || this.waiting.length >= MAX_WAITING) return;
    // An impatient second press must not deliver the second pair. But every press of a key that turns pages counts.
    const isAtIt = name === this.current || this.waiting.includes(name);
    if (isAtIt && !this.turns.includes(name)) return;
    this.waiting.push(name);
    this.press();
  }

  // Tells screen readers the keys of each button.
  name() {
    for (const name of new Set(Object.values(this.buttons))) {
      const button = document.querySelector(`.st-key-${CSS.escape(name)} button`);
      const keys = Object.keys(this.buttons).filter((key) => this.buttons[key] === name).join(" ");
      if (button && button.getAttribute("aria-keyshortcuts") !== keys) button.setAttribute("aria-keyshortcuts", keys);
    }
  }

  press() {
    this.name();
    const idle = document.querySelector(".stApp")?.dataset.testScriptState === "notRunning";
    if (!idle) this.worked = true;
    // If two presses of one button reach a busy server together, they count as one.
    if (!idle || performance.now() - this.pressedAt < (this.worked ? SETTLE : PATIENCE)) return;
    this.current = this.waiting.shift();
    if (!this.current) return;
    const button = document.querySelector(`.st-key-${CSS.escape(this.current)} button`);
    if (!button || button.disabled) return;
    this.pressedAt = performance.now();
    // A popover opens without the server.
    this.worked = Boolean(button.closest('[data-testid="stPopover"]'));
    button.click();
  }

  close() {
    window.removeEventListener("keydown", this.down, true);
    clearInterval(this.timer);
  }
}

export default function ({ data, parentElement }) {
  let keys = listeners.get(parentElement);
  if (!keys) {
    keys = new Keys();
    listeners.set(parentElement, keys);
  }
  keys.buttons = data.buttons;
  keys.turns = data.turns;
  return () => {
    // Streamlit also calls this cleanup when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || listeners.get(parentElement) !== keys) return;
      listeners.delete(parentElement);
      keys.close();
    });
  };
}
