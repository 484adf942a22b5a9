// The surface for code: the editor Ace.

const ACE_FILES = ["ace.js", "mode-python.js", "ext-language_tools.js"];
// A caret that does not blink.
const STEADY = matchMedia("(prefers-reduced-motion: reduce)").matches ? { cursorStyle: "wide" } : {};
const THEME = { cssClass: "lab-ace", cssText: "", isDark: false };
// These commands would load parts of Ace that are not shipped. The browser's own search is enough.
const COMMANDS_LEFT_OUT = [
  "showSettingsMenu", "find", "findnext", "findprevious", "replace", "gotoline", "openCommandPalette",
  "goToNextError", "goToPreviousError", "togglerecording", "replaymacro",
];

// Room for two digits from the start, so that the text does not move when the tenth line is added.
const GUTTER = {
  getWidth: (_, last, config) => Math.max(2, String(last).length) * config.characterWidth,
  getText: (_, row) => row + 1,
};

// The promise that all editors share while the three files of Ace load.
let loading;
// By key: the session of an unmounted editor, which the next mount continues.
const parked = new Map();

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

class Code {
  hint = "Ctrl+Enter runs · Esc, then Tab, leaves the editor";

  constructor(field) {
    this.field = field;
    this.box = element("div", "lab-editor-box", field.place);
    this.ghost = element("pre", "lab-editor-ghost", this.box);
    this.ghost.textContent = field.draft.text;
    this.wrong = element("div", "lab-editor-unseen", field.place);
    this.wrong.id = `${field.key}-wrong`;
    this.wrong.setAttribute("role", "status");
    this.onKey = this.onKey.bind(this);
    // The border does not belong to the editor: a click there would leave the focus with the page.
    this.box.addEventListener("mousedown", (event) => {
      if (event.target !== this.box || !this.editor) return;
      event.preventDefault();
      this.editor.focus();
    });
    loadAce(field.data.ace).then(
      (ace) => this.closed || this.open(ace),
      () => field.fail("The editor could not be loaded. Reload the page, or switch to the plain text field."),
    );
  }

  show(text) {
    this.ghost.textContent = text;
    if (!this.editor || this.editor.getValue() === text) return;
    const { row, column } = this.editor.getCursorPosition();
    this.showing = true;
    this.editor.setValue(text, -1);
    this.showing = false;
    this.editor.moveCursorTo(row, column);
    this.editor.clearSelection();
  }

  update() {
    if (!this.editor) return;
    this.describe();
    this.mark();
  }

  focus() {
    this.editor?.focus();
  }

  beforeRun() {
    this.editor?.completer?.detach();
  }

  settle() {
    this.editor.session.getUndoManager().reset();
  }

  open(ace) {
    const { field } = this;
    const place = element("div", "", this.box);
    const before = parked.get(field.key);
    parked.delete(field.key);
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
      value: field.draft.text,
      ...STEADY,
    });
    this.editor = editor;
    for (const command of COMMANDS_LEFT_OUT) editor.commands.removeCommand(command);
    this.complete(ace);
    if (before && before.session.getValue() === field.draft.text) editor.setSession(before.session);
    editor.session.gutterRenderer = GUTTER;
    this.ghost.remove();
    // In the capture phase, before Ace.
    place.addEventListener("keydown", this.onKey, true);
    editor.on("change", () => {
      if (!this.showing) field.typed(editor.getValue());
    });
    editor.on("blur", field.draft.flush);
    this.keyboard = {
      // The event is passed on, so the browser moves the focus to the next element.
      handleKeyboard: (_, hash, key) =>
        key === "tab" && this.leaving ? { command: "null", passEvent: true } : undefined,
    };
    editor.keyBinding.addKeyboardHandler(this.keyboard);
    this.sizes = new ResizeObserver(() => editor.resize());
    this.sizes.observe(this.box);
    const input = editor.textInput.getElement();
    input.setAttribute("aria-multiline", "true");
    input.setAttribute("aria-describedby", `${field.note.id} ${this.wrong.id}`);
    this.describe();
    this.mark();
    if (before && before.focused && performance.now() - before.at < 2000) editor.focus();
  }

  describe() {
    const label = `${this.field.data.label || "Code"}, Python code editor`;
    this.editor.setOption("textInputAriaLabel", label);
    this.editor.textInput.setAriaLabel();
  }

  onKey(event) {
    if (isUndoKey(event) && !this.editor.session.getUndoManager().canUndo()) this.field.stepBack();
    if (event.key === "Escape") this.leaving = true;
    else if (event.key !== "Tab" && event.key !== "Shift") this.leaving = false;
  }

  complete(ace) {
    const { Autocomplete } = ace.require("ace/autocomplete");
    const words = this.field.data.words.map(([value, meta]) => ({ value, meta, score: 2 }));
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
      // If Ace closed brackets by itself, a learner who closes one on a later line would double it.
      behavioursEnabled: false,
      enableBasicAutocompletion: [own],
      enableLiveAutocompletion: [own],
      liveAutocompletionThreshold: 2,
    });
    const completer = Autocomplete.for(this.editor);
    // Inside the field, where Streamlit's colours are known.
    completer.parentNode = this.field.root;
    // If the list opened by itself, Enter still begins a new line; Tab or an arrow key chooses.
    Object.defineProperty(completer, "autoSelect", { get: () => !completer.autoShown, set: () => {} });
  }

  mark() {
    const { session } = this.editor;
    const error = this.closed ? null : this.field.data.error;
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
    // The anchor stays with its line while lines above it are added or removed.
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
    this.closed = true;
    this.sizes?.disconnect();
    if (!this.editor) return;
    this.mark();
    const { session } = this.editor;
    parked.set(this.field.key, { session, focused: this.editor.isFocused(), at: performance.now() });
    // Ace would destroy the session together with the editor.
    this.editor.setSession(window.ace.createEditSession(""));
    this.editor.destroy();
  }
}
