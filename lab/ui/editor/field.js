// A field: its editing surface, the messages about its text, and the choice between two texts after a conflict.

const cells = new WeakMap();
const SURFACES = { code: Code, plain: Plain };

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

function isRunKey({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return key === "Enter" && (ctrlKey || metaKey) && !altKey && !shiftKey;
}

function isUndoKey({ key, ctrlKey, metaKey, altKey, shiftKey }) {
  return key.toLowerCase() === "z" && (ctrlKey || metaKey) && !altKey && !shiftKey;
}

// The field of the cell with the focus, also on its buttons: else Streamlit would press another button with that key.
function fieldOf(target) {
  const own = target.closest?.(".lab-editor");
  const fields = [...drafts.values()].map((draft) => draft.field).filter(Boolean);
  return fields.find((field) => (own ? field.root === own : field.data.code && field.block?.contains(target)));
}

// In the capture phase, before Streamlit and Ace.
window.addEventListener(
  "keydown",
  (event) => {
    const field = isRunKey(event) && fieldOf(event.target);
    if (!field) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    // A key that is held down is one press.
    if (!event.repeat) field.run();
  },
  true,
);

class Field {
  constructor(parent, data) {
    this.data = data;
    this.key = data.key;
    this.root = element("div", "lab-editor", parent);
    this.block = data.block ? parent.closest(`.st-key-${data.block}`) : null;
    this.place = element("div", "", this.root);
    this.foot = element("div", "lab-editor-foot", this.root);
    this.note = element("div", "lab-editor-note", this.foot);
    this.note.id = `${data.key}-note`;
    this.news = element("div", "lab-editor-unseen", this.root);
    this.news.setAttribute("role", "status");
    this.draft = Draft.of(data.owner, data.name);
    const where = this.draft.field?.surface?.where?.() ?? this.draft.where;
    this.draft.field = this;
    this.learn(data);
    this.surface = new SURFACES[data.surface](this);
    if (where) this.surface.goOn?.(where);
    if (data.versions) this.versions = new Versions(this);
    this.follow();
    adopt(data.owner);
  }

  learn(data) {
    channels.set(data.owner, data.channel);
    confirmPresses(data.presses);
    this.draft.learn(data.text, data.at);
  }

  update(data, setTriggerValue) {
    this.data = data;
    this.setTriggerValue = setTriggerValue;
    this.learn(data);
    this.surface.update();
  }

  typed(text) {
    this.draft.typed(text);
  }

  put(text) {
    this.draft.typed(text, true);
    this.surface.show(text);
    this.draft.flush();
  }

  // Puts back the version before the current one.
  async stepBack() {
    const { owner, name, text } = this.draft;
    try {
      await this.draft.settle();
      const versions = await askVersions(owner, name);
      // If the current text is a version that was put back, go on from that version.
      const here = versions.findIndex((version) => version.text === this.steppedTo && text === this.steppedTo);
      const before = versions.slice(here + 1).find((version) => version.text !== text);
      if (!before || this.draft.text !== text) return;
      this.steppedTo = before.text;
      this.put(before.text);
      // The next undo goes one version further back, not back to the text before this one.
      this.surface.settle();
    } catch {
      say("The earlier versions cannot be reached now. Try again when the line is back.");
    }
  }

  async run() {
    if (!this.data.code) {
      this.draft.flush();
      return;
    }
    this.surface.beforeRun?.();
    if (await this.draft.settle()) this.setTriggerValue("run", Date.now());
    else say(`The cell was not run: ${STUCK[this.draft.state] ?? STUCK.away}`);
  }

  focus() {
    (this.bar?.querySelector("button") ?? this.surface).focus();
  }

  fail(words) {
    this.failed = words;
    this.follow();
  }

  // Shows the state of the draft.
  follow() {
    if (!this.surface) return;
    const { draft } = this;
    this.surface.show(draft.text);
    const away = "The lab cannot be reached. What you type is kept in this browser, and sent when the line is back.";
    const words = this.failed || draft.error || (draft.state === "away" ? away : "");
    const said = words || this.surface.hint;
    if (this.note.textContent !== said) this.note.textContent = said;
    this.note.classList.toggle("lab-editor-failed", Boolean(words));
    // Announced once, not at each letter.
    if (this.news.textContent !== words) this.news.textContent = words;
    this.root.dataset.draft = draft.dirty || draft.sending ? "waiting" : draft.state;
    if (draft.state === "conflict") this.ask();
    else this.unask();
  }

  ask() {
    const { draft } = this;
    if (this.bar && this.asked === draft.other + "\0" + draft.text) return;
    this.asked = draft.other + "\0" + draft.text;
    const isNew = !this.bar;
    if (isNew) {
      this.bar = element("div", "lab-editor-conflict", this.root);
      this.bar.setAttribute("role", "group");
      this.bar.setAttribute("aria-label", "Two texts, of which one is to stay");
      const words = element("p", "", this.bar);
      words.setAttribute("role", "alert");
      words.textContent =
        "This text was changed in another tab or browser while you typed here. Nothing is lost: choose which one stays, " +
        "the other becomes an earlier version.";
      const buttons = element("div", "lab-editor-buttons", this.bar);
      this.button(buttons, "Keep what is here", () => draft.keepMine());
      this.button(buttons, "Take the other one", () => draft.takeOther());
      const compare = element("details", "", this.bar);
      compare.open = true;
      element("summary", "", compare).textContent = "Compare: + stands only here, - only in the other one";
      this.compared = element("pre", "lab-editor-compared", compare);
    }
    showDifference(this.compared, draft.other, draft.text);
  }

  button(parent, words, act) {
    const made = element("button", "lab-editor-button", parent);
    made.type = "button";
    made.textContent = words;
    made.addEventListener("click", async () => {
      await act();
      this.surface.focus();
    });
  }

  unask() {
    this.bar?.remove();
    this.bar = null;
  }

  close() {
    this.draft.flush();
    if (this.draft.field === this) {
      this.draft.where = this.surface.where?.();
      this.draft.field = null;
    }
    this.surface.close();
    this.root.remove();
  }
}

export default function ({ data, parentElement, setTriggerValue }) {
  let field = cells.get(parentElement);
  if (field && (field.draft.owner !== data.owner || field.draft.name !== data.name)) {
    field.close();
    field = null;
  }
  if (!field) {
    field = new Field(parentElement, data);
    cells.set(parentElement, field);
  }
  field.update(data, setTriggerValue);
  return () => {
    // Streamlit also calls this cleanup when it has drawn anew before this module was loaded: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || cells.get(parentElement) !== field) return;
      cells.delete(parentElement);
      field.close();
    });
  };
}
