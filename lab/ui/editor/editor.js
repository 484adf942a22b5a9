// The browser's side of the editor; `__init__.py` says what for.
//
// The text that stands here wins over the server's, until the server names another basis. What was typed is sent
// after a pause, when the focus leaves, and again until the server has said that it has seen it; meanwhile it lies in
// the tab's storage, so that a reload finds it.

const PAUSE = 400;
const FIRST_RETRY = 4000;
const LAST_RETRY = 60000;
const ACE_FILES = ["ace.js", "mode-python.js", "ext-language_tools.js"];
const THEME = { cssClass: "lab-ace", cssText: "", isDark: false };
// These would fetch further parts of Ace, which are not there, and the browser's own search does well.
const COMMANDS_LEFT_OUT = [
  "showSettingsMenu", "find", "findnext", "findprevious", "replace", "gotoline", "openCommandPalette",
  "goToNextError", "goToPreviousError", "togglerecording", "replaymacro",
];
const HINT = "Ctrl+Enter runs · Esc, then Tab, leaves the editor";

// Room for two digits from the start: the text does not move when the tenth line comes.
const GUTTER = {
  getWidth: (_, last, config) => Math.max(2, String(last).length) * config.characterWidth,
  getText: (_, row) => row + 1,
};

// Everything that asks for Ace waits for the same three files.
let loading;
// Rises with each message, over all editors of the page, and over a reload.
let newest = 0;
// A mounting that takes the place of another one goes on where that was.
const parked = new Map();
const cells = new WeakMap();

function loadAce(folder) {
  loading ??= Promise.all(
    ACE_FILES.map(
      (file) =>
        new Promise((resolve, reject) => {
          const script = document.createElement("script");
          script.src = `${folder}/${file}`;
          // In order: the later files need the first.
          script.async = false;
          script.onload = resolve;
          script.onerror = () => reject(new Error(`${script.src} could not be loaded`));
          document.head.append(script);
        }),
    ),
  ).then(
    () => {
      window.ace.config.set("basePath", folder);
      return window.ace;
    },
    (error) => {
      loading = undefined;
      throw error;
    },
  );
  return loading;
}

function element(tag, className, parent) {
  const made = document.createElement(tag);
  made.className = className;
  parent.append(made);
  return made;
}

class Cell {
  constructor(parent, data) {
    this.parent = parent;
    this.key = data.key;
    this.stored = `lab-editor:${data.key}`;
    this.root = element("div", "lab-editor", parent);
    this.box = element("div", "lab-editor-box", this.root);
    this.ghost = element("pre", "lab-editor-ghost", this.box);
    this.note = element("div", "lab-editor-note", this.root);
    this.note.id = `${data.key}-note`;
    this.note.textContent = HINT;
    this.wrong = element("div", "lab-editor-unseen", this.root);
    this.wrong.id = `${data.key}-wrong`;
    this.wrong.setAttribute("role", "status");
    // What was typed and has not been sent; what was sent and has not been seen.
    this.dirty = false;
    this.unseen = null;
    // Texts that the server may know, if it has not seen the newest.
    this.known = [];
    this.flush = this.flush.bind(this);
    this.onKey = this.onKey.bind(this);
    this.adopt(data);
    this.ghost.textContent = this.text;
    // Not every browser takes the focus from a text when a button is pressed.
    window.addEventListener("pointerdown", this.flush, true);
    window.addEventListener("pagehide", this.flush);
    // Its rim belongs to no editor, and a press there would leave the keys with the page.
    this.box.addEventListener("mousedown", (event) => {
      if (event.target !== this.box || !this.editor) return;
      event.preventDefault();
      this.editor.focus();
    });
    loadAce(data.ace).then(
      (ace) => this.closed || this.open(ace),
      () => this.fail(),
    );
  }

  // ---- texts -----------------------------------------------------------------------------------------------------

  // Begin with the server's text, or with what this tab typed after it and the server has never seen.
  adopt(data) {
    const kept = this.kept();
    const lost = kept && kept.version === data.version && kept.number > data.seen && kept.known.includes(data.text);
    this.basis = data.basis;
    this.seat = data.seat;
    this.version = data.version;
    this.forget();
    this.known = [data.text];
    this.show(lost ? kept.text : data.text);
    if (lost && kept.text !== data.text) this.changed();
  }

