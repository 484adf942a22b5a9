// The browser's storage of drafts that the lab has not saved yet, by learner, field and tab.

const STORED = "lab-text";
const TAB_KEY = "lab-tab";
const tab = takeTab();

// The tab's name, which survives a reload. It is stored only while the page is away: a duplicated tab gets another one.
function takeTab() {
  try {
    const name = sessionStorage.getItem(TAB_KEY);
    sessionStorage.removeItem(TAB_KEY);
    if (name) return name;
  } catch {
    // Without storage, drafts live as long as the page.
  }
  return `${Date.now().toString(36)}${Math.random().toString(36).slice(2)}`;
}

function putDownTab() {
  try {
    sessionStorage.setItem(TAB_KEY, tab);
  } catch {
    // A draft that is not sent now is found by another tab later.
  }
}

function storedKey(owner, name) {
  return `${STORED} ${owner} ${name} ${tab}`;
}

function writeStored(key, kept) {
  try {
    localStorage.setItem(key, JSON.stringify(kept));
  } catch {
    // With a full storage, only drafts that a closed tab has not sent are lost.
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
    // Without storage, there is nothing to remove.
  }
}

function allStored() {
  try {
    return Object.keys(localStorage).filter((key) => key.startsWith(`${STORED} `));
  } catch {
    return [];
  }
}
