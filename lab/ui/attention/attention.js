// Keeps the focus in place while Streamlit mounts a page anew, or moves it to the result of a press.

const BEAT = 150;
// Names are checked every so many beats.
const SELDOM = 5;
const LONGEST_LABEL = 400;
// After this time, an element that should get the focus is given up.
const LONGEST_WAIT = 15000;
// A live region is cleared for this time, so that the same words are said again.
const BREATH = 200;
const FORGOTTEN = 10000;
const KEYED = '[class*="st-key-"]';
const REACHED = "button:not(:disabled), a[href], input:not(:disabled), textarea, select, summary, [tabindex='0']";
const TYPED = "input, textarea, select";
// Skip links, in addition to Streamlit's own one past the sidebar.
const WAYS = [
  ["Go to the first cell", () => inputOf(document.querySelector('[data-testid="stMain"] .lab-editor'))],
  ["Go to the deliveries", () => document.querySelector(".st-key-delivery")],
];

// The focused element: the element, its words, and the keys of its containers, from the inside out.
let last = null;
// The element pressed last, in the same form: its result may take the focus away from there, and from nowhere else.
let pressed = null;
// The element to which this script moved the focus; null once the person moves the focus elsewhere.
let brought = null;
let isBringing = false;
let byPointer = false;
let page;
const known = {};
let goal = null;
// The skip link that was pressed, until its target is there: an editor is mounted anew now and then.
let wayTo = null;
let isPageNew = false;
// The element that had the focus when the page changed, and the heading of that page.
let leaving = null;
let headingThen = "";
let spoken;
let silence;

function placeOf(element) {
  return { element, words: element.textContent, keys: keysOf(element) };
}

function title() {
  return document.querySelector('[data-testid="stMain"] h1');
}

function keyOf(box) {
  return [...box.classList].find((name) => name.startsWith("st-key-"));
}

function keysOf(element) {
  const keys = [];
  for (let box = element.closest(KEYED); box; box = box.parentElement?.closest(KEYED)) keys.push(keyOf(box));
  return keys;
}

function byKey(key) {
  return document.querySelector(`.${CSS.escape(key)}`);
}

function isSeen(element) {
  return element.getClientRects().length > 0 && getComputedStyle(element).visibility !== "hidden";
}

function isUsable(element) {
  return element.isConnected && !element.disabled && isSeen(element);
}

function inputOf(box) {
  return box?.querySelector(".ace_text-input, .lab-editor-plain");
}

function isIdle() {
  return document.querySelector(".stApp")?.dataset.testScriptState === "notRunning";
}

function isLost() {
  const { activeElement } = document;
  return !activeElement || activeElement === document.body || !isUsable(activeElement);
}

function focusOn(element) {
  if (!element.matches(REACHED) && !element.hasAttribute("tabindex")) {
    element.tabIndex = -1;
    element.classList.add("lab-attention-brought");
  }
  if (element.matches("div.lab-attention-brought")) introduce(element);
  isBringing = true;
  element.focus({ preventScroll: true });
  isBringing = false;
  brought = element;
  // With a mouse, people see where they are.
  if (!byPointer) element.scrollIntoView({ block: "nearest" });
}

// A screen reader says the name of the focused element. A box has none, so it gets its own content as its name.
function introduce(box) {
  const heading = box.querySelector("h1, h2, h3, h4");
  const words = [...box.querySelectorAll("p, li")].map((each) => each.textContent.trim()).join(" ");
  box.setAttribute("role", "group");
  box.setAttribute("aria-label", (heading?.textContent || words || box.textContent).slice(0, LONGEST_LABEL));
  box.addEventListener("blur", () => {
    box.removeAttribute("role");
    box.removeAttribute("aria-label");
  }, { once: true });
}

// The same button or field, also after the page was drawn anew; else its container.
function found({ keys, words }) {
  for (const [depth, key] of keys.entries()) {
    const box = byKey(key);
    if (!box || !isSeen(box)) continue;
    // The editor is still being loaded.
    if (depth === 0 && box.querySelector(".lab-editor") && !inputOf(box)) return null;
    if (depth > 0) return box.querySelector("h1, h2, h3, h4") ?? box;
    const within = [...box.querySelectorAll(REACHED)].filter(isUsable);
    const same = within.find((each) => each.textContent === words);
    if (same ?? within[0]) return same ?? within[0];
  }
  // The heading of the page may be mounted anew, too.
  const heading = title();
  return heading && heading.textContent === words ? heading : null;
}

function isFree() {
  const { activeElement } = document;
  // If the person has moved the focus since the press, it stays there.
  const isWhereItWas = [goal.from, brought].includes(activeElement);
  return isLost() || isWhereItWas || keysOf(activeElement).some((key) => key === goal.fromKey);
}

