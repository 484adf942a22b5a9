// Names elements that have no accessible name or the same as others: "Run" of a cell becomes "Run: …" with its heading.

const NAMED = "button, summary, input:not([type='radio'], [type='checkbox']), textarea, canvas, table";
const HEADINGS = "h1, h2, h3";
// A box counts as scrolling if more pixels than this are out of sight.
const HIDDEN = 4;
const MAY_SCROLL = '[data-testid="stCode"] :is(div, pre), [data-testid="stVerticalBlock"], [data-testid="stLayoutWrapper"]';
const CAN_HAVE_FOCUS = "button, a[href], input, textarea, select, summary, [tabindex='0']";

// By element: the name that was given, and Streamlit's own name before. A later name from Streamlit has priority.
const given = new WeakMap();

// The text without icon names, which are text, too. A shortcut belongs to the name, and distinguishes the button.
function wordsOf(element) {
  if (element.querySelector("kbd")) return element.textContent.trim();
  const words = element.querySelector('[data-testid="stMarkdownContainer"]') ?? element;
  return words.textContent.trim();
}

function isGiven(element) {
  return given.has(element) && element.getAttribute("aria-label") === given.get(element).name;
}

function ownName(element) {
  const label = isGiven(element) ? given.get(element).before : element.getAttribute("aria-label");
  if (label) return label;
  const labels = [...(element.labels ?? [])].map((each) => each.textContent.trim());
  return labels.join(" ") || (element.matches("button, summary") ? wordsOf(element) : "");
}

function give(element, name) {
  const now = element.getAttribute("aria-label");
  if (now === name) return;
  given.set(element, { name, before: isGiven(element) ? given.get(element).before : now });
  element.setAttribute("aria-label", name);
}

// A control without text, such as an icon button, has no other name than the one it had before.
function takeBack(element) {
  if (isGiven(element)) {
    const { before } = given.get(element);
    if (before === null) element.removeAttribute("aria-label");
    else element.setAttribute("aria-label", before);
  }
  given.delete(element);
}

// The controls of a page in page order, each with its own name and the heading above it.
function listed(main) {
  let heading = "";
  const found = [];
  for (const element of main.querySelectorAll(`${NAMED}, ${HEADINGS}`)) {
    if (element.closest('[aria-hidden="true"]')) continue;
    if (element.matches(HEADINGS)) heading = element.textContent.trim();
    else found.push({ element, heading, own: ownName(element) });
  }
  return found;
}

function isTable(element) {
  return element.matches("canvas, table");
}

function nameAll(main) {
  const found = listed(main);
  const counts = new Map();
  for (const { own } of found) counts.set(own, (counts.get(own) ?? 0) + 1);
  const taken = new Map();
  for (const { element, heading, own } of found) {
    if (isTable(element)) {
      // Our own tables are in a region that has their name.
      if (!own && !element.closest("canvas")) give(element, element.closest("[role='region'][aria-label]")?.ariaLabel ?? heading);
      continue;
    }
    if (!own || !heading || counts.get(own) === 1) {
      takeBack(element);
      continue;
    }
    const name = `${own}: ${heading}`;
    const number = (taken.get(name) ?? 0) + 1;
    taken.set(name, number);
    give(element, number === 1 ? name : `${name}, ${number}`);
  }
}

// Some browsers let the keyboard focus scrolling boxes, others do not.
function reachAll(main) {
  for (const box of main.querySelectorAll(MAY_SCROLL)) {
    const isLong = box.scrollHeight > box.clientHeight + HIDDEN || box.scrollWidth > box.clientWidth + HIDDEN;
    if (!isLong || box.hasAttribute("tabindex") || !/auto|scroll/.test(getComputedStyle(box).overflow)) continue;
    if (box.querySelector(CAN_HAVE_FOCUS)) continue;
    box.tabIndex = 0;
    box.setAttribute("role", "group");
    box.setAttribute("aria-label", "Text that scrolls");
  }
}

// Streamlit shows a toast as a dialog without a name.
function nameToasts() {
  for (const toast of document.querySelectorAll('[data-testid="stToast"]')) give(toast, toast.querySelector("p")?.textContent ?? "");
}

function nameAndReach() {
  nameToasts();
  const main = document.querySelector('[data-testid="stMain"]');
  if (!main) return;
  nameAll(main);
  reachAll(main);
}