  update(data, setStateValue, setTriggerValue) {
    this.data = data;
    this.setStateValue = setStateValue;
    this.setTriggerValue = setTriggerValue;
    if (data.seat !== this.seat) {
      // A new session, after the server or the connection was lost: as after a reload.
      if (this.dirty || this.unseen !== null) this.keep();
      this.adopt(data);
    } else if (data.basis !== this.basis) {
      this.basis = data.basis;
      this.version = data.version;
      this.forget();
      this.known = [data.text];
      this.show(data.text);
    } else if (this.unseen !== null && data.seen >= this.unseen) {
      this.unseen = null;
      clearTimeout(this.retrying);
      this.known = [data.text];
      if (this.dirty) this.keep();
      else sessionStorage.removeItem(this.stored);
    }
    if (this.editor) {
      this.describe();
      this.mark();
    }
  }

  show(text) {
    this.text = text;
    if (this.closed) return;
    this.ghost.textContent = text;
    if (!this.editor || this.editor.getValue() === text) return;
    const { row, column } = this.editor.getCursorPosition();
    this.showing = true;
    this.editor.setValue(text, -1);
    this.showing = false;
    this.editor.moveCursorTo(row, column);
    this.editor.clearSelection();
  }

  changed() {
    this.dirty = true;
    this.keep();
    clearTimeout(this.pausing);
    this.pausing = setTimeout(this.flush, PAUSE);
  }

  message() {
    newest = Math.max(newest + 1, Date.now());
    clearTimeout(this.pausing);
    this.dirty = false;
    this.unseen = newest;
    this.known.push(this.text);
    this.keep();
    this.retry(FIRST_RETRY);
    return { text: this.text, number: newest, basis: this.basis };
  }

  flush() {
    if (this.dirty && this.setStateValue) this.setStateValue("text", this.message());
  }

  run() {
    if (this.setTriggerValue) this.setTriggerValue("run", this.message());
  }

  // Nobody answers while the connection is lost; what asked to run is then sent as a text only.
  retry(wait) {
    clearTimeout(this.retrying);
    this.retrying = setTimeout(() => {
      if (this.unseen === null || this.closed) return;
      this.setStateValue("text", { text: this.text, number: this.unseen, basis: this.basis });
      this.retry(Math.min(2 * wait, LAST_RETRY));
    }, wait);
  }

  forget() {
    clearTimeout(this.pausing);
    clearTimeout(this.retrying);
    this.dirty = false;
    this.unseen = null;
    sessionStorage.removeItem(this.stored);
  }

  keep() {
    // Later than any message that has been sent: what is still to be sent.
    const number = this.dirty ? Number.MAX_SAFE_INTEGER : this.unseen;
    const kept = { text: this.text, version: this.version, known: this.known.slice(-20), number };
    try {
      sessionStorage.setItem(this.stored, JSON.stringify(kept));
    } catch {
      // A full storage costs the reload, nothing else.
    }
  }

  kept() {
    try {
      return JSON.parse(sessionStorage.getItem(this.stored));
    } catch {
      return null;
    }
  }

  // ---- Ace -------------------------------------------------------------------------------------------------------

  open(ace) {
    const place = element("div", "", this.box);
    const before = parked.get(this.key);
    parked.delete(this.key);
    const editor = ace.edit(place, {
      mode: "ace/mode/python",
      theme: THEME,
      minLines: 3,
      maxLines: 25,
      wrap: true,
      indentedSoftWrap: true,
      tabSize: 4,
      useSoftTabs: true,
      useWorker: false,
      newLineMode: "unix",
      showPrintMargin: false,
      showFoldWidgets: false,
      scrollPastEnd: 0,
      value: this.text,
    });
    this.editor = editor;
    for (const command of COMMANDS_LEFT_OUT) editor.commands.removeCommand(command);
    this.complete(ace);
    if (before && before.session.getValue() === this.text) editor.setSession(before.session);
    editor.session.gutterRenderer = GUTTER;
    this.ghost.remove();
    // Before Ace, and before Streamlit, whose button may have the same shortcut.
    place.addEventListener("keydown", this.onKey, true);
    editor.on("change", () => {
      this.text = editor.getValue();
      if (!this.showing) this.changed();
    });
    editor.on("blur", this.flush);
    this.keyboard = {
      // Not stopped, so the browser moves on to what comes next.
      handleKeyboard: (_, hash, key) =>
        key === "tab" && this.leaving ? { command: "null", passEvent: true } : undefined,
    };
    editor.keyBinding.addKeyboardHandler(this.keyboard);
    this.sizes = new ResizeObserver(() => editor.resize());
    this.sizes.observe(this.box);
    const input = editor.textInput.getElement();
    input.setAttribute("aria-multiline", "true");
    input.setAttribute("aria-describedby", `${this.note.id} ${this.wrong.id}`);
    this.describe();
    this.mark();
    if (before && before.focused && performance.now() - before.at < 2000) editor.focus();
  }

