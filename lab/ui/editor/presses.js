// A press waits for the text that was typed before it: it is held until the lab has saved that, and then repeated.

const MOST_HELD = 8000;
// A new drawing reaches the fields a moment later.
const SETTLED = 300;
const JUST_LEFT = 500;
const COLOURS = ["--st-background-color", "--st-text-color", "--st-orange-color", "--st-border-color", "--st-primary-color",
  "--st-font", "--st-base-radius", "--st-button-radius"];
let passing = null;

// A press of one of the lab's buttons that the server has not confirmed yet, and one that met a lost connection.
let unconfirmed = null;
let cut = null;
let confirmed = "";
// The dialog that was closed last. If it takes the focus again before it is gone, there is no fight for it.
let closed = null;

// When one of Streamlit's own fields was left with a new value. It sends the value then. If that and a change of page
// come together, Streamlit may lose the change of page.
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

// Sends at pointerdown, which comes before click: mostly, the text has arrived when the click comes.
window.addEventListener("pointerdown", flushAll, true);
window.addEventListener("click", hold, true);
window.addEventListener("pointerdown", meetCut, true);

function hold(event) {
  const pressed = event.target.closest?.("button, a[href]");
  if (!pressed || pressed === passing || pressed.closest(".lab-editor, .lab-said")) return;
  const waiting = [...drafts.values()].filter((draft) => draft.state !== "kept" || draft.dirty || draft.sending);
  const own = waiting.filter((draft) => draft.field?.block?.contains(pressed));
  // A text that cannot be sent now does not block the buttons of other cells.
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

// Waits until the earlier requests are drawn.
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

// While the connection is lost, Streamlit ignores presses without a message.
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

// Some seconds after a cut, a dialog of Streamlit's takes the focus, and with it the letters of whoever is typing. The field
// says that the lab cannot be reached; so the dialog is closed, and does not come again before the line is back.
window.addEventListener(
  "focusin",
  ({ target, relatedTarget }) => {
    const dialog = target.closest?.('[role="dialog"]');
    if (!dialog || dialog === closed || isConnected() || !relatedTarget?.closest(".lab-editor")) return;
    closed = dialog;
    dialog.querySelector('[aria-label="Close"]')?.click();
    relatedTarget.focus();
    const back = () => {
      if (dialog.isConnected) setTimeout(back, 20);
      else if (document.activeElement === document.body) relatedTarget.focus();
    };
    back();
  },
  true,
);

// Each drawing tells its session, and how many presses have arrived in it.
function confirmPresses(presses) {
  confirmed = presses;
  if (unconfirmed && unconfirmed.confirmed !== presses) unconfirmed = null;
}

// Once the connection is back and the page is drawn, a press that is still missing has been lost.
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

// Shows a message at the edge of the window until it is closed; the same message only once.
function say(words) {
  for (const shown of document.querySelectorAll(".lab-said")) if (shown.firstChild.textContent === words) return;
  const box = element("div", "lab-said", document.body);
  // Only Streamlit's own elements have the theme's colours.
  const theme = getComputedStyle(document.querySelector(".lab-editor") ?? document.body);
  for (const name of COLOURS) box.style.setProperty(name, theme.getPropertyValue(name));
  box.setAttribute("role", "alert");
  element("span", "", box).textContent = words;
  const close = element("button", "lab-editor-button", box);
  close.type = "button";
  close.textContent = "Close";
  close.addEventListener("click", () => box.remove());
}

// The label of a button without its icon's name and its shortcut.
function wordsOn(button) {
  return (button.querySelector("[data-testid=stMarkdownContainer]") ?? button).textContent.trim();
}
