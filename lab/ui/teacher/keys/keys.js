// Presses the button that a key stands for, exactly once: what is pressed while the page is at work waits for its end.

const BEAT = 50;
// After a press, Streamlit needs a moment before it says that it is at work.
const SETTLE = 250;
// A busy server needs longer; of what makes it do nothing, no more is heard.
const PATIENCE = 1500;
// Who presses more often than that at once does not mean it.
const MAX_WAITING = 5;
const FIELDS = "input:not([type=checkbox], [type=range]), textarea, select, [contenteditable], .lab-editor";

const listeners = new WeakMap();

class Keys {
  constructor() {
    this.waiting = [];
    this.pressedAt = -Infinity;
    // Whether the page has been at work since.
    this.worked = true;
    this.down = (event) => this.take(event);
    // Before Streamlit, which has keys of its own: R draws the page anew.
    window.addEventListener("keydown", this.down, true);
    this.timer = setInterval(() => this.press(), BEAT);
  }

  take(event) {
    const { key, target } = event;
    const name = this.buttons[key.length === 1 ? key.toLowerCase() : key];
    if (!name || event.ctrlKey || event.metaKey || event.altKey || target.closest?.(FIELDS)) return;
    // A slider has the arrows, by which it is moved.
    if (key.startsWith("Arrow") && target.matches?.("[type=range]")) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // Who holds a key down presses it once.
    if (event.repeat || this.waiting.length >= MAX_WAITING) return;
    // Nor does an impatient second press deliver the second pair; pages may be turned as often as they are pressed.
    const isAtIt = name === this.current || this.waiting.includes(name);
    if (isAtIt && !this.turns.includes(name)) return;
    this.waiting.push(name);
    this.press();
  }

  // A screen reader says of each button by which keys it is pressed.
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
    // Of two presses that reach a busy server together, Streamlit may drop the first.
    if (!idle || performance.now() - this.pressedAt < (this.worked ? SETTLE : PATIENCE)) return;
    this.current = this.waiting.shift();
    if (!this.current) return;
    const button = document.querySelector(`.st-key-${CSS.escape(this.current)} button`);
    if (!button || button.disabled) return;
    this.pressedAt = performance.now();
    // A list opens without the server.
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
    // Streamlit also calls this when it draws anew: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || listeners.get(parentElement) !== keys) return;
      listeners.delete(parentElement);
      keys.close();
    });
  };
}