  fail() {
    this.note.classList.add("lab-editor-failed");
    this.note.textContent = "The editor could not be loaded. Reload the page, or switch to the plain text field.";
  }

  describe() {
    const label = `${this.data.label || "Code"}, Python code editor`;
    this.editor.setOption("textInputAriaLabel", label);
    this.editor.textInput.setAriaLabel();
  }

  onKey(event) {
    if (event.key === "Enter" && (event.ctrlKey || event.metaKey) && !event.altKey && !event.shiftKey) {
      event.preventDefault();
      event.stopImmediatePropagation();
      // A key that is held down is one press.
      if (!event.repeat) {
        this.editor.completer?.detach();
        this.run();
      }
      return;
    }
    if (event.key === "Escape") this.leaving = true;
    else if (event.key !== "Tab" && event.key !== "Shift") this.leaving = false;
  }

  complete(ace) {
    const { Autocomplete } = ace.require("ace/autocomplete");
    const words = this.data.words.map(([value, meta]) => ({ value, meta, score: 2 }));
    const own = {
      identifierRegexps: [/[a-zA-Z_0-9]/],
      getCompletions: (editor, session, position, prefix, callback) => {
        const listed = new Set(words.map((word) => word.value));
        const typed = new Set(session.getValue().match(/[A-Za-z_]\w{2,}/g));
        typed.delete(prefix);
        const local = [...typed].filter((value) => !listed.has(value));
        callback(null, [...words, ...local.map((value) => ({ value, meta: "here", score: 1 }))]);
      },
    };
    this.editor.setOptions({
      // A bracket that closes by itself is doubled by whoever closes it on a later line.
      behavioursEnabled: false,
      enableBasicAutocompletion: [own],
      enableLiveAutocompletion: [own],
      liveAutocompletionThreshold: 2,
    });
    const completer = Autocomplete.for(this.editor);
    // Inside, where Streamlit's colours are known.
    completer.parentNode = this.root;
    // Where it opened by itself, Enter goes on to the next line as ever; Tab or an arrow chooses.
    Object.defineProperty(completer, "autoSelect", { get: () => !completer.autoShown, set: () => {} });
  }

  mark() {
    const { session } = this.editor;
    const error = this.data.error;
    const said = error ? `Line ${error.row + 1}: ${error.message}` : "";
    if (this.said === said && this.marked === session) return;
    this.said = said;
    this.marked = session;
    this.wrong.textContent = said;
    if (this.marker) session.removeMarker(this.marker);
    this.anchor?.detach();
    this.marker = this.anchor = null;
    session.clearAnnotations();
    if (!error) return;
    const { Range } = window.ace.require("ace/range");
    // It stays with its line while others come and go above it.
    this.anchor = session.doc.createAnchor(Math.min(Math.max(error.row, 0), session.getLength() - 1), 0);
    const draw = () => {
      if (this.marker) session.removeMarker(this.marker);
      const { row } = this.anchor;
      this.marker = session.addMarker(new Range(row, 0, row, 1), "lab-editor-wrong", "fullLine");
      session.setAnnotations([{ row, column: 0, text: error.message, type: "error" }]);
    };
    this.anchor.on("change", draw);
    draw();
  }

  close() {
    this.flush();
    this.closed = true;
    window.removeEventListener("pointerdown", this.flush, true);
    window.removeEventListener("pagehide", this.flush);
    clearTimeout(this.pausing);
    clearTimeout(this.retrying);
    this.sizes?.disconnect();
    if (this.editor) {
      this.data = { ...this.data, error: null };
      this.mark();
      const { session } = this.editor;
      parked.set(this.key, { session, focused: this.editor.isFocused(), at: performance.now() });
      // Ace would close the session with the editor.
      this.editor.setSession(window.ace.createEditSession(""));
      this.editor.destroy();
    }
    this.root.remove();
  }
}

export default function ({ data, parentElement, setStateValue, setTriggerValue }) {
  let cell = cells.get(parentElement);
  if (!cell) {
    cell = new Cell(parentElement, data);
    cells.set(parentElement, cell);
  }
  cell.update(data, setStateValue, setTriggerValue);
  return () => {
    // Streamlit also calls this when it has drawn anew before this module was loaded: then the element stays.
    setTimeout(() => {
      if (parentElement.isConnected || cells.get(parentElement) !== cell) return;
      cells.delete(parentElement);
      cell.close();
    });
  };
}
