// A press waits for what was typed before it: it is held for as long as that takes to reach the lab, and then pressed.

const MOST_HELD = 8000;
// What has been drawn reaches the fields a moment later.
const SETTLED = 300;
const JUST_LEFT = 500;
const COLOURS = ["--st-background-color", "--st-text-color", "--st-orange-color", "--st-border-color", "--st-primary-color",
  "--st-font", "--st-base-radius", "--st-button-radius"];
let passing = null;

// A press of one of the lab's buttons that the server has not confirmed, and one that a cut has met.
let unconfirmed = null;
let cut = null;
let confirmed = "";

// When a field of Streamlit's own was left with something new in it. It sends that then, and of that and a change of page that
// come together, Streamlit may lose the change.
let leftAt = -Infinity;
const entered = new WeakMap();

window.addEventListener("focusin", ({ target }) => entered.set(target, target.value), true);
window.addEventListener(
  "focusout",
  ({ target }) => {
    if (target.closest(".lab-editor") || entered.get(target) === target.value) return;
    leftAt = performance.now();
  },
  true,
);

// A press begins before it is one: mostly, the text has arrived when it is.
window.addEventListener("pointerdown", flushAll, true);
window.addEventListener("click", hold, true);
window.addEventListener("pointerdown", meetCut, true);

function hold(event) {
  const pressed = event.target.closest?.("button, a[href]");
  if (!pressed || pressed === passing || pressed.closest(".lab-editor, .lab-said")) return;
  const waiting = [...drafts.values()].filter((draft) => draft.state !== "kept" || draft.dirty || draft.sending);
  const own = waiting.filter((draft) => draft.field?.block?.contains(pressed));
  // Texts that cannot be sent now keep nobody from pressing what is not theirs.
  const moving = waiting.filter((draft) => own.includes(draft) || draft.state === "waiting" || draft.sending);
  const isLeft = pressed.matches("a") && performance.now() - leftAt < JUST_LEFT;
  if (!moving.length && !isLeft) {
    watch(pressed);
    return;
  }
  event.preventDefault();
  event.stopImmediatePropagation();
  const again = finder(pressed);
  const patience = new Promise((resolve) => setTimeout(resolve, MOST_HELD));
  const settled = [...moving.map((draft) => draft.settle()), isLeft && drawnAnew()];
  Promise.race([Promise.all(settled), patience]).then(() => {
    const stuck = own.find((draft) => draft.state !== "kept");
    if (stuck) {
      say(`"${wordsOn(pressed)}" was not pressed: ${STUCK[stuck.state] ?? STUCK.away}`);
      stuck.field?.focus();
      return;
    }
    passing = again();
    if (passing) watch(passing);
    passing?.click();
    passing = null;
  });
}

// What was asked for before is drawn.
async function drawnAnew() {
  do await new Promise((resolve) => setTimeout(resolve, SETTLED));
  while (document.querySelector(".stApp")?.dataset.testScriptState !== "notRunning");
}

function isConnected() {
  return document.querySelector(".stApp")?.dataset.testConnectionState === "CONNECTED";
}

function watch(pressed) {
  if (!pressed.closest('[data-testid="stButton"]') || pressed.disabled) return;
  unconfirmed = { words: wordsOn(pressed), confirmed };
  if (!isConnected()) lineIsCut();
}

// While the line is cut, Streamlit takes no press, and says nothing.
function meetCut(event) {
  const button = event.target.closest?.('[data-testid="stButton"] button');
  if (!button || isConnected()) return;
  unconfirmed = { words: wordsOn(button), confirmed };
  lineIsCut();
}

function lineIsCut() {
  cut = unconfirmed ?? cut;
  unconfirmed = null;
}

// Each drawing tells which session it is of, and how many presses have arrived in it.
function confirmPresses(presses) {
  confirmed = presses;
  if (unconfirmed && unconfirmed.confirmed !== presses) unconfirmed = null;
}

// The line is back, and what was pressed has been drawn if it has arrived.
function judgeCut() {
  const app = document.querySelector(".stApp");
  if (!cut || !isConnected() || app.dataset.testScriptState !== "notRunning") return;
  const [session, count] = confirmed.split(":");
  const [before, counted] = cut.confirmed.split(":");
  if (session !== before || count === counted)
    say(`The line was cut: "${cut.words}" has not reached the lab. Press it again.`);
  cut = null;
}

new MutationObserver(() => {
  if (isConnected()) setTimeout(judgeCut, SETTLED);
  else lineIsCut();
}).observe(document.querySelector(".stApp") ?? document.body, {
  attributeFilter: ["data-test-connection-state", "data-test-script-state"],
});

const STUCK = {
  conflict: "first choose between the two texts of this field.",
  refused: "the lab does not take the text of this field, as it says below it.",
  away: "what you typed has not reached the lab yet. Press again when the line is back.",
};

// The same button or link, also after the page was drawn anew.
function finder(pressed) {
  const key = [...(pressed.closest('[class*="st-key-"]')?.classList ?? [])].find((name) => name.startsWith("st-key-"));
  const link = pressed.getAttribute("href");
  return () => {
    if (pressed.isConnected) return pressed;
    if (link) return [...document.querySelectorAll("a[href]")].find((each) => each.getAttribute("href") === link);
    const words = pressed.textContent;
    return [...document.querySelectorAll(key ? `.${key} button` : "button")].find((each) => each.textContent === words);
  };
}

// A sentence at the edge of the window, until it is put away; the same one stands there once.
function say(words) {
  for (const shown of document.querySelectorAll(".lab-said")) if (shown.firstChild.textContent === words) return;
  const box = element("div", "lab-said", document.body);
  // Streamlit gives its colours to its elements only.
  const theme = getComputedStyle(document.querySelector(".lab-editor") ?? document.body);
  for (const name of COLOURS) box.style.setProperty(name, theme.getPropertyValue(name));
  box.setAttribute("role", "alert");
  element("span", "", box).textContent = words;
  const close = element("button", "lab-editor-button", box);
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
}

// Without the name of its icon and of its shortcut.
function wordsOn(button) {
  return (button.querySelector("[data-testid=stMarkdownContainer]") ?? button).textContent.trim();
}