function look() {
  if (isPageNew) openPage();
  if (goal && performance.now() > goal.until) goal = null;
  if (wayTo) goOn();
  if (!isIdle()) return;
  if (goal) {
    const box = byKey(goal.key);
    if (box && isSeen(box)) {
      const input = inputOf(box);
      // The editor is still being loaded.
      if (box.querySelector(".lab-editor") && !input) return;
      if (isFree()) focusOn(input ?? box);
      goal = null;
    }
    return;
  }
  if (!last || !isLost() || isUsable(last.element)) return;
  const place = found(last);
  if (place) focusOn(place);
}

function goOn() {
  const place = wayTo.find();
  if (place) focusOn(place);
  if (place || performance.now() > wayTo.until) wayTo = null;
}

function openPage() {
  const heading = title();
  const { activeElement } = document;
  // The heading of the page before may still be there. It will go, and the focus with it.
  if (!heading || (heading.textContent === headingThen && !isIdle())) return;
  // A person who already types on the new page stays there; a field of the old page is about to go.
  if (activeElement?.matches(TYPED)) {
    if (activeElement !== leaving) isPageNew = false;
    return;
  }
  isPageNew = false;
  last = null;
  // A press has led to this page, and has already set the target of the focus.
  if (goal) return;
  document.querySelector('[data-testid="stMain"]').scrollTop = 0;
  heading.tabIndex = -1;
  heading.classList.add("lab-attention-brought");
  heading.focus({ preventScroll: true });
}

function say(words) {
  spoken.textContent = "";
  setTimeout(() => {
    spoken.textContent = words;
  }, BREATH);
  // A person who reads the page later should not find the words there.
  clearTimeout(silence);
  silence = setTimeout(() => {
    spoken.textContent = "";
  }, FORGOTTEN);
}

function made(tag, className, parent) {
  const element = document.createElement(tag);
  element.className = className;
  parent.append(element);
  return element;
}

function install() {
  spoken = made("div", "lab-attention-spoken", document.body);
  spoken.setAttribute("role", "status");
  const ways = document.createElement("nav");
  ways.className = "lab-attention-ways";
  ways.setAttribute("aria-label", "Ways into the page");
  document.body.prepend(ways);
  const links = WAYS.map(([words, find]) => {
    const link = made("button", "lab-attention-way", ways);
    link.type = "button";
    link.textContent = words;
    link.hidden = true;
    link.addEventListener("click", () => {
      wayTo = { find, until: performance.now() + LONGEST_WAIT };
      goOn();
    });
    return [link, find];
  });
  window.addEventListener("focusin", ({ target }) => {
    if (!isBringing) brought = null;
    if (target.closest?.(".lab-attention-ways")) last = null;
    else if (target !== document.body) {
      last = placeOf(target);
      // The person has gone elsewhere meanwhile, and stays there.
      wayTo = null;
    }
  }, true);
  window.addEventListener("pointerdown", ({ target }) => {
    byPointer = true;
    // A press beside all controls means that the person has left the last one.
    if (!target.closest?.(`${REACHED}, label, .lab-editor`)) last = null;
  }, true);
  window.addEventListener("click", ({ target }) => {
    const button = target.closest?.(REACHED);
    if (button) pressed = placeOf(button);
  }, true);
  window.addEventListener("keydown", ({ key, ctrlKey, metaKey, target }) => {
    byPointer = false;
    // Ctrl+Enter runs a cell from its editor, which counts as the pressed element.
    if (key === "Enter" && (ctrlKey || metaKey)) pressed = placeOf(target);
  }, true);
  let beats = 0;
  setInterval(() => {
    // A skip link without a target is hidden only once the page is drawn, and not while it has the focus.
    for (const [link, find] of links) {
      if (find()) link.hidden = false;
      else if (isIdle() && document.activeElement !== link) link.hidden = true;
    }
    look();
    beats += 1;
    // Names are given only after the page is drawn.
    if (beats % SELDOM === 0 && isIdle()) nameAndReach();
  }, BEAT);
}

export default function ({ data }) {
  if (!spoken) install();
  if (data.page !== (page ?? data.first)) {
    isPageNew = true;
    leaving = document.activeElement;
    headingThen = title()?.textContent ?? "";
    goal = null;
    wayTo = null;
  }
  page = data.page;
  if (isNews("words")) say(data.words[1]);
  if (isNews("focus"))
    goal = {
      key: `st-key-${data.focus[1]}`,
      from: pressed?.element,
      fromKey: pressed?.keys[0],
      until: performance.now() + LONGEST_WAIT,
    };

  // Requests from before this tab was loaded are done already.
  function isNews(kind) {
    const [number] = data[kind];
    const isNew = known[kind] !== undefined && number > known[kind];
    known[kind] = number;
    return isNew;
  }
}
