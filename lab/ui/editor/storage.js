// What the browser keeps of drafts that the lab does not have yet, by learner, field and tab.

const STORED = "lab-text";
const TAB_KEY = "lab-tab";
const tab = takeTab();

// The tab's own name over a reload. It is put down only while the page is away: a tab that is doubled has another one.
function takeTab() {
  try {
    const name = sessionStorage.getItem(TAB_KEY);
    sessionStorage.removeItem(TAB_KEY);
    if (name) return name;
  } catch {
    // Without a storage, drafts live as long as the page.
  }
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
}

function putDownTab() {
  try {
    sessionStorage.setItem(TAB_KEY, tab);
  } catch {
    // What is not sent now, another tab finds later.
  }
}

function storedKey(owner, name) {
  return `${STORED} ${owner} ${name} ${tab}`;
}

function writeStored(key, kept) {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // A full storage costs what a closed tab had not sent, nothing else.
  }
}

function readStored(key) {
  try {
    const { text, known, keep, when } = JSON.parse(localStorage.getItem(key));
    return typeof text === "string" && Array.isArray(known) ? { text, known, keep: Boolean(keep), when } : null;
  } catch {
    return null;
  }
}

function dropStored(key) {
  try {
    localStorage.removeItem(key);
  } catch {
    // Then there is none.
  }
}

function allStored() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${STORED} `));
  } catch {
    return [];
  }
}
